#include "results/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "results/cpu_list.hpp"

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

Fields work_of(const Run& run) {
  Fields fields = run.options;
  fields.erase("task-time");  // only a way of saying task-units
  fields["kernel"] = run.kernel;
  fields["scaling"] = run.scaling;
  fields["data"] = run.data_digest.value_or(run.data.value_or(""));
  const bool weak = run.scaling == "weak" && run.workers > 0;
  fields[weak ? "tasks-per-worker" : "tasks"] =
      std::to_string(weak ? run.tasks / run.workers : run.tasks);
  return fields;
}

std::string name_for_files(const std::string& name) {
  std::string clean = name;
  for (char& c : clean) {
    const bool harmless = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!harmless) c = '-';
  }
  constexpr std::size_t longest = 64;
  return clean.substr(0, longest);
}

std::uint64_t cores_of(const Run& run) {
  std::uint64_t cores = 0;
  for (const Machine& machine : run.machines) {
    double here = static_cast<double>(machine.cores.value_or(machine.cpus));
    if (machine.cpu_limit) here = std::min(here, std::ceil(*machine.cpu_limit));
    std::set<int> allowed;
    std::size_t workers = 0;
    for (const Place& place : run.places) {
      if (place.host != machine.host) continue;
      const std::vector<int> cpus = cpus_of(place.cpus);
      allowed.insert(cpus.begin(), cpus.end());
      ++workers;
    }
    // Bound workers show no more CPUs than they are: only where there are fewer, they are all.
    if (!allowed.empty() && allowed.size() < workers) {
      here = std::min(here, static_cast<double>(allowed.size()));
    }
    cores += static_cast<std::uint64_t>(here);
  }
  return cores;
}

void SameEnvironment::add(const Run& run) {
  const std::string host = run.machines.empty() ? "?" : run.machines.front().host;
  for (const auto& [field, value] : environment_of(run)) {
    known_.insert(field);
    seen_[field].emplace(value, host);
  }
}

std::string SameEnvironment::text_of(bool merged) const {
  std::vector<std::string> texts;
  for (const auto& [field, values] : seen_) {
    if (values.size() < 2 || merged_.contains(field) != merged) continue;
    std::vector<std::string> each;
    for (const auto& [value, host] : values) each.push_back(fmt::format("'{}' ({})", value, host));
    texts.push_back(fmt::format("{}: {}", field, fmt::join(each, ", ")));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string SameEnvironment::fields() const {
  std::vector<std::string> names;
  for (const auto& [field, values] : seen_) {
    if (values.size() > 1 && !merged_.contains(field)) names.push_back(field);
  }
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace scalelab
