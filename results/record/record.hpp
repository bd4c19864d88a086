#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace scalelab {

// What a run leaves behind: lines of JSON, each one of the structs below. results/README.md has
// every field with its type and unit. Raw facts only: means, speed-ups and efficiencies are derived
// later. What the system does not tell is left out.

/// Of the lines described here. Readers refuse others.
constexpr std::uint64_t record_schema = 1;

/// The name of the driver that speed-ups are over: one worker, and nothing between it and the
/// kernel.
inline constexpr const char* sequential_driver = "sequential";

/// One of the machines that took part, as it was before the first repetition.
struct Machine {
  std::string host;
  std::optional<std::string> system;              ///< "Linux 6.1.0-18-amd64"
  std::optional<std::string> cpu;                 ///< model
  std::uint64_t cpus = 0;                         ///< logical, online
  std::optional<std::uint64_t> cores;             ///< physical
  std::optional<std::uint64_t> threads_per_core;  ///< SMT
  std::optional<std::uint64_t> performance_cpus;  ///< of a processor that has two kinds
  std::optional<std::uint64_t> efficiency_cpus;
  std::vector<std::string> core_cpus;  ///< of each core its CPUs, "0,4"; empty: each CPU is a core
  std::optional<std::string> slow_cpus;  ///< those of the slower kind, "16-23"
  std::optional<std::uint64_t> last_level_cache_bytes;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t>
      available_bytes;              ///< memory that may still be taken, cgroup included
  std::optional<double> cpu_limit;  ///< of the cgroup [CPUs]
  std::optional<double> load;       ///< of the last minute [runnable processes]
  std::optional<std::string> governor;
  std::optional<double> frequency_hz;
  std::optional<bool> virtual_machine;
};

/// How the program was made.
struct Build {
  std::string version;
  std::string compiler;
  std::string flags;
  std::string type;
  std::string kernels_code;  ///< checksum of the kernels' machine code
  std::optional<std::string> commit;
  std::optional<bool> dirty;                     ///< changed since that commit
  std::map<std::string, std::string> libraries;  ///< versions
};

/// Where a worker is, as it saw itself when it was started.
struct Place {
  std::string host;
  std::uint64_t pid = 0;
  std::string cpus;  ///< that it may run on, as in "0-3,8"
};

/// The Slurm job that the run was part of.
struct Job {
  std::string id;
  std::optional<std::string> cluster;
  std::optional<std::string> nodes;
  std::optional<std::uint64_t> cpus;  ///< allocated, on all nodes together
  std::optional<std::string> partition;
  std::optional<double> queue_seconds;
};

/// One driver, one configuration. The first line.
struct Run {
  std::string id;       ///< the same in all lines of the run
  std::string started;  ///< UTC, as in "2026-11-22T20:15:00.123Z"
  std::vector<std::string> command;
  std::string driver;
  std::string kernel;
  bool waits = false;  ///< its tasks wait rather than compute
  /// What its tasks use up, and workers share: "memory", "disk"; empty: nothing that its kernel
  /// tells. Records of older versions do not have it, all others do.
  std::optional<std::string> bound_by;
  std::uint64_t workers = 0;
  std::uint64_t tasks = 0;
  std::string scaling;  ///< strong or weak
  std::string schedule;
  std::uint64_t chunk = 0;                     ///< 0: the schedule's own
  std::string bind;                            ///< cores or none
  std::map<std::string, std::string> options;  ///< the kernel's and the seed, as resolved
  // Those by which the length of a task is chosen; empty: the kernel has none. Records of older
  // versions do not name them, all others do.
  std::optional<std::string> time_option;   ///< only a way of saying the other: --task-time
  std::optional<std::string> units_option;  ///< work of a task: --task-units
  std::map<std::string, std::string> driver_options;  ///< what only this driver has
  std::string repetitions;                            ///< a number, or the rule that ends them
  std::uint64_t warmup = 0;
  bool accounting = true;                       ///< workers measure where their time goes
  bool trace = false;                           ///< workers note each chunk, which costs time
  std::optional<std::string> data;              ///< name of the data set
  std::optional<std::string> data_digest;       ///< of its values, 16 hexadecimal digits
  std::vector<std::string> data_notes;          ///< how its file was read: what was left out
  std::uint64_t data_bytes = 0;                 ///< of one copy
  std::uint64_t data_copies = 0;                ///< in the memory of all machines together
  std::uint64_t workspace_bytes = 0;            ///< memory that each worker takes for itself
  std::uint64_t working_set_bytes = 0;          ///< what each worker goes through, 0: no matter
  std::optional<Work> work;                     ///< in the kernel's units
  std::optional<double> seconds_per_unit;       ///< where it is known apart from this run
  std::optional<std::uint64_t> bytes_per_unit;  ///< moved through memory or files
  double init_seconds = 0;                      ///< before the program could do anything: MPI_Init
  double load_seconds = 0;                      ///< reading or drawing the data set
  double distribution_seconds = 0;              ///< request and data, to all processes
  double start_seconds = 0;                     ///< the pool of workers: threads, forks, workspaces
  std::vector<Place> places;  ///< by worker; empty: not known before the first repetition
  std::vector<Machine> machines;
  Build build;
  std::optional<Job> job;
  std::vector<std::string> restarts;  ///< it was started again: how each earlier start has ended
  std::vector<std::string> warnings;
};

