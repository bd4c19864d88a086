// --trace: who ran what when, for ui.perfetto.dev; and --progress, for who cannot wait.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
using nlohmann::json;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 3;

json read_trace(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.is_open());
  return json::parse(file);
}

std::vector<json> events_of(const json& trace, const std::string& phase,
                            const std::string& name = "") {
  std::vector<json> events;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != phase) continue;
    if (name.empty() || event["name"].get<std::string>().starts_with(name)) events.push_back(event);
  }
  return events;
}

/// How often each task is part of a slice.
std::map<int, int> slices_by_task(const json& trace) {
  std::map<int, int> slices;
  for (const json& event : events_of(trace, "X", "task")) {
    const int first = event["args"]["first"];
    for (int n = 0; n < event["args"]["tasks"]; ++n) ++slices[first + n];
  }
  return slices;
}

void check_covers(const json& trace, int tasks) {
  const auto slices = slices_by_task(trace);
  CHECK(slices.size() == static_cast<std::size_t>(tasks));
  for (const auto& [task, count] : slices) {
    INFO("task " << task);
    CHECK(count == 1);
    CHECK(task < tasks);
  }
}

/// A row for each worker, with a name of its own, on which slices do not overlap.
void check_rows(const json& trace, int count) {
  std::map<std::pair<int, int>, double> ends;
  std::map<std::string, int> names;
  for (const json& event : events_of(trace, "M", "thread_name")) {
    ends[{event["pid"], event["tid"]}] = 0;
    ++names[event["args"]["name"].get<std::string>()];
  }
  CHECK(ends.size() == static_cast<std::size_t>(count));
  CHECK(names.size() == static_cast<std::size_t>(count));
  CHECK(names.contains("worker 0"));
  CHECK(events_of(trace, "M", "process_name").size() >= 1);
  std::vector<json> slices = events_of(trace, "X");
  std::sort(slices.begin(), slices.end(),
            [](const json& a, const json& b) { return a["ts"] < b["ts"]; });
  for (const json& slice : slices) {
    const std::pair<int, int> row{slice["pid"], slice["tid"]};
    REQUIRE(ends.contains(row));
    if (!slice["name"].get<std::string>().starts_with("task")) continue;
    const double begin = slice["ts"];
    const double length = slice["dur"];
    CHECK(begin >= ends[row] - 0.01);
    CHECK(length >= 0);
    ends[row] = begin + length;
  }
}

}  // namespace

TEST_CASE("a trace has a row for each worker, and each task once") {
  const Folder folder;
  const std::vector<std::string> schedules = {"dynamic", "static", "static --chunk 7", "guided"};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    all.push_back(
        fmt::format("--kernel sleep --tasks 60 --task-time 2ms --schedule {} --trace '{}' --json",
                    schedules[i], folder / std::to_string(i)));
  }
  const std::vector<Outcome> runs = launch_all(driver, workers, all);
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    INFO(schedules[i] << '\n' << runs[i].err);
    CHECK(runs[i].status == 0);
    const json trace = read_trace(folder / std::to_string(i));
    check_covers(trace, 60);
    check_rows(trace, workers);
    for (const json& slice : events_of(trace, "X")) {
      CHECK(slice["dur"].get<double>() >= 2000 * slice["args"]["tasks"].get<double>());
    }
    if (schedules[i] == "dynamic") {
      CHECK(events_of(trace, "X").size() == 60);
      // Who did how many is what the record says, of the last repetition.
      std::map<int, int> by_worker;
      for (const json& slice : events_of(trace, "X")) ++by_worker[slice["tid"]];
      const json last = repetitions_in(runs[i].out).back();
      for (int worker = 0; worker < workers; ++worker) {
        CHECK(last["accounts"]["tasks"][static_cast<std::size_t>(worker)] == by_worker[worker]);
      }
    }
  }
}

TEST_CASE("a trace says in which task a worker died, and that another went on") {
  if (driver != "processes") return;
  const Folder folder;
  const Outcome run = launch(
      driver, workers,
      fmt::format("--kernel faulty --tasks 100 --schedule dynamic --warmup 0 --repetitions 1 "
                  "--fail-at 57 --fail-by kill --fail-once '{}' --trace '{}'",
                  folder / "marker", folder / "trace.json"),
      faulty);
  INFO(run.err);
  REQUIRE(run.status == 0);
  const json trace = read_trace(folder / "trace.json");
  const auto deaths = events_of(trace, "i");
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0]["name"] == "died in task 57");
  check_rows(trace, workers);
  check_covers(trace, 100);
  // The same worker, in another process, ran it later.
  for (const json& slice : events_of(trace, "X", "task 57")) {
    CHECK(slice["tid"] == deaths[0]["tid"]);
    CHECK(slice["ts"] >= deaths[0]["ts"]);
  }
}

