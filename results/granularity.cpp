// granularity PATH...: reads the records of runs with shorter and shorter tasks, those of
// `./lab granularity`, and prints how short the tasks of each driver may be: METG.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/flush.hpp"
#include "results/granularity_study.hpp"
#include "results/record_file.hpp"
#include "results/warnings.hpp"

namespace scalelab {

namespace {

void print(const Finding& finding) {
  const std::string line = finding.line == 0 ? "" : fmt::format("{}:", finding.line);
  fmt::print(stderr, "granularity: {}:{} {}\n", finding.file, line, finding.text);
}

/// The runs that measured something. @param warnings  theirs are added
/// @throws std::runtime_error if there are none, or some without a length
std::vector<GranularityRun> read(const std::vector<std::string>& paths, Warnings& warnings) {
  std::vector<GranularityRun> runs;
  std::map<std::string, std::size_t> places;  // in `runs`, by the run's id
  std::string without_length;
  RecordHandlers handlers;
  handlers.repetition = [&](const Run& run, const Repetition& repetition) {
    if (!counts(repetition)) return;
    if (!has_length(run)) {
      without_length = fmt::format("run {}, {} with {}", run.id, run.driver, run.kernel);
      return;
    }
    const auto [place, first] = places.try_emplace(run.id, runs.size());
    if (first) {
      warnings.add(run);
      runs.push_back(granularity_run_of(run));
    }
    runs[place->second].add(repetition);
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

// At most 80 columns.
constexpr const char* row_format = "  {:<10} {:<6} {:>11} {:<18}{:>11} {}\n";

/// The ends between which the quartile is, as the head of a column says it.
std::string name_of_interval(double confidence, std::size_t fewest) {
  // Of fewer, not even the whole range says much.
  return fewest < 6 ? "min .. max" : fmt::format("{:.0f} % interval", std::floor(100 * confidence));
}

void print(const GranularityStudy& study) {
  std::size_t fewest = study.curves.front().fewest_runs;
  double confidence = 1;
  double longest = 0;
  std::string table;
  for (const GranularityCurve& curve : study.curves) {
    fewest = std::min(fewest, curve.fewest_runs);
    confidence = std::min(confidence, curve.confidence);
    if (curve.driver != "sequential") longest = std::max(longest, curve.value.back().work);
    const MetgEstimate half = metg_of(curve, 0.5);
    const MetgEstimate most = metg_of(curve, 0.95);
    table += fmt::format(row_format, curve.driver, curve.timers ? "on" : "off", text_of(half.value),
                         interval_of(half), text_of(most.value), interval_of(most));
  }
  const std::uint64_t workers = study.curves.back().workers;
  fmt::print("{}, {} worker{}; lower quartile of {} runs of each length\n", study.title, workers,
             workers == 1 ? "" : "s", fewest);
  fmt::print("a unit of work: {} in the sequential driver's tasks of {} ({} runs)\n\n",
             text_of_task_time(study.unit.seconds.value),
             text_of_task_time(study.unit.seconds.value * study.unit.units), study.unit.runs);
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
      text_of_task_time(longest));
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
    print(granularity_study(read({argv + 1, argv + argc}, warnings), Denominator::without_timers));
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
