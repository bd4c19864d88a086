// compare [PATH]...: reads records (standard input without a path, or as "-") and prints one table
// per kernel: who was faster, by how much, and whether the values are the same bits.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "results/analysis/warnings.hpp"
#include "results/record/record_file.hpp"
#include "results/statistics/statistics.hpp"
#include "results/text/flush.hpp"

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
};

struct Table {
  Job job;
  std::vector<Row> rows;  // in the order of reading
  Warnings warnings;
};

bool same_run(const Run& a, const Run& b) {
  return a.driver == b.driver && a.workers == b.workers && a.schedule == b.schedule &&
         a.chunk == b.chunk && a.bind == b.bind && a.driver_options == b.driver_options;
}

Table& table_of(std::vector<Table>& tables, const Run& run) {
  const Job job = job_of(run);
  const auto table =
      std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.job == job; });
  return table != tables.end() ? *table : tables.emplace_back(Table{job, {}, {}});
}

Row& row_of(Table& table, const Run& run) {
  const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                [&](const Row& r) { return same_run(r.run, run); });
  return row != table.rows.end() ? *row : table.rows.emplace_back(Row{run, {}, {}});
}

void add(std::vector<Table>& tables, const Run& run, const Repetition& repetition) {
  Table& table = table_of(tables, run);
  table.warnings.add(run);
  Row& row = row_of(table, run);
  row.digests.insert(repetition.digest);
  // A resumed repetition has done only a part of the work, and where a worker died, too much.
  const bool measured =
      !repetition.warmup && repetition.resumed_tasks == 0 && repetition.retries == 0;
  if (measured) row.seconds.push_back(repetition.seconds);
}

void tell(const Finding& finding) {
  const std::string line = finding.line == 0 ? "" : fmt::format(":{}", finding.line);
  fmt::print(stderr, "compare: {}{}: {}\n", finding.file, line, finding.text);
}

std::string schedule_of(const Run& run, bool with_bind) {
  return run.schedule + (run.chunk == 0 ? "" : fmt::format(",{}", run.chunk)) +
         (with_bind && run.bind != "none" ? ",bound" : "");
}

void print(const Table& table) {
  const Run& first = table.rows.front().run;
  const bool alike = std::all_of(table.rows.begin(), table.rows.end(),
                                 [&](const Row& row) { return row.run.bind == first.bind; });
  fmt::print("{}{}: {} tasks{}\n\n", first.kernel, first.data ? " on " + *first.data : "",
             first.tasks, alike && first.bind != "none" ? ", workers bound to " + first.bind : "");
  const auto base = std::find_if(table.rows.begin(), table.rows.end(), [](const Row& row) {
    return row.run.driver == "sequential" && !row.seconds.empty();
  });
  const bool based = base != table.rows.end();
  const double base_time = based ? median_of(base->seconds).value : 0;

  std::size_t wide = 11;
  for (const Row& row : table.rows) wide = std::max(wide, schedule_of(row.run, !alike).size());
  fmt::print("  {:<10} {:>7} {:<{}} {:>8}  {:<17} {:>8}  {}\n", "driver", "workers", "schedule",
             wide, "seconds", "95 % interval", "speed-up", "same bits");
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
    fmt::print("  {:<10} {:>7} {:<{}} {:>8.4f}  {:<17} {:>8}  {}\n", row.run.driver, workers,
               schedule_of(row.run, !alike), wide, median.value, interval,
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
  fmt::print("{}", table.warnings.text());
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
