#include "drivers/common/run/warnings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "results/record/cpu_list.hpp"
#include "results/record/workers.hpp"
#include "results/statistics/statistics.hpp"
#include "results/text/units.hpp"

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

/// As they said themselves, whatever else is not known yet.
std::vector<Place> places_on(Board& board) {
  std::vector<Place> places;
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    const WorkerFacts& facts = board.facts(w);
    places.push_back({facts.host.data(), static_cast<std::uint64_t>(facts.pid), facts.cpus.data()});
  }
  return places;
}

/// Workers of a host that may be on more CPUs than their list has room for.
std::uint64_t free_to_roam(Board& board, const std::string& host) {
  std::uint64_t number = 0;
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    const WorkerFacts& facts = board.facts(w);
    const bool cut = facts.cpu_count > 0 && cpus_of(facts.cpus.data()).empty();
    number += cut && host == facts.host.data() ? 1 : 0;
  }
  return number;
}

std::string limited(const WorkersOnHost& on) {
  const std::string limit = fmt::format("{:.3g}", on.cpu_limit);
  return fmt::format("{} worker{} on {}, where a limit (cgroup) allows {} CPU{}", on.workers,
                     on.workers == 1 ? "" : "s", on.host, limit, limit == "1" ? "" : "s");
}

/// Why they cannot all compute all the time, each with a core to itself.
void tell_crowding(const WorkersOnHost& on, std::vector<std::string>& warnings) {
  const Crowding why = on.crowding();
  if (why.few_cores && !on.are_bound_together()) {
    warnings.push_back(
        fmt::format("{} workers share {} core{} of {}: {}", on.workers, on.cores,
                    on.cores == 1 ? "" : "s", on.host,
                    why.hardware_threads
                        ? "each has a hardware thread (SMT), and those of a core share its units"
                        : "no more can compute at a time"));
    return;  // what follows is no wonder then
  }
  if (on.are_throttled()) warnings.push_back(limited(on));
  if (why.same_core) {
    const auto most =
        std::max_element(on.bound.begin(), on.bound.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    warnings.push_back(fmt::format(
        "{} workers are bound to core {} of {}{}", most->second, most->first, on.host,
        on.have_hardware_threads(most->first) ? ", whose hardware threads (SMT) share its units"
                                              : ""));
  }
}

}  // namespace

std::vector<std::string> warnings_about_workers(const KernelDescription& kernel, Board& board,
                                                bool bound, const std::vector<Machine>& machines) {
  std::vector<std::string> warnings;
  if (kernel.waits) return warnings;
  std::vector<WorkersOnHost> hosts = workers_by_host(places_on(board), machines);
  std::ranges::sort(hosts, {}, &WorkersOnHost::host);
  for (const WorkersOnHost& on : hosts) {
    tell_crowding(on, warnings);
    const std::uint64_t unbound = on.unbound + free_to_roam(board, on.host);
    if (bound && on.workers > 1 && unbound > 0 && !on.lack_cores()) {
      warnings.push_back(fmt::format("not bound to a core: {} of {} workers on {} (--bind cores)",
                                     unbound, on.workers, on.host));
    }
  }
  return warnings;
}

namespace {

/// How many repetitions were interrupted, which, and for how long.
std::string about_interruptions(const Tally& tally) {
  std::vector<std::uint64_t> numbers = tally.interrupted();
  const std::size_t all = numbers.size();
  constexpr std::size_t most = 3;
  if (all > most + 1) numbers.resize(most);
  const std::string more =
      all > numbers.size() ? fmt::format(" and {} more", all - numbers.size()) : "";
  const std::string time = text_of_seconds(tally.longest_interruption());
  const bool one = all == 1;
  return fmt::format(
      "{} of {} repetitions {} stopped and continued (SIGSTOP, Ctrl-Z, a suspended machine), or "
      "may have been: number{} {}{}, {} {} at most; {}",
      all, tally.seconds().size(), one ? "was" : "were", one ? "" : "s", fmt::join(numbers, ", "),
      more, one ? "for" : "the longest for", time,
      one ? "that is no measurement" : "these are no measurements");
}

}  // namespace

std::vector<std::string> warnings_about_times(const Run& run, const Tally& tally) {
  std::vector<std::string> warnings;
  if (tally.retried() > 0) {
    warnings.push_back(
        fmt::format("workers died in {} of {} repetitions, which took longer for that",
                    tally.retried(), tally.seconds().size()));
  }
  if (!tally.interrupted().empty()) warnings.push_back(about_interruptions(tally));
  const Seats seats = seats_of(run);
  const bool should_run = !run.waits && !seats.crowded() && !seats.throttled;
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
