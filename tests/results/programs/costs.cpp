// The program costs, given records whose figures are known.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "results/record/record.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

Run run_of(const std::string& driver, std::uint64_t workers, int number) {
  Run run;
  run.id = fmt::format("{}-{}-{}", driver, workers, number);
  run.started = "2026-11-22T20:15:00.123Z";
  run.command = {driver};
  run.driver = driver;
  run.kernel = "spin";
  run.workers = workers;
  run.tasks = 1000;
  run.scaling = "strong";
  run.schedule = "dynamic";
  run.bind = "none";
  run.options = {{"task-units", "0"}, {"seed", "1"}};
  run.work = Work{0, 0, 0};
  run.repetitions = "1";
  run.warmup = 1;
  run.start_seconds = 2e-3;
  Machine& machine = run.machines.emplace_back();
  machine.host = "cray";
  machine.cpu = "CDC 6600";
  machine.cpus = 2;
  return run;
}

/// Its warm-up takes a second, its repetition as long as 1000 tasks of `task` seconds on one
/// worker.
std::string lines_of(const Run& run, double task, const std::vector<Cost>& costs) {
  Repetition repetition;
  repetition.run = run.id;
  repetition.number = 1;
  repetition.warmup = true;
  repetition.seconds = 1;
  repetition.digest = "cbf29ce484222325";
  std::string lines = to_json(run) + '\n' + to_json(repetition) + '\n';
  repetition.warmup = false;
  repetition.at_seconds = 1;
  repetition.seconds = task * 1000 / static_cast<double>(run.workers);
  lines += to_json(repetition) + '\n';
  for (Cost cost : costs) {
    cost.run = run.id;
    lines += to_json(cost) + '\n';
  }
  const End end{.run = run.id,
                .status = "done",
                .exit = 0,
                .reason = "",
                .ended = run.started,
                .warnings = {}};
  return lines + to_json(end) + '\n';
}

Outcome costs(const std::string& records) {
  const Folder folder;
  std::ofstream(folder / "costs.jsonl") << records;
  return shell(fmt::format("'{}/results/costs' '{}'", the_kit, folder / "costs.jsonl"));
}

/// The first line that begins so, with single spaces.
std::string row(const std::string& text, const std::string& begin) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string single;
    for (std::string word; words >> word;) single += (single.empty() ? "" : " ") + word;
    if (single.starts_with(begin)) return single;
  }
  return "";
}

/// Of the longest line.
std::size_t width_of(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, columns_of(line));
  return longest;
}

}  // namespace

TEST_CASE("costs: the sampling unit is the run; the median of the runs' medians is shown") {
  std::string records;
  for (int i = 1; i <= 7; ++i) {
    // The median of each run is i µs; what lies beside it must not matter.
    records += lines_of(run_of("openmp", 2, i), 100e-9 + i * 1e-9,
                        {{"", "barrier", 0, {1e-9, i * 1e-6, 1.0}}});
  }
  const Outcome table = costs(records);
  INFO(table.out << table.err);
  CHECK(table.status == 0);
  CHECK(table.err.empty());
  // 7 runs: the smallest and the largest enclose the median with 98 % confidence.
  CHECK(row(table.out, "barrier openmp") == "barrier openmp 2 4 µs 1 .. 7 µs 7");
  CHECK(row(table.out, "hand out one task") == "hand out one task openmp 2 104 ns 101 .. 107 ns 7");
  CHECK(row(table.out, "start all workers") == "start all workers openmp 2 2 ms 2 .. 2 ms 7");
  // 20 times as long: 104 ns, 4 µs, 2 ms.
  CHECK(row(table.out, "openmp 2") == "openmp 2 2.08 µs 80 µs 40 ms");
  CHECK(contains(table.out, "cray, CDC 6600, 2 cores"));
  CHECK_FALSE(contains(table.out, "MPI_Init"));
  CHECK_FALSE(contains(table.out, "*"));
}

TEST_CASE("costs: messages by size, with the bandwidth of the ping-pong") {
  std::string records;
  for (int i = 1; i <= 2; ++i) {
    Run run = run_of("mpi", 4, i);
    run.init_seconds = 0.3;
    records += lines_of(run, 200e-9,
                        {{"", "broadcast", 8, {3e-6}},
                         {"", "broadcast", 1 << 20, {400e-6}},
                         {"", "ping-pong", 8, {1e-6}},
                         {"", "ping-pong", 1 << 20, {262.144e-6}},
                         {"", "polite-barrier", 0, {5e-6}}});
  }
  const Outcome table = costs(records);
  INFO(table.out << table.err);
  CHECK(table.status == 0);
  CHECK(row(table.out, "8 B") == "8 B 3 µs 3 .. 3 µs* 1 µs 1 .. 1 µs* 0.01 2");
  CHECK(row(table.out, "1 MiB") == "1 MiB 400 µs 400 .. 400 µs* 262 µs 262 .. 262 µs* 4.00 2");
  CHECK(row(table.out, "* fewer than 6 runs") == "* fewer than 6 runs: smallest and largest");
  CHECK(row(table.out, "MPI_Init") == "MPI_Init mpi 4 300 ms 300 .. 300 ms* 2");
  CHECK(row(table.out, "barrier that") == "barrier that burns no core mpi 4 5 µs 5 .. 5 µs* 2");
  // No other barrier, so nothing is said of work between barriers; 20 × (300 ms + 2 ms).
  CHECK(row(table.out, "mpi 4") == "mpi 4 4 µs - 6.04 s");
}

