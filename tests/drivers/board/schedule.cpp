#include "drivers/common/board/schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "drivers/common/board/chunk_queue.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using Kind = Schedule::Kind;
using Ranges = std::vector<Range>;

Schedule fixed(std::size_t chunk = 0) { return {Kind::fixed, chunk}; }

/// What `static` gives one worker.
Ranges ranges_of(const Schedule& schedule, std::size_t tasks, std::size_t workers,
                 std::size_t worker) {
  const Chunks chunks(schedule, tasks, workers);
  Ranges ranges;
  for (std::size_t n = worker; n < chunks.count(); n += workers) ranges.push_back(chunks[n]);
  return ranges;
}

Ranges all_of(const Chunks& chunks) {
  Ranges ranges;
  for (std::size_t n = 0; n < chunks.count(); ++n) ranges.push_back(chunks[n]);
  return ranges;
}

/// The lengths of the chunks, word for word as the design has them.
Ranges by_definition(const Schedule& schedule, std::size_t tasks, std::size_t workers) {
  Ranges ranges;
  const auto hand_out = [&](std::size_t length) {
    const std::size_t first = ranges.empty() ? 0 : ranges.back().last;
    ranges.push_back({first, std::min(first + length, tasks)});
  };
  if (schedule.kind == Kind::fixed && schedule.chunk == 0) {
    for (std::size_t worker = 0; worker < workers; ++worker) {
      const std::size_t length = tasks / workers + (worker < tasks % workers ? 1 : 0);
      if (length > 0) hand_out(length);
    }
    return ranges;
  }
  const std::size_t least = schedule.chunk == 0 ? 1 : schedule.chunk;
  while (ranges.empty() || ranges.back().last < tasks) {
    const std::size_t rest = tasks - (ranges.empty() ? 0 : ranges.back().last);
    std::size_t share = rest / (2 * workers);
    if (share * 2 * workers < rest) ++share;  // rounded up
    hand_out(schedule.kind == Kind::guided ? std::max(least, share) : least);
  }
  return ranges;
}

OptionValues options_of(const std::string& schedule, const std::string& chunk) {
  OptionValues options;
  options.set("schedule", schedule);
  options.set("chunk", chunk, !chunk.empty());
  return options;
}

