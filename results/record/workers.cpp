#include "results/record/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "results/record/cpu_list.hpp"

namespace scalelab {

namespace {

/// The physical cores of a machine, each called by its first CPU: two threads of a core are one.
/// Where the record does not tell, each CPU is a core.
class Cores {
 public:
  explicit Cores(const Machine& machine) {
    for (const std::string& list : machine.core_cpus) {
      const std::vector<int> cpus = cpus_of(list);
      for (const int cpu : cpus) core_of_[cpu] = cpus.front();
    }
  }

  /// Those that these CPUs belong to.
  std::set<int> of(const std::vector<int>& cpus) const {
    std::set<int> cores;
    for (const int cpu : cpus) {
      const auto core = core_of_.find(cpu);
      cores.insert(core == core_of_.end() ? cpu : core->second);
    }
    return cores;
  }

 private:
  std::map<int, int> core_of_;
};

std::uint64_t cores_in(const Machine& machine) { return machine.cores.value_or(machine.cpus); }

using PlacesByHost = std::map<std::string, std::vector<const Place*>>;

WorkersOnHost workers_on(const Machine& machine, const PlacesByHost& places) {
  WorkersOnHost on;
  on.host = machine.host;
  on.cpu_limit = machine.cpu_limit.value_or(on.cpu_limit);
  const Cores cores_there(machine);
  std::set<int> cpus_seen;
  const auto here = places.find(machine.host);
  for (const Place* place : here == places.end() ? std::vector<const Place*>() : here->second) {
    ++on.workers;
    const std::vector<int> cpus = cpus_of(place->cpus);
    const std::set<int> cores = cores_there.of(cpus);
    if (cores.empty()) {
      on.told = false;
    } else if (cores.size() == 1) {
      ++on.bound[*cores.begin()];
      on.bound_cpus[*cores.begin()].insert(cpus.begin(), cpus.end());
    } else {
      ++on.unbound;
    }
    on.cores_seen.insert(cores.begin(), cores.end());
    cpus_seen.insert(cpus.begin(), cpus.end());
  }
  on.told = on.told && on.workers > 0;
  on.cores = on.all_cores = cores_in(machine);
  on.cpus = machine.cpus;
  if (on.told) {
    const std::uint64_t seen = on.cores_seen.size();
    on.cores = on.cores > 0 ? std::min(on.cores, seen) : seen;
    const std::uint64_t cpus = cpus_seen.size();
    on.cpus = on.cpus > 0 ? std::min(on.cpus, cpus) : cpus;
  }
  for (const int cpu : cpus_of(machine.slow_cpus.value_or(""))) {
    on.slow_cores += on.cores_seen.count(cpu);
  }
  return on;
}

bool are_mixed(const WorkersOnHost& on, bool bound) {
  const std::uint64_t fast = on.cores_seen.size() - on.slow_cores;
  if (!on.told || on.slow_cores == 0 || fast == 0) return false;
  // Who may be anywhere is on a fast core as long as there is one.
  return bound || on.workers > fast;
}

/// Whole ones: under a limit of 2.5 CPUs a third worker would wait for others.
std::uint64_t within_limit(std::uint64_t cores, double cpu_limit) {
  if (static_cast<double>(cores) <= cpu_limit) return cores;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::floor(cpu_limit + 0.01)));
}

}  // namespace

std::uint64_t threads_per_rank(const Run& run) {
  const auto threads = run.driver_options.find("threads-per-rank");
  const std::uint64_t number =
      threads == run.driver_options.end() ? 1 : std::strtoull(threads->second.c_str(), nullptr, 10);
  return std::max<std::uint64_t>(number, 1);
}

Crowding& Crowding::operator|=(const Crowding& other) {
  const bool turns = take_turns() || other.take_turns();
  few_cores = few_cores || other.few_cores;
  cpu_limit = cpu_limit || other.cpu_limit;
  same_core = same_core || other.same_core;
  hardware_threads = on_shared_cores() && !turns;
  return *this;
}

