// The program granularity, fed with records of runs that never were: their METG is known.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "results/record/record.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

constexpr double unit = 10e-9;

/// The lines of a run of spin that took so many seconds for each repetition.
class Records {
 public:
  std::string path() const { return folder_ / "records.jsonl"; }

  Run example(const std::string& driver, std::uint64_t units) {
    Run run;
    run.id = fmt::format("run-{}", ++runs_);
    run.started = "2026-11-22T20:15:00Z";
    run.driver = driver;
    run.kernel = "spin";
    run.workers = driver == "sequential" ? 1 : 4;
    run.tasks = 4000;
    run.schedule = "dynamic";
    run.chunk = 1;
    run.options = {{"task-units", std::to_string(units)}};
    const auto mean = static_cast<double>(units);
    run.work = Work{mean * static_cast<double>(run.tasks), mean};
    run.accounting = false;
    return run;
  }

  /// Each task costs its work and an overhead [s].
  double seconds(const Run& run, double overhead) const {
    return (run.work->total * unit + static_cast<double>(run.tasks) * overhead) /
           static_cast<double>(run.workers);
  }

  void add(const Run& run, double seconds) {
    write(to_json(run));
    repeat(run, 1, seconds);
    End end;
    end.run = run.id;
    end.status = "done";
    end.ended = run.started;
    write(to_json(end));
  }

  void repeat(const Run& run, std::uint64_t number, double seconds, std::uint64_t resumed = 0) {
    Repetition repetition;
    repetition.run = run.id;
    repetition.warmup = number == 0;
    repetition.number = std::max<std::uint64_t>(number, 1);
    repetition.at_seconds = static_cast<double>(number);
    repetition.seconds = seconds;
    repetition.digest = "cbf29ce484222325";
    repetition.resumed_tasks = resumed;
    write(to_json(repetition));
  }

  /// Eleven rounds of a driver, from tasks of 2^longest units down to those of one.
  void sweep(const std::string& driver, double overhead, bool timers = false, int longest = 11) {
    for (int round = 0; round < 11; ++round) {
      for (int power = 0; power <= longest; ++power) {
        Run run = example(driver, 1ULL << power);
        run.accounting = timers;
        add(run, seconds(run, overhead));
      }
    }
  }

  void denominator() {
    for (int i = 0; i < 33; ++i) {
      const Run run = example("sequential", 100'000);
      add(run, seconds(run, 0));
    }
  }

  void write(const std::string& line) { std::ofstream(path(), std::ios::app) << line << '\n'; }

 private:
  Folder folder_;
  int runs_ = 0;
};

Outcome granularity(const std::string& arguments) {
  return shell("'" KIT_BUILD "/results/granularity' " + arguments);
}

/// The row of a driver, with single spaces.
std::string row(const Outcome& run, const std::string& driver, const std::string& timers = "off") {
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    const auto both_blank = [](char a, char b) { return a == ' ' && b == ' '; };
    line.erase(std::unique(line.begin(), line.end(), both_blank), line.end());
    if (line.starts_with(" " + driver + " " + timers + " ")) return line;
  }
  return "";
}

/// One line on standard error, and the exit status 1.
void check_refused(const Outcome& run, const std::string& reason) {
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  CHECK(lines_in(run.err) == 1);
  CHECK(contains(run.err, reason));
}

}  // namespace

TEST_CASE("granularity: METG(50 %) is twice the overhead of a task, METG(95 %) 20 times") {
  Records records;
  records.denominator();
  records.sweep("openmp", 60e-9);
  records.sweep("openmp", 75e-9, true);
  records.sweep("sequential", 20e-9);
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(run.err.empty());
  CHECK(row(run, "openmp") == " openmp off 120 ns 120 .. 120 ns 1.20 µs 1.20 .. 1.20 µs");
  CHECK(row(run, "openmp", "on") == " openmp on 150 ns 150 .. 150 ns 1.50 µs 1.50 .. 1.50 µs");
  CHECK(row(run, "sequential") == " sequential off 40.0 ns 40.0 .. 40.0 ns 400 ns 400 .. 400 ns");
  CHECK(contains(run.out, "METG(50 %) 95 % interval      METG(95 %) 95 % interval"));
  CHECK(contains(run.out, "10.0 ns in the sequential driver's tasks of 1.00 ms (33 runs)"));
}

