// granularity PATH...: reads the records of runs with shorter and shorter tasks, those of
// `./lab granularity`, and prints how short the tasks of each driver may be: METG.
//
// How the time of a length is estimated: a run's time is its shortest repetition, and a length's is
// the lower quartile of its runs. METG is a property of the driver, and what others do on the
// machine only ever adds time. Some of that is over in a few milliseconds (a worker that wakes up
// late): the shortest repetition is free of it. Some lasts for seconds, longer than a run (two
// virtual processors that share a core: 1.7 times the time; another program). On an idle virtual
// machine that hit 13 % of all runs, measured, in other lengths in each round. Where half of the
// runs are hit, the median is, too; the quartile only where three quarters are. The minimum would
// be steadier still, but has no interval. The denominator is estimated in the same way: like with
// like.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "results/flush.hpp"
#include "results/metg.hpp"
#include "results/record_file.hpp"
#include "results/warnings.hpp"

namespace scalelab {

namespace {

/// One run: one process, tasks of one length.
struct Measured {
  std::string driver;
  bool timers;  ///< Run::accounting
  std::uint64_t workers;
  std::string what;  ///< kernel, schedule: the same for all runs
  double units;      ///< of work in a task
  double seconds;    ///< of its shortest repetition
  double tasks;

  double granularity() const { return seconds * static_cast<double>(workers) / tasks; }
};

/// A row of the table: the granularities of each length, by units of work in a task.
struct Row {
  std::string driver;
  bool timers;
  std::uint64_t workers;
  std::map<double, std::vector<double>> lengths;
};

std::string chunks_of(const Run& run) {
  return run.chunk == 0 ? run.schedule : fmt::format("{}, chunk {}", run.schedule, run.chunk);
}

/// Whether its tasks have a length, and only one.
bool has_length(const Run& run) {
  const auto tasks = static_cast<double>(run.tasks);
  return run.work && run.work->total > 0 && run.work->serial == 0 &&
         run.work->longest * tasks < run.work->total * (1 + 1e-9);
}

Measured describe(const Run& run) {
  const auto tasks = static_cast<double>(run.tasks);
  return {.driver = run.driver,
          .timers = run.accounting,
          .workers = run.workers,
          .what = fmt::format("{}: {}", run.kernel, chunks_of(run)),
          .units = run.work->total / tasks,
          .seconds = 0,
          .tasks = tasks};
}

void print(const Finding& finding) {
  const std::string line = finding.line == 0 ? "" : fmt::format("{}:", finding.line);
  fmt::print(stderr, "granularity: {}:{} {}\n", finding.file, line, finding.text);
}

/// The runs that measured something. Where a part was read from a journal, or a worker died, the
/// time says nothing. @param warnings  theirs are added
/// @throws std::runtime_error if there are none, or some without a length
std::vector<Measured> read(const std::vector<std::string>& paths, Warnings& warnings) {
  std::vector<Measured> runs;
  std::map<std::string, std::size_t> places;  // in `runs`, by the run's id
  std::string without_length;
  RecordHandlers handlers;
  handlers.repetition = [&](const Run& run, const Repetition& repetition) {
    if (repetition.warmup || repetition.resumed_tasks > 0 || repetition.retries > 0) return;
    if (!has_length(run)) {
      without_length = fmt::format("run {}, {} with {}", run.id, run.driver, run.kernel);
      return;
    }
    const auto [place, first] = places.try_emplace(run.id, runs.size());
    if (first) {
      warnings.add(run);
      runs.push_back(describe(run));
      runs.back().seconds = repetition.seconds;
    }
    Measured& measured = runs[place->second];
    measured.seconds = std::min(measured.seconds, repetition.seconds);
  };
  handlers.finding = [](const Finding& finding) { print(finding); };
  read_records(paths, handlers);
  if (!without_length.empty()) {
    throw std::runtime_error(
        without_length +
        ": expected work that is known before, in tasks that "
        "are all alike (--skew uniform, no serial part): others have no length");
  }
  if (runs.empty()) throw std::runtime_error("no measured repetition: expected records of runs");
  return runs;
}

/// In the order of reading, which is random: by driver's name and timers instead, sequential first.
std::vector<Row> rows_of(const std::vector<Measured>& runs) {
  std::map<std::tuple<bool, std::string, bool>, Row> rows;
  for (const Measured& run : runs) {
    const bool parallel = run.driver != "sequential";
    auto [place, first] = rows.try_emplace({parallel, run.driver, run.timers},
                                           Row{run.driver, run.timers, run.workers, {}});
    Row& row = place->second;
    if (run.what != runs.front().what) {
      throw std::runtime_error(fmt::format("expected one kernel and one schedule, got {} and {}",
                                           runs.front().what, run.what));
    }
    if (run.workers != row.workers) {
      throw std::runtime_error(fmt::format("{}: expected one number of workers, got {} and {}",
                                           run.driver, row.workers, run.workers));
    }
    row.lengths[run.units].push_back(run.granularity());
  }
  std::vector<Row> sorted;
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  return sorted;
}

/// A unit of work in the longest tasks of the sequential driver: the same denominator for all. [s]
struct Unit {
  Quartile seconds;
  double units;  ///< in such a task
  std::size_t runs;
};

Unit unit_of(const std::vector<Row>& rows) {
  const auto row = std::find_if(rows.begin(), rows.end(), [](const Row& candidate) {
    return candidate.driver == "sequential" && !candidate.timers;
  });
  if (row == rows.end()) {
    throw std::runtime_error(
        "no run of the sequential driver with --no-accounting: expected some with long tasks, "
        "whose rate of work is the denominator of every efficiency");
  }
  const auto& [units, times] = *row->lengths.rbegin();
  for (const Row& other : rows) {
    if (other.lengths.rbegin()->first <= units) continue;
    throw std::runtime_error(fmt::format(
        "{} ran longer tasks ({} units) than the sequential driver ({}), whose rate is the "
        "denominator of every efficiency: expected its tasks to be the longest",
        other.driver, other.lengths.rbegin()->first, units));
  }
  Quartile seconds = lower_quartile(times);
  seconds.value /= units;
  seconds.low /= units;
  seconds.high /= units;
  return {seconds, units, times.size()};
}

std::string time(double seconds, int digits = 3) {
  const auto text = [&](double value, const char* unit) {
    const int before = value < 10 - 0.5 * std::pow(10, 1 - digits) ? 1 : value < 99.95 ? 2 : 3;
    return fmt::format("{:.{}f} {}", value, std::max(digits - before, 0), unit);
  };
  if (seconds < 999.5e-9) return text(seconds * 1e9, "ns");
  if (seconds < 999.5e-6) return text(seconds * 1e6, "us");
  return text(seconds * 1e3, "ms");
}

/// Three curves: that of the quartiles, and those of the two ends of their intervals.
struct Curves {
  std::vector<TaskLength> value, low, high;
  double confidence = 1;  ///< the lowest of all lengths
};

Curves curves_of(const Row& row, const Unit& unit) {
  Curves curves;
  for (const auto& [units, granularities] : row.lengths) {
    const Quartile granularity = lower_quartile(granularities);
    const double work = units * unit.seconds.value;
    const TaskLength length{work, granularity.value};
    if (length.efficiency() > 1.05) {
      throw std::runtime_error(fmt::format(
          "{} with tasks of {} units (timers {}): efficiency {:.2f}. Above 1.05 it is no result "
          "but an error of the denominator, {} per unit: was the machine busy, or its processor "
          "slower, while the sequential driver ran? Measure again, with nothing else running",
          row.driver, units, row.timers ? "on" : "off", length.efficiency(),
          time(unit.seconds.value)));
    }
    curves.value.push_back(length);
    curves.low.push_back({units * unit.seconds.high, granularity.low});
    curves.high.push_back({units * unit.seconds.low, granularity.high});
    curves.confidence = std::min(curves.confidence, granularity.confidence);
  }
  // At least so sure that both hold, the numerator and the denominator (Bonferroni).
  curves.confidence -= 1 - unit.seconds.confidence;
  return curves;
}

std::string text_of(const Metg& metg) {
  switch (metg.kind) {
    case Metg::Kind::at: return time(metg.seconds);
    case Metg::Kind::below: return fmt::format("<{}", time(metg.seconds, 2));
    case Metg::Kind::not_reached: return "not reached";
  }
  throw std::logic_error("a kind of METG that nobody knows");
}

/// All granularities whose own interval holds the efficiency: as sure as those are.
std::string interval_of(const Curves& curves, double efficiency) {
  const auto text = [](const Metg& end) {
    return end.kind == Metg::Kind::not_reached ? fmt::format(">{}", time(end.seconds, 2))
                                               : text_of(end);
  };
  std::string low = text(metg(curves.low, efficiency));
  const std::string high = text(metg(curves.high, efficiency));
  // "105 .. 131 ns", but "980 ns .. 1.05 us"
  const auto unit = [](const std::string& time) { return time.substr(time.size() - 3); };
  if (unit(low) == unit(high)) low.resize(low.size() - 3);
  return low + " .. " + high;
}

// At most 80 columns.
constexpr const char* row_format = "  {:<10} {:<6} {:>11} {:<18}{:>11} {}\n";

/// The ends between which the quartile is, as the head of a column says it.
std::string name_of_interval(double confidence, std::size_t fewest) {
  // Of fewer, not even the whole range says much.
  return fewest < 6 ? "min .. max" : fmt::format("{:.0f} % interval", std::floor(100 * confidence));
}

void print(const std::vector<Measured>& runs) {
  const std::vector<Row> rows = rows_of(runs);
  const Unit unit = unit_of(rows);
  std::size_t fewest = runs.size();
  double confidence = 1;
  double longest = 0;
  std::string table;
  for (const Row& row : rows) {
    const Curves curves = curves_of(row, unit);
    // Long tasks only: the denominator.
    if (row.driver == "sequential" && row.lengths.size() == 1) continue;
    confidence = std::min(confidence, curves.confidence);
    if (row.driver != "sequential") longest = std::max(longest, curves.value.back().work);
    for (const auto& [units, times] : row.lengths) fewest = std::min(fewest, times.size());
    table += fmt::format(row_format, row.driver, row.timers ? "on" : "off",
                         text_of(metg(curves.value, 0.5)), interval_of(curves, 0.5),
                         text_of(metg(curves.value, 0.95)), interval_of(curves, 0.95));
  }
  if (table.empty()) {
    throw std::runtime_error(
        "no run with short tasks: expected the same work in shorter and shorter tasks");
  }
  const std::uint64_t workers = rows.back().workers;
  fmt::print("{}, {} worker{}; lower quartile of {} runs of each length\n", runs.front().what,
             workers, workers == 1 ? "" : "s", fewest);
  fmt::print("a unit of work: {} in the sequential driver's tasks of {} ({} runs)\n\n",
             time(unit.seconds.value), time(unit.seconds.value * unit.units), unit.runs);
  const std::string interval = name_of_interval(confidence, fewest);
  fmt::print(row_format, "driver", "timers", "METG(50 %)", interval, "METG(95 %)", interval);
  fmt::print("{}\n", table);
  fmt::print(
      "  driver      who ran the tasks; sequential: no more than its own loop\n"
      "  timers      whether workers measured where their time went\n"
      "  METG(50 %)  if a task takes that long, overhead included, half of it is work\n"
      "  METG(95 %)  tasks (or chunks of them) should take at least that long\n"
      "  interval    where the efficiency may be 50 % (95 %)\n"
      "  <X          even the shortest tasks, which took X, were efficient enough\n"
      "  not reached not even the longest tasks were, of {} of work\n",
      time(longest));
}

int main(int argc, char** argv) {
  try {
    if (argc < 2 || std::string(argv[1]).starts_with("--")) {
      fmt::print(stderr,
                 "granularity: expected files of records, as ./lab granularity --out FILE "
                 "writes them\n");
      return 2;
    }
    Warnings warnings;
    print(read({argv + 1, argv + argc}, warnings));
    fmt::print("{}", warnings.text());
    flush_output();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "granularity: {}\n", error.what());
    return 1;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
