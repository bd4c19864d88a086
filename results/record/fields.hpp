#pragma once

#include <concepts>

#include "results/record/record.hpp"

namespace scalelab {

// The schema, once: every member of the record with its name in JSON, its unit and its meaning.
// What writes records, what reads them and what prints the tables of results/README.md are visitors
// of these lists; the type is that of the member.

/// One member of an object of JSON.
struct Field {
  const char* name;
  const char* unit;  ///< empty: none
  const char* help;
  /// Left out if it is empty or 0. A std::optional always is.
  bool optional = false;
  bool may_be_negative = false;
};

template <class T, class Struct>
concept MaybeConst = std::same_as<std::remove_const_t<T>, Struct>;

constexpr bool if_any = true;

void fields(auto& visit, MaybeConst<Work> auto& work) {
  visit(Field{"work_units", "kernel's unit", "work of all tasks"}, work.total);
  visit(Field{"longest_task_units", "kernel's unit", "work of the longest task"}, work.longest);
  visit(Field{"serial_units", "kernel's unit", "work that only one worker can do", if_any},
        work.serial);
}

void fields(auto& visit, MaybeConst<Place> auto& place) {
  visit(Field{"host", "", "name of the machine"}, place.host);
  visit(Field{"pid", "", "process id"}, place.pid);
  visit(Field{"cpus", "", "that it may run on, as in \"0-3,8\""}, place.cpus);
}

void fields(auto& visit, MaybeConst<Machine> auto& machine) {
  visit(Field{"host", "", "its name"}, machine.host);
  visit(Field{"system", "", "kernel of the operating system"}, machine.system);
  visit(Field{"cpu", "", "model of the processor"}, machine.cpu);
  visit(Field{"cpus", "", "logical CPUs that are online"}, machine.cpus);
  visit(Field{"cores", "", "physical cores"}, machine.cores);
  visit(Field{"threads_per_core", "", "SMT siblings of a core"}, machine.threads_per_core);
  visit(Field{"performance_cpus", "", "of a processor that has two kinds"},
        machine.performance_cpus);
  visit(Field{"efficiency_cpus", "", "of a processor that has two kinds"}, machine.efficiency_cpus);
  visit(Field{"core_cpus", "", "logical CPUs of each core, as in \"0,4\"; only with SMT", if_any},
        machine.core_cpus);
  visit(Field{"slow_cpus", "", "logical CPUs of the slower kind, as in \"16-23\""},
        machine.slow_cpus);
  visit(Field{"last_level_cache_bytes", "bytes", "size of the last cache before memory"},
        machine.last_level_cache_bytes);
  visit(Field{"memory_bytes", "bytes", "memory"}, machine.memory_bytes);
  visit(Field{"available_bytes", "bytes", "memory that may still be taken, cgroup included"},
        machine.available_bytes);
  visit(Field{"cpu_limit", "CPUs", "limit of the cgroup"}, machine.cpu_limit);
  visit(Field{"load", "processes", "runnable on average in the minute before the run"},
        machine.load);
  visit(Field{"governor", "", "of the CPU's frequency"}, machine.governor);
  visit(Field{"frequency_hz", "Hz", "of the CPU"}, machine.frequency_hz);
  visit(Field{"virtual_machine", "", "it is one"}, machine.virtual_machine);
}

void fields(auto& visit, MaybeConst<Build> auto& build) {
  visit(Field{"version", "", "of the kit"}, build.version);
  visit(Field{"compiler", "", "name and version"}, build.compiler);
  visit(Field{"flags", "", "of the compiler"}, build.flags);
  visit(Field{"type", "", "Release, Debug, RelWithDebInfo"}, build.type);
  visit(Field{"kernels_code", "", "checksum of the kernels' machine code"}, build.kernels_code);
  visit(Field{"commit", "", "of git"}, build.commit);
  visit(Field{"dirty", "", "something was changed since that commit"}, build.dirty);
  visit(Field{"libraries", "", "their versions, by name"}, build.libraries);
}

void fields(auto& visit, MaybeConst<Job> auto& job) {
  visit(Field{"id", "", "Slurm's number"}, job.id);
  visit(Field{"cluster", "", "its name"}, job.cluster);
  visit(Field{"nodes", "", "list of nodes"}, job.nodes);
  visit(Field{"cpus", "", "allocated to the job, on all its nodes together"}, job.cpus);
  visit(Field{"partition", "", "Slurm's queue"}, job.partition);
  visit(Field{"queue_seconds", "s", "waited in the queue, if the job script told it"},
        job.queue_seconds);
}

void fields(auto& visit, MaybeConst<Run> auto& run) {
  visit(Field{"run", "", "the same in all lines of the run"}, run.id);
  visit(Field{"started", "", "when; UTC, RFC 3339"}, run.started);
  visit(Field{"driver", "", "who computes"}, run.driver);
  visit(Field{"kernel", "", "what is computed"}, run.kernel);
  visit(Field{"waits", "", "its tasks wait rather than compute"}, run.waits);
  visit(Field{"bound_by", "", "what its tasks use up and workers share: memory, disk; or empty"},
        run.bound_by);
  visit(Field{"workers", "", "threads, processes or ranks"}, run.workers);
  visit(Field{"tasks", "", "of each repetition"}, run.tasks);
  visit(Field{"scaling", "", "strong: tasks were given; weak: tasks per worker"}, run.scaling);
  visit(Field{"schedule", "", "static, dynamic or guided"}, run.schedule);
  visit(Field{"chunk", "tasks", "handed out at once; 0: the schedule's own"}, run.chunk);
  visit(Field{"bind", "", "cores: each worker to its own; none"}, run.bind);
  visit(Field{"options", "", "the kernel's and the seed, as resolved"}, run.options);
  visit(Field{"time_option", "", "which of them says a task's length as a time; or empty"},
        run.time_option);
  visit(Field{"units_option", "", "which says it in units of work; or empty"}, run.units_option);
  visit(Field{"driver_options", "", "what only this driver has", if_any}, run.driver_options);
  visit(Field{"repetitions", "", "a number, or the rule that ends them"}, run.repetitions);
  visit(Field{"warmup", "", "repetitions before those that count"}, run.warmup);
  visit(Field{"accounting", "", "workers measure where their time goes"}, run.accounting);
  visit(Field{"trace", "", "workers note each chunk, which costs time"}, run.trace);
  visit(Field{"data", "", "name of the data set"}, run.data);
  visit(Field{"data_digest", "", "of its values, 16 hexadecimal digits"}, run.data_digest);
  visit(Field{"data_notes", "", "how its file was read: columns and rows left out, ...", if_any},
        run.data_notes);
  visit(Field{"data_bytes", "bytes", "of one copy of the data", if_any}, run.data_bytes);
  visit(Field{"data_copies", "", "in the memory of all machines together", if_any},
        run.data_copies);
  visit(Field{"workspace_bytes", "bytes", "memory that each worker takes for itself", if_any},
        run.workspace_bytes);
  visit(Field{"working_set_bytes", "bytes", "what each worker goes through, to measure memory",
              if_any},
        run.working_set_bytes);
  visit.inlined("work_units", run.work);
  visit(Field{"seconds_per_unit", "s", "of work, where it is known apart from this run"},
        run.seconds_per_unit);
  visit(Field{"bytes_per_unit", "bytes", "moved through memory or files"}, run.bytes_per_unit);
  visit(Field{"init_seconds", "s", "before the program could do anything: MPI_Init"},
        run.init_seconds);
  visit(Field{"load_seconds", "s", "reading or drawing the data set"}, run.load_seconds);
  visit(Field{"distribution_seconds", "s", "request and data, to all processes"},
        run.distribution_seconds);
  visit(Field{"start_seconds", "s", "starting the workers: threads, forks, workspaces"},
        run.start_seconds);
  visit(Field{"places", "", "by worker: where it is", if_any}, run.places);
  visit(Field{"machines", "", "those that took part, before the first repetition"}, run.machines);
  visit(Field{"build", "", "how the program was made"}, run.build);
  visit(Field{"job", "", "the Slurm job that the run was part of"}, run.job);
  visit(Field{"restarts", "", "it was started again: how each earlier start has ended", if_any},
        run.restarts);
  visit(Field{"command", "", "the program and its arguments"}, run.command);
  visit(Field{"warnings", "", "why its figures may be wrong"}, run.warnings);
}

void fields(auto& visit, MaybeConst<Accounts> auto& accounts) {
  visit(Field{"compute_seconds", "s", "in the kernel", if_any}, accounts.compute_seconds);
  visit(Field{"dispatch_seconds", "s", "taking chunks, ledger, journal", if_any},
        accounts.dispatch_seconds);
  visit(Field{"communication_seconds", "s", "waiting for messages, gathering", if_any},
        accounts.communication_seconds);
  visit(Field{"idle_seconds", "s", "waiting for other workers", if_any}, accounts.idle_seconds);
  // A rest: where the others were estimated from samples it can be below zero.
  visit(Field{"unaccounted_seconds", "s", "the rest of the repetition's seconds", if_any, true},
        accounts.unaccounted_seconds);
  visit(Field{"cpu_seconds", "s", "that it ran on a CPU", if_any}, accounts.cpu_seconds);
  visit(Field{"tasks", "", "that it ran", if_any}, accounts.tasks);
  visit(Field{"parts", "", "calls of the kernel", if_any}, accounts.parts);
  visit(Field{"timed_parts", "", "those that were timed; others are estimated", if_any},
        accounts.timed_parts);
  visit(Field{"voluntary_switches", "", "it waited and another process ran", if_any},
        accounts.voluntary_switches);
  visit(Field{"involuntary_switches", "", "it was interrupted by another process", if_any},
        accounts.involuntary_switches);
  visit(Field{"migrations", "", "to another CPU, at least these", if_any}, accounts.migrations);
}

void fields(auto& visit, MaybeConst<Repetition> auto& repetition) {
  visit(Field{"run", "", "that it is part of"}, repetition.run);
  visit(Field{"repetition", "", "from 1; warm-ups are counted apart"}, repetition.number);
  visit(Field{"warmup", "", "it does not count"}, repetition.warmup);
  visit(Field{"seconds", "s", "from the entry barrier until the reporter owns all values"},
        repetition.seconds);
  visit(Field{"digest", "", "of all values, 16 hexadecimal digits"}, repetition.digest);
  visit(Field{"at_seconds", "s", "its begin, since the run was started"}, repetition.at_seconds);
  visit(Field{"accounts", "", "by worker: where its time went"}, repetition.workers);
  visit(Field{"serial_seconds", "s", "of the first worker's compute: the serial part"},
        repetition.serial_seconds);
  visit(Field{"retries", "", "dead workers that were replaced"}, repetition.retries);
  visit(Field{"resumed_tasks", "", "not run, but read from a journal"}, repetition.resumed_tasks);
  visit(Field{"counters", "", "the kernel's, summed over all tasks"}, repetition.counters);
  visit(Field{"steal_seconds", "s", "taken by the hypervisor, all CPUs of the reporter's host"},
        repetition.steal_seconds);
  visit(Field{"stopped_seconds", "s", "a process was stopped and continued: for so long at most"},
        repetition.stopped_seconds);
  visit(Field{"suspended_seconds", "s", "the machine was suspended: not in `seconds`"},
        repetition.suspended_seconds);
}

void fields(auto& visit, MaybeConst<Cost> auto& cost) {
  visit(Field{"run", "", "that it is part of"}, cost.run);
  visit(Field{"cost", "", "barrier, broadcast, ping-pong, fork, ..."}, cost.name);
  visit(Field{"bytes", "bytes", "of a message; for fork: of resident memory"}, cost.bytes);
  visit(Field{"seconds", "s", "of each try"}, cost.seconds);
}

void fields(auto& visit, MaybeConst<End> auto& end) {
  visit(Field{"run", "", "that ends"}, end.run);
  visit(Field{"status", "", "done, stopped or failed"}, end.status);
  visit(Field{"exit", "", "the program's exit status"}, end.exit);
  visit(Field{"reason", "", "for the user; empty if all is well"}, end.reason);
  visit(Field{"ended", "", "when; UTC, RFC 3339"}, end.ended);
  visit(Field{"warnings", "", "that could not be known when the run began"}, end.warnings);
}

}  // namespace scalelab