std::string complaint_about(const std::string& schedule, const std::string& chunk) {
  try {
    schedule_of(options_of(schedule, chunk));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no complaint";
}

void in_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("schedule: static without a chunk gives every worker one block") {
  CHECK(ranges_of(fixed(), 10, 3, 0) == Ranges{{0, 4}});
  CHECK(ranges_of(fixed(), 10, 3, 1) == Ranges{{4, 7}});
  CHECK(ranges_of(fixed(), 10, 3, 2) == Ranges{{7, 10}});
  CHECK(ranges_of(fixed(), 11, 3, 1) == Ranges{{4, 8}});
  CHECK(ranges_of(fixed(), 5, 1, 0) == Ranges{{0, 5}});
}

TEST_CASE("schedule: static with a chunk goes round") {
  CHECK(ranges_of(fixed(2), 10, 3, 0) == Ranges{{0, 2}, {6, 8}});
  CHECK(ranges_of(fixed(2), 10, 3, 1) == Ranges{{2, 4}, {8, 10}});
  CHECK(ranges_of(fixed(2), 10, 3, 2) == Ranges{{4, 6}});
  CHECK(ranges_of(fixed(1), 5, 2, 0) == Ranges{{0, 1}, {2, 3}, {4, 5}});
  CHECK(ranges_of(fixed(1), 5, 2, 1) == Ranges{{1, 2}, {3, 4}});
}

TEST_CASE("schedule: the last chunk may be shorter") {
  CHECK(ranges_of(fixed(4), 10, 2, 0) == Ranges{{0, 4}, {8, 10}});
  CHECK(ranges_of(fixed(4), 10, 2, 1) == Ranges{{4, 8}});
  CHECK(ranges_of(fixed(100), 10, 2, 0) == Ranges{{0, 10}});
  CHECK(ranges_of(fixed(100), 10, 2, 1).empty());
}

TEST_CASE("schedule: with more workers than tasks the last get nothing") {
  for (const std::size_t chunk : {0UL, 1UL}) {
    CHECK(ranges_of(fixed(chunk), 2, 4, 0) == Ranges{{0, 1}});
    CHECK(ranges_of(fixed(chunk), 2, 4, 1) == Ranges{{1, 2}});
    CHECK(ranges_of(fixed(chunk), 2, 4, 2).empty());
    CHECK(ranges_of(fixed(chunk), 2, 4, 3).empty());
  }
}

TEST_CASE("schedule: every task belongs to exactly one worker") {
  for (const std::size_t tasks : {1UL, 2UL, 3UL, 7UL, 16UL, 97UL, 1000UL}) {
    for (const std::size_t workers : {1UL, 2UL, 3UL, 4UL, 7UL, 16UL, 64UL, 1500UL}) {
      for (const std::size_t chunk : {0UL, 1UL, 2UL, 3UL, 10UL, 999UL, 5000UL}) {
        std::vector<int> runs(tasks, 0);
        for (std::size_t worker = 0; worker < workers; ++worker) {
          for (const Range& range : ranges_of(fixed(chunk), tasks, workers, worker)) {
            REQUIRE(range.first < range.last);
            REQUIRE(range.last <= tasks);
            for (std::size_t task = range.first; task < range.last; ++task) ++runs[task];
          }
        }
        CAPTURE(tasks, workers, chunk);
        REQUIRE(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; }));
      }
    }
  }
}

TEST_CASE("schedule: block lengths differ by one task at most, the longer ones first") {
  for (const std::size_t tasks : {1UL, 5UL, 64UL, 1001UL}) {
    for (const std::size_t workers : {1UL, 2UL, 3UL, 8UL, 100UL}) {
      std::vector<std::size_t> lengths;
      for (std::size_t worker = 0; worker < workers; ++worker) {
        const Ranges ranges = ranges_of(fixed(), tasks, workers, worker);
        REQUIRE(ranges.size() <= 1);
        lengths.push_back(ranges.empty() ? 0 : ranges.front().size());
      }
      CHECK(lengths.front() - lengths.back() <= 1);
      CHECK(std::is_sorted(lengths.rbegin(), lengths.rend()));
    }
  }
}

TEST_CASE("schedule: numbers of tasks beyond 32 bits are cut right") {
  const std::size_t tasks = (1UL << 40) + 1;
  CHECK(ranges_of(fixed(), tasks, 2, 0) == Ranges{{0, (1UL << 39) + 1}});
  CHECK(ranges_of(fixed(), tasks, 2, 1) == Ranges{{(1UL << 39) + 1, tasks}});
  CHECK(ranges_of(fixed(1UL << 40), tasks, 2, 1) == Ranges{{1UL << 40, tasks}});
}

TEST_CASE("chunks: every schedule cuts the tasks as it is defined") {
  for (const Kind kind : {Kind::fixed, Kind::dynamic, Kind::guided}) {
    for (const std::size_t tasks : {1UL, 2UL, 3UL, 5UL, 8UL, 13UL, 64UL, 97UL, 1000UL, 4096UL}) {
      for (const std::size_t workers : {1UL, 2UL, 3UL, 4UL, 7UL, 64UL, 1500UL}) {
        for (const std::size_t chunk : {0UL, 1UL, 2UL, 3UL, 10UL, 999UL, 1UL << 40}) {
          const Schedule schedule{kind, chunk};
          CAPTURE(schedule.name(), tasks, workers, chunk);
          REQUIRE(all_of({schedule, tasks, workers}) == by_definition(schedule, tasks, workers));
        }
      }
    }
  }
}