/// Where the time of each worker went in a repetition; by worker. Without accounting the first six,
/// and what only some systems tell, are empty.
struct Accounts {
  std::vector<double> compute_seconds;        ///< in the kernel
  std::vector<double> dispatch_seconds;       ///< taking chunks, ledger, journal
  std::vector<double> communication_seconds;  ///< waiting for messages, gathering
  std::vector<double> idle_seconds;           ///< waiting for other workers
  std::vector<double> unaccounted_seconds;    ///< the rest of the repetition's seconds
  std::vector<double> cpu_seconds;            ///< that it ran on a CPU
  std::vector<std::uint64_t> tasks;
  std::vector<std::uint64_t> parts;        ///< calls of the kernel
  std::vector<std::uint64_t> timed_parts;  ///< those that were timed, others are estimated
  std::vector<std::uint64_t> voluntary_switches;
  std::vector<std::uint64_t> involuntary_switches;
  std::vector<std::uint64_t> migrations;  ///< to another CPU, seen between tasks: at least these
};

/// One repetition.
struct Repetition {
  std::string run;
  std::uint64_t number = 0;  ///< from 1; warm-ups are counted apart
  bool warmup = false;
  double at_seconds = 0;  ///< its begin, since the run was started
  double seconds = 0;     ///< from the entry barrier until the reporter owns all values
  std::string digest;     ///< of all values, 16 hexadecimal digits
  Accounts workers;
  std::optional<double> serial_seconds;  ///< of worker 0's compute: the serial part of the work
  std::uint64_t retries = 0;             ///< dead workers that were replaced
  std::uint64_t resumed_tasks = 0;       ///< not run, but read from a journal
  std::map<std::string, std::uint64_t> counters;  ///< the kernel's, summed over all tasks
  std::optional<double>
      steal_seconds;  ///< taken by the hypervisor, all CPUs of the reporter's host
  /// A process was stopped and continued, or may have been: for so long at most.
  std::optional<double> stopped_seconds;
  /// A machine was suspended: for so long, which is not in `seconds`.
  std::optional<double> suspended_seconds;
};

/// Whether it was stopped or suspended, as far as anybody knows.
bool was_interrupted(const Repetition& repetition);

/// Whether its time says anything: it is no warm-up, all of its tasks were run rather than read
/// from a journal, none was run again after a worker had died, and nobody was stopped meanwhile.
bool counts(const Repetition& repetition);

/// What a driver costs apart from any work: --costs.
struct Cost {
  std::string run;
  std::string name;         ///< "barrier", "broadcast", "ping-pong", "fork"
  std::uint64_t bytes = 0;  ///< of a message; for fork: of resident memory
  std::vector<double> seconds;
};

/// The last line; a run without it was cut off.
struct End {
  std::string run;
  std::string status;                 ///< done, stopped or failed
  std::uint64_t exit = 0;             ///< the program's exit status
  std::string reason;                 ///< for the user; empty if all is well
  std::string ended;                  ///< as `started`
  std::vector<std::string> warnings;  ///< that could not be known when the run began
};

/// One line without its end. @throws std::invalid_argument if a number is not finite
std::string to_json(const Run& run);
std::string to_json(const Repetition& repetition);
std::string to_json(const Cost& cost);
std::string to_json(const End& end);

/// For sending between processes. @throws std::runtime_error if it is none
std::string to_json(const Machine& machine);
Machine machine_from_json(const std::string& text);

}  // namespace scalelab