TEST_CASE("granularity: warnings of the runs that were used are repeated, each once") {
  Records records;
  records.denominator();
  for (const std::uint64_t units : {1u, 16u, 256u}) {
    Run run = records.example("openmp", units);
    run.warnings = {"4 workers share 2 cores"};
    records.add(run, records.seconds(run, 60e-9));
  }
  Run unused = records.example("mpi", 1);
  unused.warnings = {"a debug build"};
  records.write(to_json(unused));
  records.repeat(unused, 0, 1);
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(
      run.out.ends_with(" of work\n\n  warning: 4 workers share 2 cores\n           (openmp 4)\n"));
  CHECK_FALSE(contains(run.out, "a debug build"));
}

TEST_CASE("granularity: the table fits into 80 columns") {
  Records records;
  records.denominator();
  records.sweep("sequential", 20e-9, true);
  records.sweep("processes", 999e-9);
  records.sweep("mpi", 9e-6);
  const Outcome run = granularity("'" + records.path() + "'");
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(columns_of(line) <= 80);
  }
}

TEST_CASE("granularity: columns stand below each other, whatever the unit is") {
  Records records;
  records.denominator();
  records.sweep("openmp", 60e-9);      // 120 ns and 1.20 µs
  records.sweep("processes", 600e-9);  // 1.20 µs and 12.0 µs
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out);
  std::set<std::size_t> ends;
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  openmp ") && !line.starts_with("  processes ")) continue;
    // METG(95 %) ends where its head does.
    const std::size_t end = line.find(line.starts_with("  openmp ") ? "1.20 µs" : "12.0 µs");
    REQUIRE(end != std::string::npos);
    ends.insert(columns_of(line.substr(0, end)) + 7);
  }
  CHECK(ends.size() == 1);
  std::istringstream again(run.out);
  for (std::string line; std::getline(again, line);) {
    const std::size_t head = line.find("METG(95 %)");
    if (head != std::string::npos && line.starts_with("  driver ")) ends.insert(head + 10);
  }
  CHECK(ends.size() == 1);
}

TEST_CASE("granularity: what is out of reach of the lengths is said to be so") {
  Records records;
  records.denominator();
  records.sweep("openmp", 1e-9);
  records.sweep("mpi", 100e-6);
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(row(run, "openmp").starts_with(" openmp off <11 ns "));
  CHECK(row(run, "mpi").starts_with(" mpi off not reached >120 .. >120 µs not reached "));
  CHECK(contains(run.out, "of 20.5 µs of work"));
}

TEST_CASE("granularity: a run's time is its shortest repetition, without the warm-up") {
  Records records;
  records.denominator();
  for (int round = 0; round < 11; ++round) {
    for (const std::uint64_t units : {1u, 2u, 4u, 8u, 16u, 1024u}) {
      const Run run = records.example("openmp", units);
      const double seconds = records.seconds(run, 60e-9);
      records.write(to_json(run));
      records.repeat(run, 0, seconds / 4);  // the warm-up
      records.repeat(run, 1, seconds * 3);
      records.repeat(run, 2, seconds);
      records.repeat(run, 3, seconds * 2);
      records.repeat(run, 4, seconds / 4, 3000);  // most of it was read from a journal
    }
  }
  CHECK(row(granularity("'" + records.path() + "'"), "openmp").starts_with(" openmp off 120 ns "));
}

TEST_CASE("granularity: where a third of the runs take twice as long, METG is the same") {
  Records records;
  Dice dice;
  INFO("SCALELAB_TEST_SEED=" << dice.seed());
  records.denominator();
  for (std::uint64_t units = 1; units <= 2048; units *= 2) {
    const int first = dice.roll(0, 10);  // three or four rounds in a row
    for (int round = 0; round < 11; ++round) {
      const Run run = records.example("mpi", units);
      const bool hit = (round + first) % 11 < 4;
      records.add(run, records.seconds(run, 60e-9) * (hit ? 2 : 1));
    }
  }
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out << run.err);
  // With a third of the runs hit, METG(95 %) may have been another one; its value is not.
  CHECK(row(run, "mpi").starts_with(" mpi off 120 ns 120 .. 120 ns 1.20 µs "));
}

