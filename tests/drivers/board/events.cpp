#include "drivers/common/board/events.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "drivers/common/output/trace.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"

using namespace scalelab;
using Kind = Event::Kind;
using Json = nlohmann::json;

namespace {

/// Of the n-th chunk, which lasted 1 µs.
Event chunk(std::uint64_t n) { return {1000 * n, 1000 * n + 1000, n, n + 1, Kind::tasks}; }

/// The numbers of the chunks in a log.
std::vector<std::uint64_t> chunks_in(const EventLog& log) {
  std::vector<std::uint64_t> numbers;
  for (const Event& event : log.events()) {
    if (event.kind == Kind::tasks) numbers.push_back(event.first);
  }
  return numbers;
}

std::size_t count_of(Kind kind, const EventLog& log) {
  const auto events = log.events();
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [=](const Event& e) { return e.kind == kind; }));
}

void set_host(Board& board, std::size_t worker, const char* name) {
  std::strncpy(board.facts(worker).host.data(), name, board.facts(worker).host.size() - 1);
}

constexpr Schedule dynamic{Schedule::Kind::dynamic, 1};

Json trace_of(Board& board, const std::string& title) {
  const Folder folder;
  const std::string path = folder.file("trace.json");
  TraceFile(path, board.shape()).write(board, title);
  return Json::parse(content(path));
}

}  // namespace

TEST_CASE("events: until there is no room left, all are kept") {
  std::vector<Event> memory(10);
  EventLog::State state;
  EventLog log(state, memory);
  CHECK(log.wanted());
  for (std::uint64_t n = 0; n < 10; ++n) {
    log.add(chunk(n));
    REQUIRE(chunks_in(log).size() == n + 1);
  }
  CHECK(state.stride == 1);
  EventLog::State other;
  EventLog none(other, {});
  CHECK_FALSE(none.wanted());
  none.add(chunk(0));
  CHECK(none.events().empty());
}

TEST_CASE("events: however many there are, those that are kept are evenly spread") {
  for (const std::size_t room : {2UL, 5UL, 16UL, 37UL}) {
    std::vector<Event> memory(room);
    EventLog::State state;
    EventLog log(state, memory);
    for (std::uint64_t n = 0; n < 3000; ++n) {
      log.add(chunk(n));
      CAPTURE(room, n);
      const auto kept = chunks_in(log);
      REQUIRE((kept.size() <= room && 2 * kept.size() + 2 > std::min(n + 1, room)));
      // One of a power of two of them, from the first on.
      const std::uint64_t step = kept.size() > 1 ? kept[1] : state.stride;
      REQUIRE((step & (step - 1)) == 0);
      for (std::size_t i = 0; i < kept.size(); ++i) REQUIRE(kept[i] == i * step);
      REQUIRE(kept.size() == n / step + 1);
    }
  }
}

TEST_CASE("events: journals and restarts are kept while chunks are dropped") {
  for (const std::size_t room : {16UL, 37UL}) {
    std::vector<Event> memory(room);
    EventLog::State state;
    EventLog log(state, memory);
    std::size_t rare = 0;
    for (std::uint64_t n = 0; n < 5000; ++n) {
      log.add(chunk(n));
      if (n % 1000 == 7) log.add({1000 * n, 1000 * n, 0, ++rare, Kind::journal});
      if (n % 1000 == 8) log.add({1000 * n, 1000 * n, 0, ++rare, Kind::restart});
    }
    CHECK((count_of(Kind::journal, log) == 5 && count_of(Kind::restart, log) == 5));
    CHECK(log.events().size() <= room);
    const auto kept = chunks_in(log);
    REQUIRE(kept.size() > 1);
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i] == i * kept[1]);
    CHECK(std::is_sorted(log.events().begin(), log.events().end(),
                         [](const Event& a, const Event& b) { return a.begin < b.begin; }));
  }
}

TEST_CASE("events: a log that is full of what is kept takes no more, and does no harm") {
  std::vector<Event> memory(9);
  EventLog::State state;
  EventLog log(state, std::span(memory).first(8));
  for (std::uint64_t n = 0; n < 100; ++n) log.add({n, n, 0, n, Kind::journal});
  for (std::uint64_t n = 0; n < 100; ++n) log.add(chunk(n));
  CHECK((log.events().size() == 8 && log.events().back().last == 7));
  CHECK(memory[8].end == 0);
}

TEST_CASE("events: a log that comes from elsewhere is the same again") {
  std::vector<Event> memory(8);
  EventLog::State state;
  EventLog log(state, memory);
  for (std::uint64_t n = 0; n < 100; ++n) log.add(chunk(n));
  std::vector<Event> copy(8);
  EventLog::State copied;
  EventLog other(copied, copy);
  std::ranges::copy(log.events(), other.restore(log.state()).begin());
  CHECK(chunks_in(other) == chunks_in(log));
  log.add(chunk(100));
  other.add(chunk(100));
  CHECK(chunks_in(other) == chunks_in(log));
}

