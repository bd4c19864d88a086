// compare [PATH]...: reads records (standard input without a path, or as "-") and prints one table
// per kernel: who was faster, by how much, and whether the values are the same bits.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "results/flush.hpp"
#include "results/record_file.hpp"
#include "results/statistics.hpp"

namespace scalelab {

namespace {

/// What must be equal for times to be comparable.
using Job =
    std::tuple<std::string, std::string, std::uint64_t, double, std::map<std::string, std::string>>;

Job job_of(const Run& run) {
  auto options = run.options;
  options.erase("task-time");  // only a way of saying task-units
  // Of tasks per worker, another part of the same work is serial.
  const double serial = run.work ? run.work->serial : 0;
  return {run.kernel, run.data.value_or(""), run.tasks, serial, options};
}

struct Row {
  Run run;
  std::vector<double> seconds;
  std::set<std::string> digests;
  std::set<std::string> warnings;  ///< of the runs, without those about single repetitions
};

struct Table {
  Job job;
  std::vector<Row> rows;  // in the order of reading
};

bool same_run(const Run& a, const Run& b) {
  return a.driver == b.driver && a.workers == b.workers && a.schedule == b.schedule &&
         a.chunk == b.chunk && a.bind == b.bind && a.driver_options == b.driver_options;
}

Row& row_of(std::vector<Table>& tables, const Run& run) {
  const Job job = job_of(run);
  auto table =
      std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.job == job; });
  if (table == tables.end()) table = tables.insert(tables.end(), {job, {}});
  auto row = std::find_if(table->rows.begin(), table->rows.end(),
                          [&](const Row& r) { return same_run(r.run, run); });
  if (row == table->rows.end()) row = table->rows.insert(table->rows.end(), {run, {}, {}, {}});
  return *row;
}

void add(std::vector<Table>& tables, const Run& run, const Repetition& repetition) {
  Row& row = row_of(tables, run);
  row.digests.insert(repetition.digest);
  row.warnings.insert(run.warnings.begin(), run.warnings.end());
  // A resumed repetition has done only a part of the work, and where a worker died, too much.
  const bool measured =
      !repetition.warmup && repetition.resumed_tasks == 0 && repetition.retries == 0;
  if (measured) row.seconds.push_back(repetition.seconds);
}

void tell(const Finding& finding) {
  const std::string line = finding.line == 0 ? "" : fmt::format(":{}", finding.line);
  fmt::print(stderr, "compare: {}{}: {}\n", finding.file, line, finding.text);
}

std::string schedule_of(const Run& run) {
  return run.schedule + (run.chunk == 0 ? "" : fmt::format(",{}", run.chunk)) +
         (run.bind == "none" ? "" : ",bound");
}

/// Of a hybrid run as ranks x threads: "2x4".
std::string workers_of(const Run& run) {
  const auto threads = run.driver_options.find("threads-per-rank");
  const std::uint64_t each =
      threads == run.driver_options.end() ? 1 : std::strtoull(threads->second.c_str(), nullptr, 10);
  return each <= 1 ? fmt::format("{}", run.workers)
                   : fmt::format("{}x{}", run.workers / each, each);
}

/// Each warning once, and whom it is about.
void print_warnings(const Table& table) {
  std::map<std::string, std::vector<std::string>> rows;
  for (const Row& row : table.rows) {
    for (const std::string& warning : row.warnings) {
      rows[warning].push_back(fmt::format("{} {}", row.run.driver, workers_of(row.run)));
    }
  }
  if (!rows.empty()) fmt::print("\n");
  for (const auto& [warning, whom] : rows) {
    fmt::print("  warning: {}\n           ({})\n", warning, fmt::join(whom, ", "));
  }
}

void print(const Table& table) {
  const Run& first = table.rows.front().run;
  fmt::print("{}{}: {} tasks\n\n", first.kernel, first.data ? " on " + *first.data : "",
             first.tasks);
  const auto base = std::find_if(table.rows.begin(), table.rows.end(), [](const Row& row) {
    return row.run.driver == "sequential" && !row.seconds.empty();
  });
  const bool based = base != table.rows.end();
  const double base_time = based ? median_of(base->seconds).value : 0;

  fmt::print("  {:<10} {:>7} {:<11} {:>8}  {:<17} {:>8}  {}\n", "driver", "workers", "schedule",
             "seconds", "95 % interval", "speed-up", "same bits");
  bool small = false;
  bool hybrid = false;
  for (const Row& row : table.rows) {
    if (row.seconds.empty()) continue;
    const Median median = median_of(row.seconds);
    small = small || !median.confident;
    const std::string workers = workers_of(row.run);
    hybrid = hybrid || workers.find('x') != std::string::npos;
    const std::string interval =
        fmt::format("{:.4f} .. {:.4f}{}", median.low, median.high, median.confident ? "" : "*");
    const bool same = based && row.digests == base->digests && row.digests.size() == 1;
    fmt::print("  {:<10} {:>7} {:<11} {:>8.4f}  {:<17} {:>8}  {}\n", row.run.driver, workers,
               schedule_of(row.run), median.value, interval,
               based ? fmt::format("{:.2f}", base_time / median.value) : "-",
               !based ? "-"
               : same ? "yes"
                      : "NO");
  }
  if (small) fmt::print("  * fewer than 6 repetitions: smallest and largest\n");
  if (hybrid) fmt::print("  2x4: 2 ranks of 4 threads each\n");
  if (based) {
    fmt::print("\n  speed-up over the sequential driver, {:.4f} s\n", base_time);
  }
  print_warnings(table);
}

int main(std::vector<std::string> paths) {
  try {
    if (paths.empty()) paths = {"-"};
    if (paths.front().starts_with("--")) {
      fmt::print(stderr, "compare: expected files or folders of records, got '{}'\n",
                 paths.front());
      return 2;
    }
    std::vector<Table> tables;
    read_records(paths,
                 {.repetition = [&](const Run& run,
                                    const Repetition& repetition) { add(tables, run, repetition); },
                  .finding = tell});
    if (tables.empty()) {
      throw std::runtime_error("no repetitions: expected what --record or --json has written");
    }
    for (const Table& table : tables) print(table);
    flush_output();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "compare: {}\n", error.what());
    return 1;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
