#include "results/analysis/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <vector>

#include "results/record/cores.hpp"
#include "results/record/cpu_list.hpp"

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

/// The workers of a run on one of its machines.
struct Seated {
  std::size_t workers = 0;
  std::set<int> cores;             ///< on which they may be
  std::map<int, std::size_t> own;  ///< workers that may be on this core only
  bool known = true;               ///< where all of them may be

  /// Some of them cannot but share a core.
  bool are_crowded() const {
    return known &&
           (cores.size() < workers ||
            std::any_of(own.begin(), own.end(), [](const auto& core) { return core.second > 1; }));
  }
};

Seated seated_on(const Machine& machine, const Run& run) {
  Seated seated;
  for (const Place& place : run.places) {
    if (place.host != machine.host) continue;
    ++seated.workers;
    const std::set<int> cores = cores_of(machine, cpus_of(place.cpus));
    seated.known = seated.known && !cores.empty();
    if (cores.size() == 1) ++seated.own[*cores.begin()];
    seated.cores.insert(cores.begin(), cores.end());
  }
  seated.known = seated.known && seated.workers > 0;
  return seated;
}

bool are_mixed(const Run& run, const Machine& machine, const Seated& seated) {
  std::size_t slow = 0;
  for (const int cpu : cpus_of(machine.slow_cpus.value_or(""))) slow += seated.cores.count(cpu);
  const std::size_t fast = seated.cores.size() - slow;
  if (!seated.known || slow == 0 || fast == 0) return false;
  // Who may be anywhere is on a fast core as long as there is one.
  return run.bind == "cores" || seated.workers > fast;
}

double cores_that_compute(const Machine& machine) {
  const auto cores = static_cast<double>(machine.cores.value_or(machine.cpus));
  return std::min(cores, std::ceil(machine.cpu_limit.value_or(cores)));
}

}  // namespace

Seats seats_of(const Run& run) {
  std::vector<Seated> all;
  for (const Machine& machine : run.machines) all.push_back(seated_on(machine, run));
  // Bound workers show no more cores than they are on: only where they crowd, these are all.
  const bool all_are_seen =
      run.bind != "cores" || std::any_of(all.begin(), all.end(),
                                         [](const Seated& seated) { return seated.are_crowded(); });
  Seats seats;
  for (std::size_t i = 0; i < all.size(); ++i) {
    double cores = cores_that_compute(run.machines[i]);
    if (all[i].known && all_are_seen) {
      cores = std::min(cores, static_cast<double>(all[i].cores.size()));
    }
    seats.cores += static_cast<std::uint64_t>(cores);
    seats.shared =
        seats.shared || static_cast<double>(all[i].workers) > cores || all[i].are_crowded();
    seats.mixed = seats.mixed || are_mixed(run, run.machines[i], all[i]);
  }
  seats.shared = seats.shared || (seats.cores > 0 && run.workers > seats.cores);
  return seats;
}

std::string unique_name(const std::string& name, std::set<std::string>& taken) {
  std::string unique = name;
  for (int number = 2; !taken.insert(unique).second; ++number) {
    unique = fmt::format("{}-{}", name, number);
  }
  return unique;
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