std::string workers_of(const Run& run) {
  const std::uint64_t threads = threads_per_rank(run);
  return threads == 1 ? fmt::format("{}", run.workers)
                      : fmt::format("{}x{}", run.workers / threads, threads);
}

std::size_t hosts_of(const Run& run) {
  std::set<std::string> hosts;
  for (const Place& place : run.places) hosts.insert(place.host);
  return hosts.size();
}

std::uint64_t WorkersOnHost::most_on_a_core() const {
  std::uint64_t most = 0;
  for (const auto& [core, number] : bound) most = std::max(most, number);
  return most;
}

bool WorkersOnHost::have_hardware_threads(int core) const {
  const auto there = bound_cpus.find(core);
  return there != bound_cpus.end() && bound.at(core) <= there->second.size();
}

Crowding WorkersOnHost::crowding() const {
  Crowding why;
  if (workers < 2) return why;
  const std::uint64_t there = are_bound_together() ? all_cores : cores;
  const bool limit_is_less = there == 0 || cpu_limit + 0.01 < static_cast<double>(there);
  why.cpu_limit = are_throttled() && limit_is_less;
  why.few_cores = there > 0 && workers > there && !why.cpu_limit;
  why.same_core = most_on_a_core() > 1;
  const bool all_have_threads = std::all_of(bound.begin(), bound.end(), [&](const auto& core) {
    return have_hardware_threads(core.first);
  });
  why.hardware_threads =
      why.on_shared_cores() && workers <= cpus && all_have_threads && !are_throttled();
  return why;
}

std::vector<WorkersOnHost> workers_by_host(const std::vector<Place>& places,
                                           const std::vector<Machine>& machines) {
  std::vector<WorkersOnHost> all;
  std::set<std::string> told_of;
  PlacesByHost by_host;
  for (const Place& place : places) by_host[place.host].push_back(&place);
  for (const Machine& machine : machines) {
    if (!told_of.insert(machine.host).second) by_host[machine.host].clear();  // told twice
    all.push_back(workers_on(machine, by_host));
  }
  for (const Place& place : places) {
    if (!told_of.insert(place.host).second) continue;
    Machine unknown;
    unknown.host = place.host;
    all.push_back(workers_on(unknown, by_host));
  }
  return all;
}

Seats seats_of(const Run& run) {
  std::vector<WorkersOnHost> hosts = workers_by_host(run.places, run.machines);
  // Where nobody said where he is, all are on the only machine there is.
  if (run.places.empty() && hosts.size() == 1) hosts.front().workers = run.workers;
  Seats seats;
  bool share_cores = false;
  for (const WorkersOnHost& on : hosts) {
    seats.crowding |= on.crowding();
    seats.throttled = seats.throttled || on.are_throttled();
    seats.cpus += std::min(static_cast<double>(on.workers), on.cpu_limit);
    share_cores = share_cores || on.lack_cores() || on.most_on_a_core() > 1;
    seats.mixed = seats.mixed || are_mixed(on, run.bind == "cores");
  }
  if (!seats.throttled) seats.cpus = 0;
  // Bound workers show no more cores than they are on: only where they share some, these are all.
  const bool all_are_seen = run.bind != "cores" || share_cores;
  std::uint64_t without_limits = 0;
  for (std::size_t i = 0; i < run.machines.size(); ++i) {
    const std::uint64_t cores = all_are_seen ? hosts[i].cores : cores_in(run.machines[i]);
    seats.cores += within_limit(cores, hosts[i].cpu_limit);
    without_limits += cores;
  }
  // Nor are there enough for those who are on none of these machines, for all that is known.
  if (!seats.crowded() && seats.cores > 0 && run.workers > seats.cores) {
    seats.crowding.cpu_limit = seats.cores < without_limits;
    seats.crowding.few_cores = !seats.crowding.cpu_limit;
  }
  return seats;
}

}  // namespace scalelab
