#include "results/analysis/from_records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "kernels/options.hpp"
#include "results/analysis/bandwidth.hpp"
#include "results/analysis/granularity_finder.hpp"
#include "results/analysis/verdicts.hpp"
#include "results/studies/same_environment.hpp"
#include "results/studies/studies.hpp"

namespace scalelab {

namespace {

void add_machines(Analysis& analysis, const Run& run) {
  for (const Machine& machine : run.machines) {
    const bool known =
        std::any_of(analysis.machines.begin(), analysis.machines.end(),
                    [&](const Machine& other) { return other.host == machine.host; });
    if (known) continue;
    analysis.machines.push_back(machine);
    analysis.cores_per_host.push_back(machine.cores.value_or(machine.cpus));
  }
}

void add_run(Analysis& analysis, const Run& run) {
  if (analysis.runs++ == 0) analysis.build = run.build;
  // Each driver has libraries of its own.
  analysis.build.libraries.insert(run.build.libraries.begin(), run.build.libraries.end());
  add_machines(analysis, run);
  if (!analysis.job) analysis.job = run.job;
  analysis.warnings.add(run);
  if (analysis.first_started.empty() || run.started < analysis.first_started) {
    analysis.first_started = run.started;
  }
  analysis.last_started = std::max(analysis.last_started, run.started);
}

void check_merged(const std::set<std::string>& merged, const std::set<std::string>& known) {
  for (const std::string& field : merged) {
    if (known.contains(field)) continue;
    throw UsageError(
        fmt::format("--merge: '{}': expected one of {}", field, fmt::join(known, ", ")));
  }
}

/// All records, once: runs in their studies, nothing derived yet.
class Reading {
 public:
  explicit Reading(const AnalysisOptions& options)
      : options_(options),
        studies_(options.merged),
        granularity_(options.merged),
        environment_(options.merged) {}

  void read(const std::vector<std::string>& paths, Analysis& analysis) {
    RecordHandlers handlers;
    std::string file;
    handlers.file = [&](const std::string& name) { file = name; };
    handlers.repetition = [&](const Run& run, const Repetition& repetition) {
      add(run, repetition, file, analysis);
    };
    handlers.finding = [&](const Finding& finding) { analysis.findings.push_back(finding); };
    read_records(paths, handlers);
  }

  /// @throws UsageError, std::runtime_error
  void check(Analysis& analysis) const {
    std::set<std::string> fields = studies_.fields();
    fields.merge(environment_.known());
    check_merged(options_.merged, fields);
    if (const std::string differences = environment_.differences(); !differences.empty()) {
      throw std::runtime_error(fmt::format(
          "these records are not of one machine and build: {}. Analyse those files on their own "
          "that are alike, or run all again with one build; --merge {} puts them on one curve "
          "all the same",
          differences, environment_.fields()));
    }
    if (const std::string merged = environment_.merged_differences(); !merged.empty()) {
      analysis.notes.push_back(fmt::format("unlike things are on one curve (--merge): {}", merged));
    }
  }

  /// Once. Studies of granularity are judged here; all others are left to `derive`.
  void finish(Analysis& analysis) {
    analysis.studies = studies_.finish();
    granularity_.finish(analysis);
  }

 private:
  void add(const Run& run, const Repetition& repetition, const std::string& file,
           Analysis& analysis) {
    if (seen_.insert(run.id).second) {
      add_run(analysis, run);
      environment_.add(run, file);
    }
    if (!repetition.warmup) ++analysis.repetitions;
    studies_.add(run, repetition);
    granularity_.add(run, repetition);
  }

  const AnalysisOptions& options_;
  Studies studies_;
  GranularityFinder granularity_;
  SameEnvironment environment_;
  std::set<std::string> seen_;  ///< runs
};

/// What the mark of times without a 95 % interval means; once for all studies. Empty: none has it.
std::string about_few_runs(const std::vector<Study>& studies) {
  bool few = false;
  bool one = false;
  for (const Study& study : studies) {
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) {
        few = few || !point.seconds.confident;
        one = one || !point.times_of_runs;
      }
    }
  }
  if (!few) return "";
  return fmt::format(
      "* of fewer than 6 runs there is no 95 % interval: [..] goes from the smallest to the "
      "largest, and what is said by it may be chance. {}./lab sweep with --rounds 6 makes six runs",
      one ? "Of one run only, that is of its repetitions, in which what a process has in common "
            "(its memory, its cores) does not vary. "
          : "");
}

}  // namespace

Analysis analysis_from_records(const std::vector<std::string>& paths,
                               const AnalysisOptions& options) {
  Analysis analysis;
  analysis.paths = paths;
  analysis.target = options.target;
  Reading reading(options);
  reading.read(paths, analysis);
  reading.check(analysis);
  reading.finish(analysis);
  for (Study& study : analysis.studies) derive(study, options.base);
  if (std::string few = about_few_runs(analysis.studies); !few.empty()) {
    analysis.notes.push_back(std::move(few));
  }
  compare_bandwidths(analysis.studies);
  for (Study& study : analysis.studies) {
    study.verdicts = verdicts_of(study, options.target);
  }
  return analysis;
}

std::string nothing_measured(const Analysis& analysis) {
  if (analysis.repetitions == 0) {
    return "no measured repetition: expected what --record, --json or ./lab sweep has written";
  }
  return fmt::format(
      "no measured repetition: {} resumed a journal, replaced a dead worker or were stopped, which "
      "is no measurement: run them again",
      analysis.repetitions);
}

}  // namespace scalelab
