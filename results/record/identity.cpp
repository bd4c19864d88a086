#include "results/record/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <optional>
#include <set>

#include "results/record/workers.hpp"

namespace scalelab {

namespace {

/// What the machines of a run have there: "AMD EPYC", or of two kinds "AMD EPYC + Intel Xeon".
std::string of_all(const Run& run, const std::function<std::string(const Machine&)>& field) {
  std::set<std::string> values;
  for (const Machine& machine : run.machines) values.insert(field(machine));
  return fmt::format("{}", fmt::join(values, " + "));
}

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}

}  // namespace

Computation computation_of(const Run& run) {
  Computation computation{run.kernel, run.options, run.data_digest.value_or(run.data.value_or("")),
                          run.tasks, run.work ? run.work->serial : 0};
  computation.options.erase(run.time_option.value_or("task-time"));
  if (!computation.data.empty()) computation.options.erase("data");
  return computation;
}

std::string units_option_of(const Run& run) { return run.units_option.value_or("task-units"); }

Fields work_of(const Run& run) {
  const Computation computation = computation_of(run);
  Fields fields = computation.options;
  fields["kernel"] = computation.kernel;
  fields["scaling"] = run.scaling;
  fields["data"] = computation.data;
  const bool weak = run.scaling == "weak" && run.workers > 0;
  fields[weak ? "tasks-per-worker" : "tasks"] =
      std::to_string(weak ? run.tasks / run.workers : run.tasks);
  return fields;
}

Fields configuration_of(const Run& run) {
  return {{"driver", run.driver},
          {"schedule", run.schedule},
          {"chunk", std::to_string(run.chunk)},
          {"bind", run.bind},
          {"threads-per-rank", std::to_string(threads_per_rank(run))},
          {"accounting", run.accounting ? "yes" : "no"},
          {"trace", run.trace ? "yes" : "no"}};
}

Fields environment_of(const Run& run) {
  Fields fields{
      {"cpu", of_all(run, [](const Machine& machine) { return text_of(machine.cpu); })},
      {"cpus", of_all(run, [](const Machine& machine) { return std::to_string(machine.cpus); })},
      {"cores", of_all(run, [](const Machine& machine) { return text_of(machine.cores); })},
      {"cpu_limit", of_all(run, [](const Machine& m) { return text_of(m.cpu_limit); })},
      {"governor", of_all(run, [](const Machine& m) { return text_of(m.governor); })},
      {"last_level_cache_bytes",
       of_all(run, [](const Machine& m) { return text_of(m.last_level_cache_bytes); })},
      {"compiler", run.build.compiler},
      {"flags", run.build.flags},
      {"type", run.build.type},
      {"kernels_code", run.build.kernels_code},
      {"commit", text_of(run.build.commit)},
      {"dirty", text_of(run.build.dirty)},
      {"cluster", run.job && run.job->cluster ? *run.job->cluster : "none"}};
  // Each driver has others.
  for (const auto& [name, version] : run.build.libraries) fields.emplace(name, version);
  return fields;
}

}  // namespace scalelab
