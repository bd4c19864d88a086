#include "results/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
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

Fields configuration_of(const Run& run) {
  return {{"driver", run.driver},
          {"schedule", run.schedule},
          {"chunk", std::to_string(run.chunk)},
          {"bind", run.bind},
          {"threads-per-rank", std::to_string(threads_per_rank(run))},
          {"accounting", run.accounting ? "yes" : "no"},
          {"trace", run.trace ? "yes" : "no"}};
}

std::uint64_t threads_per_rank(const Run& run) {
  const auto threads = run.driver_options.find("threads-per-rank");
  const std::uint64_t number =
      threads == run.driver_options.end() ? 1 : std::strtoull(threads->second.c_str(), nullptr, 10);
  return std::max<std::uint64_t>(number, 1);
}

std::size_t hosts_of(const Run& run) {
  std::set<std::string> hosts;
  for (const Place& place : run.places) hosts.insert(place.host);
  return hosts.size();
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

namespace {

/// Of each CPU of a machine, its core, called by the first CPU of that core.
std::map<int, int> cores_by_cpu(const Machine& machine) {
  std::map<int, int> cores;
  for (const std::string& core : machine.core_cpus) {
    const std::vector<int> cpus = cpus_of(core);
    for (const int cpu : cpus) cores[cpu] = cpus.front();
  }
  return cores;
}

/// The cores on which workers of the run may be on that machine; empty: not known.
std::set<int> used_cores(const Run& run, const Machine& machine, std::size_t& workers) {
  const std::map<int, int> core_of = cores_by_cpu(machine);
  std::set<int> used;
  bool known = true;
  for (const Place& place : run.places) {
    if (place.host != machine.host) continue;
    ++workers;
    const std::vector<int> cpus = cpus_of(place.cpus);
    known = known && !cpus.empty();
    for (const int cpu : cpus) {
      const auto core = core_of.find(cpu);
      used.insert(core == core_of.end() ? cpu : core->second);
    }
  }
  return known ? used : std::set<int>{};
}

bool are_mixed(const Run& run, const Machine& machine, const std::set<int>& used,
               std::size_t workers) {
  std::size_t slow = 0;
  for (const int cpu : cpus_of(machine.slow_cpus.value_or(""))) slow += used.count(cpu);
  const std::size_t fast = used.size() - slow;
  if (slow == 0 || fast == 0) return false;
  // Who may be anywhere is on a fast core as long as there is one.
  return run.bind == "cores" || workers > fast;
}

}  // namespace

Seats seats_of(const Run& run) {
  Seats seats;
  for (const Machine& machine : run.machines) {
    double cores = static_cast<double>(machine.cores.value_or(machine.cpus));
    if (machine.cpu_limit) cores = std::min(cores, std::ceil(*machine.cpu_limit));
    std::size_t workers = 0;
    const std::set<int> used = used_cores(run, machine, workers);
    // Bound workers show no more cores than they are on: only where there are fewer, they are all.
    if (!used.empty() && (run.bind != "cores" || used.size() < workers)) {
      cores = std::min(cores, static_cast<double>(used.size()));
    }
    seats.cores += static_cast<std::uint64_t>(cores);
    seats.shared = seats.shared || static_cast<double>(workers) > cores;
    seats.mixed = seats.mixed || are_mixed(run, machine, used, workers);
  }
  if (run.places.empty()) seats.shared = seats.cores > 0 && run.workers > seats.cores;
  return seats;
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
