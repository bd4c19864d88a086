// compare [PATH]...: reads records (standard input without a path, or as "-") and prints one table
// per kernel: who was faster, by how much, and whether the values are the same bits.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/analysis/warnings.hpp"
#include "results/programs/program.hpp"
#include "results/record/identity.hpp"
#include "results/record/read_records.hpp"
#include "results/record/workers.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

struct Row {
  Run run;
  std::map<std::string, std::vector<double>> seconds;  // of each run
  std::set<std::string> digests;
};

struct Table {
  Computation computation;
  std::vector<Row> rows;  // in the order of reading
  Warnings warnings;
};

bool same_run(const Run& a, const Run& b) {
  return a.workers == b.workers && configuration_of(a) == configuration_of(b) &&
         a.driver_options == b.driver_options;
}

Table& table_of(std::vector<Table>& tables, const Run& run) {
  const Computation computation = computation_of(run);
  const auto table = std::find_if(tables.begin(), tables.end(),
                                  [&](const Table& t) { return t.computation == computation; });
  return table != tables.end() ? *table : tables.emplace_back(Table{computation, {}, {}});
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
  if (counts(repetition)) row.seconds[run.id].push_back(repetition.seconds);
}

/// A run is one sample: its repetitions have more in common than the machine and the kernel.
Median time_of(const Row& row) {
  if (row.seconds.size() == 1) return median_and_range_of(row.seconds.begin()->second);
  std::vector<double> runs;
  for (const auto& [run, seconds] : row.seconds) runs.push_back(median_of(seconds).value);
  return median_of(runs);
}

std::string schedule_of(const Run& run, bool with_bind) {
  return run.schedule + (run.chunk == 0 ? "" : fmt::format(",{}", run.chunk)) +
         (with_bind && run.bind != "none" ? ",bound" : "") + (run.accounting ? "" : ",untimed") +
         (run.trace ? ",traced" : "");
}

std::string head_of(const Table& table) {
  const Run& first = table.rows.front().run;
  return fmt::format("{}{}: {} tasks", first.kernel, first.data ? " on " + *first.data : "",
                     first.tasks);
}

/// What is computed, as far as its head does not tell.
Fields rest_of(const Computation& computation) {
  Fields fields = computation.options;
  if (!computation.data.empty()) fields["data"] = computation.data;
  if (computation.serial_units > 0) {
    fields["serial units"] = fmt::format("{:.17g}", computation.serial_units);
  }
  return fields;
}

/// What tells it from other tables with its head: ", data 00ff, seed 2"; empty: there are none.
std::string difference_of(const Table& table, const std::vector<Table>& tables) {
  std::string text;
  for (const auto& field : rest_of(table.computation)) {
    const bool differs = std::any_of(tables.begin(), tables.end(), [&](const Table& other) {
      if (head_of(other) != head_of(table)) return false;
      const Fields rest = rest_of(other.computation);
      const auto same = rest.find(field.first);
      return same == rest.end() || same->second != field.second;
    });
    if (differs) text += fmt::format(", {} {}", field.first, field.second);
  }
  return text;
}

void print(const Table& table, const std::vector<Table>& tables) {
  const Run& first = table.rows.front().run;
  const bool alike = std::all_of(table.rows.begin(), table.rows.end(),
                                 [&](const Row& row) { return row.run.bind == first.bind; });
  fmt::print("{}{}{}\n\n", head_of(table), difference_of(table, tables),
             alike && first.bind != "none" ? ", workers bound to " + first.bind : "");
  const auto base = std::find_if(table.rows.begin(), table.rows.end(), [](const Row& row) {
    return row.run.driver == sequential_driver && !row.seconds.empty();
  });
  const bool based = base != table.rows.end();
  const double base_time = based ? time_of(*base).value : 0;

  std::size_t wide = 11;
  for (const Row& row : table.rows) wide = std::max(wide, schedule_of(row.run, !alike).size());
  fmt::print("  {:<10} {:>7} {:<{}} {:>8}  {:<17} {:>8}  {}\n", "driver", "workers", "schedule",
             wide, "seconds", "95 % interval", "speed-up", "same bits");
  bool small = false;
  bool single = false;
  bool hybrid = false;
  for (const Row& row : table.rows) {
    if (row.seconds.empty()) continue;
    const Median median = time_of(row);
    small = small || !median.confident;
    single = single || row.seconds.size() == 1;
    hybrid = hybrid || threads_per_rank(row.run) > 1;
    const std::string interval =
        fmt::format("{:.4f} .. {:.4f}{}", median.low, median.high, median.confident ? "" : "*");
    const bool same = based && row.digests == base->digests && row.digests.size() == 1;
    fmt::print("  {:<10} {:>7} {:<{}} {:>8.4f}  {:<17} {:>8}  {}\n", row.run.driver,
               workers_of(row.run), schedule_of(row.run, !alike), wide, median.value, interval,
               based ? fmt::format("{:.2f}", base_time / median.value) : "-",
               !based ? "-"
               : same ? "yes"
                      : "NO");
  }
  if (small) {
    fmt::print("  * fewer than 6 runs: smallest and largest{}\n",
               single ? " (of one run, of its repetitions)" : "");
  }
  if (hybrid) fmt::print("  2x4: 2 ranks of 4 threads each\n");
  if (based) {
    fmt::print("\n  speed-up over the sequential driver, {:.4f} s\n", base_time);
  }
  fmt::print("{}", table.warnings.text());
}

int main(std::vector<std::string> arguments) {
  return run_program("compare", [&] {
    if (arguments.empty()) arguments = {"-"};
    std::vector<Table> tables;
    read_records(paths_in(arguments, "files or folders of records"),
                 {.repetition = [&](const Run& run,
                                    const Repetition& repetition) { add(tables, run, repetition); },
                  .finding = [](const Finding& finding) { tell("compare", finding); }});
    if (tables.empty()) {
      throw std::runtime_error("no repetitions: expected what --record or --json has written");
    }
    for (const Table& table : tables) print(table, tables);
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