TEST_CASE("a trace shows when the journal was written") {
  const Folder folder;
  const Outcome run =
      launch(driver, workers,
             fmt::format("--kernel sleep --tasks 60 --task-time 10ms --schedule dynamic "
                         "--journal '{}' --trace '{}'",
                         folder / "journal", folder / "trace.json"));
  INFO(run.err);
  REQUIRE(run.status == 0);
  const json trace = read_trace(folder / "trace.json");
  const auto writes = events_of(trace, "X", "journal");
  CHECK(writes.size() >= static_cast<std::size_t>(workers));
  std::uintmax_t bytes = 0;
  for (const json& write : writes) bytes += write["args"]["bytes"].get<std::uintmax_t>();
  CHECK(bytes >= 60 * (32 + 8) / 10);
  check_covers(trace, 60);
}

TEST_CASE("a trace of many short tasks stays below 100 MB, and says what it left out") {
  const Folder folder;
  const std::string file = folder / "trace.json";
  const int tasks = 2'000'000;  // all of them would be twice as much
  const Outcome run =
      launch(driver, workers,
             fmt::format("--kernel spin --task-units 0 --tasks {} --schedule dynamic --warmup 0 "
                         "--repetitions 1 --trace '{}'",
                         tasks, file));
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(std::filesystem::file_size(file) < 100'000'000);
  CHECK(std::filesystem::file_size(file) > 1'000'000);
  std::ifstream text(file);
  CHECK(json::accept(text));
  const std::string head = shell(fmt::format("head -c 400 '{}'", file)).out;
  const std::string key = "\"one_of_so_many_chunks\":";
  REQUIRE(contains(head, key));
  CHECK(std::stoi(head.substr(head.find(key) + key.size())) > 1);
}

TEST_CASE("a trace of ranks on several nodes has them all") {
  if (driver != "mpi") return;
  const Folder folder;
  const std::vector<std::string> schedules = {"static", "dynamic", "guided"};
  for (const auto& [ranks, threads] : {std::pair{4, 1}, {2, 2}}) {
    std::vector<std::string> all;
    for (const std::string& schedule : schedules) {
      all.push_back(
          fmt::format("--threads-per-rank {} --kernel sleep --tasks 60 --task-time 2ms "
                      "--schedule {} --trace '{}'",
                      threads, schedule, folder / schedule));
    }
    const std::vector<Outcome> runs = launch_all("mpi", ranks, all, "SCALELAB_RANKS_PER_NODE=2");
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO(ranks << " ranks, " << all[i] << '\n' << runs[i].err);
      REQUIRE(runs[i].status == 0);
      const json trace = read_trace(folder / schedules[i]);
      check_covers(trace, 60);
      check_rows(trace, 4);
    }
    folder.clear();
  }
}

TEST_CASE("--progress writes nothing where nobody looks") {
  const Outcome run = launch(driver, workers,
                             "--kernel sleep --tasks 300 --task-time 8ms "
                             "--warmup 0 --repetitions 1 --progress --quiet");
  CHECK(run.status == 0);
  CHECK(without_warnings(run.err).empty());
  CHECK(run.out.empty());
}

TEST_CASE("--progress shows on a terminal how far it is") {
  if (shell("command -v script").status != 0) {
    WARN("not tried: needs script (util-linux)");
    return;
  }
  const Folder folder;
  const Outcome run = shell(fmt::format(
      "export SCALELAB_BUILD='{}' TERM=xterm\nscript -qec \"'{}' {} -n {} -- --kernel sleep "
      "--tasks 300 --task-time {}ms --warmup 0 --repetitions 1 --progress --quiet\" '{}'",
      the_kit, LAUNCHER, driver, workers, 8 * workers, folder / "typescript"));
  const std::string shown = run.out;
  INFO(shown);
  CHECK(run.status == 0);
  CHECK(contains(shown, " %  "));
  CHECK(contains(shown, " of 300 tasks"));
  CHECK(contains(shown, " left"));
}