TEST_CASE("chunks: some hands of guided, worked out on paper") {
  // 20 tasks, 2 workers: a quarter of the rest, rounded up.
  CHECK(
      all_of({{Kind::guided, 0}, 20, 2}) ==
      Ranges{{0, 5}, {5, 9}, {9, 12}, {12, 14}, {14, 16}, {16, 17}, {17, 18}, {18, 19}, {19, 20}});
  CHECK(all_of({{Kind::guided, 4}, 20, 2}) == Ranges{{0, 5}, {5, 9}, {9, 13}, {13, 17}, {17, 20}});
  CHECK(all_of({{Kind::guided, 0}, 3, 1}) == Ranges{{0, 2}, {2, 3}});
}

TEST_CASE("chunks: a task is held by the chunk that its number says") {
  for (const Kind kind : {Kind::fixed, Kind::dynamic, Kind::guided}) {
    for (const std::size_t tasks : {1UL, 3UL, 64UL, 97UL, 1000UL}) {
      for (const std::size_t workers : {1UL, 3UL, 64UL, 1500UL}) {
        for (const std::size_t chunk : {0UL, 1UL, 7UL, 5000UL}) {
          const Schedule schedule{kind, chunk};
          const Chunks chunks(schedule, tasks, workers);
          const Ranges expected = by_definition(schedule, tasks, workers);
          CAPTURE(schedule.name(), tasks, workers, chunk);
          for (std::size_t number = 0; number < expected.size(); ++number) {
            for (std::size_t i = expected[number].first; i < expected[number].last; ++i) {
              REQUIRE(chunks.holding(i) == number);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("chunks: 2^48 tasks are cut as few are, and each task is found") {
  const std::size_t tasks = (1UL << 48) + 5;
  for (const Schedule& schedule : {Schedule{Kind::fixed, 0},
                                   {Kind::fixed, 1UL << 36},
                                   {Kind::dynamic, 1UL << 36},
                                   {Kind::guided, 0},
                                   {Kind::guided, 1UL << 30}}) {
    for (const std::size_t workers : {1UL, 3UL, 64UL}) {
      CAPTURE(schedule.name(), schedule.chunk, workers);
      const Chunks chunks(schedule, tasks, workers);
      const Ranges expected = by_definition(schedule, tasks, workers);
      REQUIRE(all_of(chunks) == expected);
      for (std::size_t number = 0; number < expected.size(); ++number) {
        REQUIRE(chunks.holding(expected[number].first) == number);
        REQUIRE(chunks.holding(expected[number].last - 1) == number);
      }
    }
  }
  const Chunks single(fixed(1), tasks, 2);  // too many to look at all
  CHECK((single.count() == tasks && single[tasks - 1] == Range{tasks - 1, tasks}));
  CHECK(single.holding(1UL << 47) == 1UL << 47);
}

TEST_CASE("chunks: more of them than a queue can number are refused, unless they need no queue") {
  const std::size_t most = 0xFF000000U;
  CHECK(Chunks({Kind::dynamic, 1}, most, 2).count() == most);
  CHECK_THROWS_AS(Chunks({Kind::dynamic, 1}, most + 1, 2), UsageError);
  CHECK_THROWS_AS(Chunks({Kind::dynamic, 0}, most + 1, 2), UsageError);
  CHECK(Chunks({Kind::dynamic, 2}, most + 1, 2).count() == most / 2 + 1);
  CHECK_NOTHROW(Chunks({Kind::fixed, 1}, most + 1, 2));
  CHECK_NOTHROW(Chunks({Kind::guided, 0}, most + 1, 2));
  std::string message;
  try {
    Chunks({Kind::dynamic, 1}, 3 * most, 2);
  } catch (const UsageError& error) {
    message = error.what();
  }
  CHECK(message.find("--chunk: expected at least 3 for") == 0);
}

TEST_CASE("schedule: --schedule and --chunk are read") {
  const Schedule plain = schedule_of(options_of("static", ""));
  CHECK(plain.kind == Kind::fixed);
  CHECK(plain.chunk == 0);
  CHECK(plain.name() == "static");
  const Schedule dynamic = schedule_of(options_of("dynamic", "8"));
  CHECK(dynamic.kind == Schedule::Kind::dynamic);
  CHECK(dynamic.kind == Kind::dynamic);
  CHECK(dynamic.chunk == 8);
  CHECK(dynamic.name() == "dynamic");
  CHECK(Chunks(schedule_of(options_of("dynamic", "")), 10, 2).count() == 10);
  const Schedule guided = schedule_of(options_of("guided", "1099511627776"));
  CHECK((guided.kind == Kind::guided && guided.chunk == 1UL << 40 && guided.name() == "guided"));
}

TEST_CASE("schedule: what is no schedule or chunk is refused by name") {
  CHECK(complaint_about("best", "").find("--schedule: expected") == 0);
  for (const char* chunk : {"0", "-1", "two", "1.5", "1099511627777"}) {
    CHECK(complaint_about("dynamic", chunk).find("--chunk: expected a whole number from 1") == 0);
  }
}

TEST_CASE("queue: chunks are taken in order, each once, from two places") {
  ChunkQueue queue;
  CHECK_FALSE(queue.take().has_value());
  CHECK(queue.fill(5, 8));
  CHECK(queue.has_room());
  CHECK(queue.fill(20, 21));
  CHECK_FALSE(queue.has_room());
  CHECK_FALSE(queue.fill(30, 40));
  CHECK(queue.left() == 4);
  for (const std::uint64_t chunk : {5U, 6U, 7U, 20U}) CHECK(queue.take() == std::optional(chunk));
  CHECK_FALSE(queue.take().has_value());
  CHECK(queue.left() == 0);
  CHECK(queue.fill(0, 1));
  CHECK(queue.take() == std::optional<std::uint64_t>(0));
}

TEST_CASE("queue: open until it is closed, and again after a reset") {
  ChunkQueue queue;
  queue.fill(0, 10);
  CHECK_FALSE(queue.closed());
  queue.close();
  CHECK((queue.closed() && queue.take() == std::optional<std::uint64_t>(0)));
  queue.reset();
  CHECK_FALSE((queue.closed() || queue.take().has_value()));
}

TEST_CASE("queue: the largest chunk numbers are handed out") {
  ChunkQueue queue;
  const std::uint64_t last = ChunkQueue::most_chunks - 1;
  REQUIRE(queue.fill(last - 1, last + 1));
  CHECK(queue.take() == std::optional(last - 1));
  CHECK(queue.take() == std::optional(last));
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(queue.take().has_value());
}

TEST_CASE("queue: while one thread fills it, others take every chunk exactly once") {
  const std::size_t chunks = 200'000;
  const std::size_t takers = 4;
  ChunkQueue queue;
  std::vector<std::vector<std::uint64_t>> taken(takers);
  in_threads(takers + 1, [&](std::size_t thread) {
    if (thread == takers) {
      std::uint64_t first = 0;
      for (std::uint64_t length = 1; first < chunks; length = length * 7 % 101) {
        const std::uint64_t end = std::min<std::uint64_t>(first + length, chunks);
        while (!queue.fill(first, end)) std::this_thread::yield();
        first = end;
      }
      queue.close();
      return;
    }
    for (;;) {
      const bool last_look = queue.closed();
      const auto chunk = queue.take();
      if (chunk) taken[thread].push_back(*chunk);
      if (!chunk && last_look) return;
      if (!chunk) std::this_thread::yield();
    }
  });
  std::vector<int> times(chunks, 0);
  for (const auto& list : taken) {
    for (const std::uint64_t chunk : list) ++times.at(chunk);
  }
  CHECK(std::count(times.begin(), times.end(), 1) == static_cast<std::ptrdiff_t>(chunks));
}
