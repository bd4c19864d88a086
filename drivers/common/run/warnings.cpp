#include "drivers/common/run/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

#include "results/record/cores.hpp"
#include "results/record/cpu_list.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

std::string warning_about_build(const std::string& type) {
  constexpr std::string_view sanitizers = SCALELAB_SANITIZE;
  if (!sanitizers.empty()) {
    return fmt::format("built with sanitizers ({}): its times say nothing about speed", sanitizers);
  }
  // Kernels of a project of one's own may be built otherwise than the frame around them.
  const std::string worst = type != "Release" ? type : std::string(SCALELAB_BUILD_TYPE);
  if (worst != "Release") {
    return fmt::format("a {} build: its times say nothing about speed",
                       worst.empty() ? "plain" : worst);
  }
  return "";
}

std::string warning_about_cluster(const std::optional<Job>& job) {
  if (!job || job->cluster != "scalelab-virtual") return "";
  return "a virtual cluster: its nodes share the cores of one machine, times are no measurements";
}

namespace {

/// The workers of a machine.
struct Host {
  std::size_t workers = 0;
  std::set<int> cores;  ///< that workers may run on
  bool cut = false;     ///< a list of CPUs was too long: there are more cores than these
  std::size_t unbound = 0;
  std::size_t unknown = 0;  ///< the system does not tell
  std::map<int, std::size_t> on_core;
  Machine machine;

  double cpu_limit() const {
    return machine.cpu_limit.value_or(std::numeric_limits<double>::infinity());
  }
};

std::map<std::string, Host> hosts_of(Board& board, const std::vector<Machine>& machines) {
  std::map<std::string, Host> hosts;
  for (const Machine& machine : machines) hosts[machine.host].machine = machine;
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    const WorkerFacts& facts = board.facts(w);
    Host& host = hosts[facts.host.data()];
    ++host.workers;
    const std::set<int> cores = cores_of(host.machine, cpus_of(facts.cpus.data()));
    host.cores.insert(cores.begin(), cores.end());
    host.cut = host.cut || (facts.cpu_count > 0 && cores.empty());
    if (facts.cpu_count == 0) {
      ++host.unknown;
    } else if (cores.size() == 1) {
      ++host.on_core[*cores.begin()];
    } else {
      ++host.unbound;
    }
  }
  return hosts;
}

std::string limited(const std::string& name, const Host& host) {
  return fmt::format("{} worker{} on {}, where a limit (cgroup) allows {:.3g} CPUs", host.workers,
                     host.workers == 1 ? "" : "s", name, host.cpu_limit());
}

}  // namespace

std::vector<std::string> warnings_about_workers(const KernelDescription& kernel, Board& board,
                                                bool bound, const std::vector<Machine>& machines) {
  std::vector<std::string> warnings;
  if (kernel.waits) return warnings;
  for (const auto& [name, host] : hosts_of(board, machines)) {
    if (host.workers <= 1 || host.unknown > 0) {
      if (static_cast<double>(host.workers) > host.cpu_limit() + 0.01)
        warnings.push_back(limited(name, host));
      continue;
    }
    // A launcher may give every process cores of its own.
    const std::size_t cores =
        host.cut
            ? std::max<std::size_t>(host.cores.size(), host.machine.cores.value_or(host.workers))
            : host.cores.size();
    if (host.unbound > 0 && host.workers > cores) {
      warnings.push_back(
          fmt::format("{} workers share {} core{} of {}: no more can compute at a time",
                      host.workers, cores, cores == 1 ? "" : "s", name));
      continue;  // what follows is no wonder then
    }
    if (static_cast<double>(host.workers) > host.cpu_limit() + 0.01) {
      warnings.push_back(limited(name, host));
    }
    const auto crowded =
        std::max_element(host.on_core.begin(), host.on_core.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (crowded != host.on_core.end() && crowded->second > 1) {
      warnings.push_back(fmt::format("{} workers are bound to core {} of {}", crowded->second,
                                     crowded->first, name));
    }
    if (bound && host.unbound > 0) {
      warnings.push_back(fmt::format("not bound to a core: {} of {} workers on {} (--bind cores)",
                                     host.unbound, host.workers, name));
    }
  }
  return warnings;
}

std::vector<std::string> warnings_about_times(const Run& run, const Tally& tally, bool should_run) {
  std::vector<std::string> warnings;
  if (tally.retried() > 0) {
    warnings.push_back(
        fmt::format("workers died in {} of {} repetitions, which took longer for that",
                    tally.retried(), tally.seconds().size()));
  }
  const double on_cpu = tally.cpu_seconds() / tally.times().compute;
  if (should_run && tally.cpu_seconds() > 0 && on_cpu < 0.9) {
    warnings.push_back(
        fmt::format("the workers had a CPU for only {:.0f} % of their compute time: others had it",
                    100 * on_cpu));
  }
  std::vector<double> seconds = tally.seconds();
  const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  if (seconds.size() >= 6) {
    const Quartiles quartiles = quartiles_of(std::move(seconds));
    const double spread = (quartiles.third - quartiles.first) / quartiles.median;
    if (spread > 0.1) {
      warnings.push_back(fmt::format(
          "noisy: the middle half of the repetitions spreads over {:.0f} % of their median",
          100 * spread));
    }
  }
  // Of the CPUs that the workers can have used.
  const double cpus = run.machines.empty()
                          ? 1
                          : static_cast<double>(std::min(run.machines.front().cpus,
                                                         std::max<std::uint64_t>(run.workers, 1)));
  if (tally.stolen_seconds() > 0.02 * all * cpus) {
    warnings.push_back(fmt::format("the hypervisor took {:.0f} % of the CPUs' time for others",
                                   100 * tally.stolen_seconds() / (all * cpus)));
  }
  if (!run.machines.empty() && run.working_set_bytes > 0 &&
      run.working_set_bytes < run.machines.front().last_level_cache_bytes.value_or(0)) {
    warnings.push_back("the working set fits into the last-level cache: memory was not measured");
  }
  const auto parts = static_cast<double>(tally.times().parts);
  if (run.trace && tally.worker_seconds() < parts * 5e-6) {
    warnings.push_back(
        "traced: to note each of these short chunks takes a good part of their time");
  }
  return warnings;
}

}  // namespace scalelab