TEST_CASE("costs: only empty tasks that were handed out one by one say what that costs") {
  Run long_tasks = run_of("openmp", 2, 1);
  long_tasks.work = Work{5000, 5, 0};
  Run chunks = run_of("openmp", 2, 2);
  chunks.chunk = 10;
  Run in_turn = run_of("openmp", 2, 3);
  in_turn.schedule = "static";
  Run other = run_of("openmp", 2, 4);
  other.kernel = "many-models";
  other.work.reset();  // nobody knows
  Run waiting = run_of("openmp", 2, 5);
  waiting.kernel = "sleep";
  waiting.waits = true;
  Run moving = run_of("openmp", 2, 6);
  moving.kernel = "stream";
  moving.bytes_per_unit = 192;
  std::string records;
  for (const Run& run : {long_tasks, chunks, in_turn, other, waiting, moving})
    records += lines_of(run, 1e-6, {});
  const Outcome none = costs(records);
  CHECK(none.status == 1);
  CHECK(none.err == "costs: no costs: expected records of runs with --costs\n");
  CHECK(none.out.empty());
  Run own_kernel = run_of("sequential", 1, 7);
  own_kernel.kernel = "anybodys";
  const Outcome one = costs(records + lines_of(own_kernel, 50e-9, {}));
  INFO(one.out << one.err);
  CHECK(one.status == 0);
  CHECK(row(one.out, "hand out one task") == "hand out one task sequential 1 50 ns 50 .. 50 ns* 1");
}

TEST_CASE("costs: the widest table has 80 columns, whatever the figures are") {
  std::string records;
  for (int i = 1; i <= 3; ++i) {
    Run run = run_of("processes", 10000, i);
    run.start_seconds = 111.5e-6;
    std::vector<Cost> all;
    for (const char* name : {"fork", "region", "barrier", "polite-barrier", "round"}) {
      all.push_back({"", name, 0, {i * 111.5e-6}});
    }
    all.push_back({"", "fork", 1 << 30, {i * 111.5e-6}});
    for (const char* name : {"broadcast", "ping-pong"}) {
      all.push_back({"", name, 32768, {i * 111.5e-6}});
    }
    records += lines_of(run, i * 111.5e-6, all);
  }
  const Outcome table = costs(records);
  INFO(table.out << table.err);
  CHECK(table.status == 0);
  CHECK(width_of(table.out) <= 80);
}

TEST_CASE("costs: a warning of the runs is repeated once") {
  std::string records;
  for (int i = 1; i <= 3; ++i) {
    Run run = run_of("openmp", 2, i);
    run.warnings = {"more workers than cores"};
    records += lines_of(run, 1e-6, {});
  }
  const std::string text = costs(records).out;
  CHECK(text.find("warning: more workers than cores") ==
        text.rfind("warning: more workers than cores"));
  CHECK(text.ends_with("\n\n  warning: more workers than cores\n           (openmp 2)\n"));
}

TEST_CASE("costs: what is found in the files is told, with its line where it has one") {
  const Folder folder;
  std::ofstream(folder / "empty.jsonl").close();
  std::ofstream(folder / "good.jsonl") << lines_of(run_of("openmp", 2, 1), 1e-6, {}) << "rubbish\n";
  const Outcome run = shell(fmt::format("'{}/results/costs' '{}' '{}'", the_kit,
                                        folder / "empty.jsonl", folder / "good.jsonl"));
  CHECK(run.status == 0);
  CHECK(contains(run.err, fmt::format("costs: {}: empty", folder / "empty.jsonl")));
  CHECK(contains(run.err,
                 fmt::format("costs: {}:5: expected a line of JSON", folder / "good.jsonl")));
}

TEST_CASE("costs: a wrong use is refused in one line") {
  const std::string program = "'" + the_kit + "/results/costs'";
  const Outcome nothing = shell(program);
  CHECK(nothing.status == 2);
  CHECK(nothing.err == "costs: expected files of records, FILE.jsonl\n");
  const Outcome nowhere = shell(program + " /nowhere.jsonl");
  CHECK(nowhere.status == 1);
  CHECK(lines_in(nowhere.err) == 1);
  CHECK(contains(nowhere.err, "/nowhere.jsonl"));
}