TEST_CASE("trace: JSON with a name for each host and worker, and every event where it belongs") {
  const auto board = Board::on_heap({100, 1, 3, dynamic, 10});
  set_host(*board, 0, "alpha");
  set_host(*board, 1, "beta \"b\"");
  set_host(*board, 2, "alpha");
  board->events(0).add({5'000'000, 5'002'500, 10, 20, Kind::tasks});
  board->events(0).add({5'003'000, 5'004'000, 0, 12'345, Kind::journal});
  board->events(2).add({4'999'000, 5'000'000, 7, 8, Kind::tasks});
  board->events(2).add({5'001'000, 5'001'000, 30, 31, Kind::restart});
  board->events(2).add({5'002'000, 5'002'000, 0, 0, Kind::restart});
  board->events(1).add({77'000, 78'000, 0, 1, Kind::tasks});  // another clock
  const Json trace = trace_of(*board, "a \"title\"\n\xFF");
  std::map<int, std::string> processes;
  std::map<int, std::string> threads;
  std::map<int, int> process_of;
  std::map<std::string, Json> by_name;
  for (const Json& event : trace.at("traceEvents")) {
    const int worker = event.at("tid");
    const int host = event.at("pid");
    if (event.at("name") == "process_name") {
      CHECK(processes.emplace(host, event.at("args").at("name")).second);
    } else if (event.at("name") == "thread_name") {
      CHECK(threads.emplace(worker, event.at("args").at("name")).second);
      process_of[worker] = host;
    } else {
      CHECK(event.at("ts").get<double>() >= 0);
      CHECK(process_of.at(worker) == host);
      by_name[event.at("name").get<std::string>() + " by " + std::to_string(worker)] = event;
    }
  }
  CHECK(threads == std::map<int, std::string>{{0, "worker 0"}, {1, "worker 1"}, {2, "worker 2"}});
  CHECK(processes.size() == 2);
  CHECK(processes.at(process_of.at(0)) == "alpha");
  CHECK(processes.at(process_of.at(1)) == "beta \"b\"");
  CHECK(process_of.at(2) == process_of.at(0));
  CHECK(by_name.size() == 6);
  const Json& tasks = by_name.at("tasks 10 to 19 by 0");
  CHECK((tasks.at("ph") == "X" && tasks.at("ts") == 1.0 && tasks.at("dur") == 2.5));
  CHECK((tasks.at("args").at("first") == 10 && tasks.at("args").at("tasks") == 10));
  CHECK(by_name.at("task 7 by 2").at("ts") == 0.0);
  CHECK(by_name.at("journal by 0").at("args").at("bytes") == 12'345);
  CHECK(by_name.at("died in task 30 by 2").at("ph") == "i");
  CHECK(by_name.at("died by 2").at("ts") == 3.0);
  CHECK(by_name.at("task 0 by 1").at("ts") == 0.0);
}

TEST_CASE("trace: without any event it is still a trace, and says how many chunks were left out") {
  const auto board = Board::on_heap({100, 1, 2, dynamic, 4});
  CHECK(trace_of(*board, "").at("traceEvents").size() == 3);
  for (std::uint64_t n = 0; n < 14; ++n) board->events(1).add(chunk(n));
  const Json trace = trace_of(*board, "");
  CHECK(trace.at("otherData").at("one_of_so_many_chunks") == 4);
  CHECK(trace.at("traceEvents").size() == 3 + 4);  // chunks 0, 4, 8, 12
}

TEST_CASE("trace: with any number of workers it stays below 100 MB") {
  // One long event more costs so many bytes: the largest numbers that a day's run of 2^40 tasks
  // has.
  const std::uint64_t day = 86'400'000'000'000;
  const std::uint64_t late = std::uint64_t{1} << 40;
  const auto size_with = [&](std::size_t events) {
    const Folder folder;
    const auto board = Board::on_heap({100, 1, 1, dynamic, 1000});
    board->events(0).add({0, day, 0, late, Kind::tasks});
    for (std::size_t i = 0; i < events; ++i) {
      board->events(0).add({day, 2 * day, late - 100'000, late, Kind::tasks});
    }
    TraceFile(folder.file("t"), board->shape()).write(*board, "");
    return std::filesystem::file_size(folder.file("t"));
  };
  const std::size_t each = (size_with(500) - size_with(0)) / 500;
  CHECK(each > 100);
  for (const std::size_t workers : {1UL, 2UL, 7UL, 64UL, 1000UL, 10'000UL}) {
    CAPTURE(workers, each);
    CHECK(most_events_of(workers) >= 16);
    CHECK(workers * most_events_of(workers) * each < 100'000'000);
  }
}
