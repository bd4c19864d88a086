// compare [FILE]...: reads the lines of --json (standard input without a file) and prints one table
// per kernel: who was faster, by how much, and whether the values are the same bits.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "results/record.hpp"
#include "results/statistics.hpp"

namespace scalelab {

namespace {

/// What must be equal for times to be comparable.
using Job = std::tuple<std::string, std::string, std::size_t, std::map<std::string, std::string>>;

Job job_of(const Run& run) {
  auto options = run.options;
  options.erase("task-time");  // only a way of saying task-units
  return {run.kernel, run.data, run.tasks, options};
}

struct Row {
  Run run;
  std::vector<double> seconds;
  std::set<std::string> digests;
};

struct Table {
  Job job;
  std::vector<Row> rows;  // in the order of reading
};

bool same_run(const Run& a, const Run& b) {
  return a.driver == b.driver && a.workers == b.workers && a.schedule == b.schedule &&
         a.chunk == b.chunk && a.bind == b.bind && a.driver_options == b.driver_options;
}

void add(std::vector<Table>& tables, Record record) {
  const Job job = job_of(record.run);
  auto table =
      std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.job == job; });
  if (table == tables.end()) table = tables.insert(tables.end(), {job, {}});
  auto row = std::find_if(table->rows.begin(), table->rows.end(),
                          [&](const Row& r) { return same_run(r.run, record.run); });
  if (row == table->rows.end()) row = table->rows.insert(table->rows.end(), {record.run, {}, {}});
  row->digests.insert(record.repetition.digest);
  // A resumed repetition has done only a part of the work, and where a worker died, too much.
  const Repetition& repetition = record.repetition;
  const bool measured = !repetition.warmup && repetition.resumed == 0 && repetition.retries == 0;
  if (measured) row->seconds.push_back(record.repetition.seconds);
}

void read(std::istream& input, const std::string& name, std::vector<Table>& tables) {
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    ++number;
    if (line.empty()) continue;
    try {
      add(tables, from_json(line));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("{}:{}: {}", name, number, error.what()));
    }
  }
}

std::string schedule_of(const Run& run) {
  return run.schedule + (run.chunk == 0 ? "" : fmt::format(",{}", run.chunk)) +
         (run.bind == "none" ? "" : ",bound");
}

void print(const Table& table) {
  const Run& first = table.rows.front().run;
  fmt::print("{}{}: {} tasks\n\n", first.kernel, first.data.empty() ? "" : " on " + first.data,
             first.tasks);
  const auto base = std::find_if(table.rows.begin(), table.rows.end(), [](const Row& row) {
    return row.run.driver == "sequential" && !row.seconds.empty();
  });
  const bool based = base != table.rows.end();
  const double base_time = based ? median_of(base->seconds).value : 0;

  fmt::print("  {:<10} {:>7} {:<11} {:>8}  {:<17} {:>8}  {}\n", "driver", "workers", "schedule",
             "seconds", "95 % interval", "speed-up", "same bits");
  bool small = false;
  for (const Row& row : table.rows) {
    if (row.seconds.empty()) continue;
    const Median median = median_of(row.seconds);
    small = small || !median.confident;
    const std::string interval =
        fmt::format("{:.4f} .. {:.4f}{}", median.low, median.high, median.confident ? "" : "*");
    const bool same = based && row.digests == base->digests && row.digests.size() == 1;
    fmt::print("  {:<10} {:>7} {:<11} {:>8.4f}  {:<17} {:>8}  {}\n", row.run.driver,
               row.run.workers, schedule_of(row.run), median.value, interval,
               based ? fmt::format("{:.2f}", base_time / median.value) : "-",
               !based ? "-"
               : same ? "yes"
                      : "NO");
  }
  if (small) fmt::print("  * fewer than 6 repetitions: smallest and largest\n");
  if (based) {
    fmt::print("\n  speed-up over the sequential driver, {:.4f} s\n", base_time);
  }
}

int main(int argc, char** argv) {
  try {
    std::vector<Table> tables;
    if (argc < 2) read(std::cin, "standard input", tables);
    for (int i = 1; i < argc; ++i) {
      std::ifstream file(argv[i]);
      if (!file) throw std::runtime_error(std::string(argv[i]) + ": cannot be read");
      read(file, argv[i], tables);
    }
    if (tables.empty()) throw std::runtime_error("no records: expected lines printed with --json");
    for (const Table& table : tables) print(table);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "compare: {}\n", error.what());
    return 1;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
