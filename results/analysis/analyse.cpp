#include "results/analysis/analyse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/analysis/granularities.hpp"
#include "results/analysis/identity.hpp"
#include "results/analysis/studies.hpp"
#include "results/analysis/verdicts.hpp"

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
    throw UnknownField(fmt::format("'{}': expected one of {}", field, fmt::join(known, ", ")));
  }
}

}  // namespace

Analysis analyse(const std::vector<std::string>& paths, const AnalysisOptions& options) {
  Analysis analysis;
  analysis.paths = paths;
  analysis.target = options.target;
  Studies studies(options.merged);
  Granularities granularities(options.merged);
  SameEnvironment environment(options.merged);
  std::set<std::string> seen;  // runs
  RecordHandlers handlers;
  handlers.repetition = [&](const Run& run, const Repetition& repetition) {
    if (seen.insert(run.id).second) {
      add_run(analysis, run);
      environment.add(run);
    }
    if (!repetition.warmup) ++analysis.repetitions;
    studies.add(run, repetition);
    granularities.add(run, repetition);
  };
  handlers.finding = [&](const Finding& finding) { analysis.findings.push_back(finding); };
  read_records(paths, handlers);

  std::set<std::string> fields = studies.fields();
  fields.merge(environment.known());
  check_merged(options.merged, fields);
  if (const std::string differences = environment.differences(); !differences.empty()) {
    throw std::runtime_error(fmt::format(
        "these records are not of one machine and build: {}. Analyse each on its own; --merge {} "
        "puts them on one curve all the same",
        differences, environment.fields()));
  }
  if (const std::string merged = environment.merged_differences(); !merged.empty()) {
    analysis.notes.push_back(fmt::format("unlike things are on one curve (--merge): {}", merged));
  }
  analysis.studies = studies.finish();
  granularities.finish(analysis);
  for (Study& study : analysis.studies) {
    derive(study, options.base);
    study.verdicts = verdicts_of(study, options.target);
  }
  return analysis;
}

}  // namespace scalelab