TEST_CASE("granularity: where a unit of work itself takes longer, 95 % is never reached, and why") {
  Records records;
  records.denominator();
  for (int round = 0; round < 11; ++round) {
    for (std::uint64_t units = 1; units <= 4096; units *= 2) {
      const Run run = records.example("openmp", units);
      records.add(run, 1.1 * records.seconds(run, 60e-9) * (1 + 0.001 * round));
    }
  }
  const Outcome run = granularity("'" + records.path() + "'");
  INFO(run.out << run.err);
  CHECK(row(run, "openmp").ends_with(" never never"));
  CHECK(contains(run.out, "  No task is long enough for 95 % where a unit of work takes 5 % "));
  CHECK(contains(run.out, "long tasks: openmp 10.3 % ["));
}

TEST_CASE("granularity: an efficiency above 1.05 is an error that names the run") {
  Records records;
  records.denominator();
  records.sweep("openmp", 60e-9);
  for (int round = 0; round < 11; ++round) {
    const Run run = records.example("processes", 4096);
    records.add(run, records.seconds(run, 0) / 1.06);
  }
  check_refused(granularity("'" + records.path() + "'"),
                "processes with tasks of 4096 units (timers off): efficiency 1.06");
}

TEST_CASE("granularity: one length is measured, but tells no more than on which side METG is") {
  Records records;
  records.denominator();
  const Run run = records.example("openmp", 10);
  records.add(run, records.seconds(run, 60e-9));
  const Outcome result = granularity("'" + records.path() + "'");
  INFO(result.out << result.err);
  CHECK(result.status == 0);
  CHECK(row(result, "openmp").starts_with(" openmp off <160 ns <160 .. <160 ns not reached "));
  CHECK(contains(result.out, "min .. max"));
  CHECK_FALSE(contains(result.out, "95 % interval"));
}

TEST_CASE("granularity: without the denominator there is no efficiency") {
  Records records;
  records.sweep("openmp", 60e-9);
  check_refused(granularity("'" + records.path() + "'"), "no run of the sequential driver");
  records.sweep("sequential", 20e-9, true);
  check_refused(granularity("'" + records.path() + "'"), "no run of the sequential driver");
  records.sweep("sequential", 20e-9, false, 5);
  check_refused(granularity("'" + records.path() + "'"), "expected its tasks to be the longest");
}

TEST_CASE("granularity: what cannot be compared, or has no length, is refused") {
  const auto refused = [](auto change, const std::string& reason) {
    Records records;
    records.denominator();
    records.sweep("openmp", 60e-9, false, 5);
    Run run = records.example("openmp", 16);
    change(run);
    records.add(run, 1);
    check_refused(granularity("'" + records.path() + "'"), reason);
  };
  refused([](Run& run) { run.schedule = "guided"; }, "expected one kernel and one schedule");
  refused([](Run& run) { run.kernel = "sleep"; }, "expected one kernel and one schedule");
  refused([](Run& run) { run.workers = 3; }, "expected one number of workers");
  refused([](Run& run) { run.work->longest *= 2; }, "tasks that are all alike");
  refused([](Run& run) { run.work->serial = 1; }, "no serial part");
  refused([](Run& run) { run.work.reset(); }, "work that is known before");
}

TEST_CASE("granularity: the denominator alone, nothing and a missing file are refused") {
  Records records;
  records.denominator();
  check_refused(granularity("'" + records.path() + "'"), "no run with short tasks");
  Folder folder;
  std::ofstream(folder / "empty.jsonl");
  const Outcome empty = granularity("'" + (folder / "empty.jsonl") + "'");
  CHECK(empty.status == 1);
  CHECK(contains(empty.err, "no measured repetition"));
  const Outcome missing = granularity("'" + (folder / "missing.jsonl") + "'");
  CHECK(missing.status == 1);
  CHECK(lines_in(missing.err) == 1);
  CHECK(granularity("").status == 2);
}
