#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

// The workers of a run: how many, on how many machines, and how they sit on the cores of these.

/// Of a hybrid run; 1 where nothing, or no number, is told.
std::uint64_t threads_per_rank(const Run& run);

/// "8", or of a hybrid run as ranks x threads: "2x4".
std::string workers_of(const Run& run);

/// On how many machines its workers were; 0: not known.
std::size_t hosts_of(const Run& run);

/// Why some of the workers share a core with others, or wait because of a limit.
/// Everybody's definition of crowded: of warnings, of laws of scaling and of what is said about
/// them. One worker alone never is.
struct Crowding {
  bool few_cores = false;  ///< there are fewer cores than workers
  bool cpu_limit = false;  ///< a limit of CPUs (cgroup) lets still fewer compute at a time
  bool same_core = false;  ///< several are bound to one core
  /// Each who shares a core has a hardware thread (SMT) of it: they share the core's units, and
  /// nobody waits for a turn.
  bool hardware_threads = false;

  bool any() const { return few_cores || cpu_limit || same_core; }
  /// Some share a core.
  bool on_shared_cores() const { return few_cores || same_core; }
  bool take_turns() const { return on_shared_cores() && !hardware_threads; }
  Crowding& operator|=(const Crowding& other);
  bool operator==(const Crowding&) const = default;
};

/// Workers on one machine. What is not known is not held against them.
struct WorkersOnHost {
  std::string host;
  std::uint64_t workers = 0;
  bool told = true;              ///< each has said where it may be
  std::set<int> cores_seen;      ///< physical, on which they may be as far as they said
  std::uint64_t cores = 0;       ///< so many of them; or if not told, all; 0: not known
  std::uint64_t all_cores = 0;   ///< of the machine; 0: not known
  std::uint64_t slow_cores = 0;  ///< those of `cores_seen` that are slower than others
  double cpu_limit = std::numeric_limits<double>::infinity();  ///< of the cgroup [CPUs]
  std::map<int, std::uint64_t> bound;       ///< by core: how many may be on this one only
  std::map<int, std::set<int>> bound_cpus;  ///< and on which CPUs of it
  std::uint64_t cpus = 0;                   ///< logical, that go with `cores`; 0: not known
  std::uint64_t unbound = 0;                ///< may be on several

  /// There are fewer cores than workers.
  bool lack_cores() const { return cores > 0 && workers > cores; }
  /// The limit is less than they can use: of 2 under a limit of 1.5 CPUs each waits for a quarter
  /// of the time, and one alone under a limit of 0.5 CPUs for half of it.
  bool are_throttled() const { return static_cast<double>(workers) > cpu_limit + 0.01; }
  /// Most that are bound to one core.
  std::uint64_t most_on_a_core() const;
  /// All are bound, and several to one core: there may be more cores than those that they show.
  bool are_bound_together() const { return told && unbound == 0 && most_on_a_core() > 1; }
  /// Of those that are bound to this core each has a hardware thread of it.
  bool have_hardware_threads(int core) const;
  Crowding crowding() const;
};

/// In the order of the machines, then those of hosts that no machine tells of.
std::vector<WorkersOnHost> workers_by_host(const std::vector<Place>& places,
                                           const std::vector<Machine>& machines);

/// How the workers of a run sit on the cores of its machines. Of workers that share a core, or wait
/// for one, no law of scaling speaks; neither of workers of which some are on slower cores.
struct Seats {
  /// Physical, of all machines together: those that the run could use. Of bound workers that have
  /// one each these cannot be told from the others: all that the machines have. Of a limit of 2.5
  /// CPUs, 2. 0: not known.
  std::uint64_t cores = 0;
  Crowding crowding;       ///< on any of the machines
  bool throttled = false;  ///< on some machine a limit slows the workers; one alone, too
  double cpus = 0;         ///< that they get together then; 0: no limit slows them
  bool mixed = false;      ///< some workers are on slower cores than others

  bool crowded() const { return crowding.any(); }
};

/// By the CPUs on which each worker was allowed, as it saw them.
Seats seats_of(const Run& run);

}  // namespace scalelab
