#include "drivers/common/run/warnings.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// A worker as the system saw it.
struct Seen {
  const char* host;
  const char* cpus;
  unsigned count = 1;
};

using Warnings = std::vector<std::string>;

Warnings warnings(const std::vector<Seen>& workers, bool bound, bool waits = false,
                  const std::vector<Machine>& machines = {}) {
  const auto board = Board::on_heap({10, 1, workers.size(), {}});
  for (std::size_t w = 0; w < workers.size(); ++w) {
    WorkerFacts& facts = board->facts(w);
    std::strncpy(facts.host.data(), workers[w].host, facts.host.size() - 1);
    std::strncpy(facts.cpus.data(), workers[w].cpus, facts.cpus.size() - 1);
    facts.cpu_count = workers[w].count;
  }
  KernelDescription kernel{.name = "", .summary = "", .options = {}, .make = nullptr};
  kernel.waits = waits;
  return warnings_about_workers(kernel, *board, bound, machines);
}

}  // namespace

TEST_CASE("warnings: enough cores for all raise none") {
  const Seen free{"a", "0-1", 2};
  CHECK(warnings({free}, true).empty());
  CHECK(warnings({free, free}, false).empty());
  CHECK(warnings({{"a", "0"}, {"a", "1"}}, true).empty());
  CHECK(warnings({{"a", "0"}, {"a", "1"}, {"b", "0"}, {"b", "1"}}, true).empty());
}

TEST_CASE("warnings: more workers than cores, on that machine") {
  const Seen a{"alpha", "0-1", 2};
  const Seen b{"beta", "0-2", 3};
  CHECK(warnings({a, a, a}, false) ==
        Warnings{"3 workers share 2 cores of alpha: no more can compute at a time"});
  CHECK(warnings({a, a, b, b, b, b}, false) ==
        Warnings{"4 workers share 3 cores of beta: no more can compute at a time"});
  CHECK(warnings({a, a, a}, true).size() == 1);  // that they are not bound is no wonder
  CHECK(warnings({a, a, a, b, b, b, b}, false).size() == 2);
}

TEST_CASE("warnings: a launcher may give each process cores of its own") {
  CHECK(warnings({{"a", "0-1", 2}, {"a", "0-1", 2}, {"a", "2-3", 2}, {"a", "2-3", 2}}, false)
            .empty());
}

TEST_CASE("warnings: two threads of a core are one core") {
  Machine machine;
  machine.host = std::string("a");
  machine.cores = 2;
  machine.core_cpus = {"0-1", "2-3"};
  CHECK(warnings({{"a", "0"}, {"a", "2"}}, true, false, {machine}).empty());
  CHECK(
      warnings({{"a", "0"}, {"a", "1"}}, true, false, {machine}) ==
      Warnings{"2 workers are bound to core 0 of a, whose hardware threads (SMT) share its units"});
  CHECK(warnings({{"a", "0"}, {"a", "0"}}, true, false, {machine}) ==
        Warnings{"2 workers are bound to core 0 of a"});
  const Seen free{"a", "0-3", 4};
  CHECK(warnings({free, free}, false, false, {machine}).empty());
  CHECK(warnings({free, free, free}, false, false, {machine}) ==
        Warnings{"3 workers share 2 cores of a: each has a hardware thread (SMT), and those of a "
                 "core share its units"});
  CHECK(warnings(std::vector<Seen>(5, free), false, false, {machine}) ==
        Warnings{"5 workers share 2 cores of a: no more can compute at a time"});
  // Where only one core of the machine may be used.
  const Seen one{"a", "2-3", 2};
  CHECK(
      warnings({one, one}, false, false, {machine}) ==
      Warnings{"2 workers are bound to core 2 of a, whose hardware threads (SMT) share its units"});
}

TEST_CASE("warnings: more workers than the limit of a container allows") {
  const Seen free{"a", "0-7", 8};
  Machine machine;
  machine.host = std::string("a");
  machine.cpu_limit = 1.5;
  CHECK(warnings({free, free}, false, false, {machine}) ==
        Warnings{"2 workers on a, where a limit (cgroup) allows 1.5 CPUs"});
  machine.cpu_limit = 0.5;  // of the baseline, too
  CHECK(warnings({free}, false, false, {machine}) ==
        Warnings{"1 worker on a, where a limit (cgroup) allows 0.5 CPUs"});
  machine.cpu_limit = 1.0;
  CHECK(warnings({free}, false, false, {machine}).empty());
  CHECK(warnings({free, free}, false, false, {machine}) ==
        Warnings{"2 workers on a, where a limit (cgroup) allows 1 CPU"});
  machine.cpu_limit = 2.0;
  CHECK(warnings({free, free}, false, false, {machine}).empty());
  // Of 8 on 4 cores 2 compute at a time, not 4.
  const Seen four{"a", "0-3", 4};
  CHECK(warnings(std::vector<Seen>(8, four), false, false, {machine}) ==
        Warnings{"8 workers on a, where a limit (cgroup) allows 2 CPUs"});
  machine.cpu_limit = 5.0;
  CHECK(warnings(std::vector<Seen>(8, four), false, false, {machine}) ==
        Warnings{"8 workers share 4 cores of a: no more can compute at a time"});
  machine.cpu_limit = 2.5;
  CHECK(warnings({free, free}, false, false, {machine}).empty());
  CHECK(warnings({free, free, free}, false, false, {machine}) ==
        Warnings{"3 workers on a, where a limit (cgroup) allows 2.5 CPUs"});
  machine.cpu_limit = 1.5;  // whether they are bound or not, or nobody knows
  CHECK(warnings({{"a", "0"}, {"a", "1"}}, true, false, {machine}) ==
        Warnings{"2 workers on a, where a limit (cgroup) allows 1.5 CPUs"});
  CHECK(warnings({{"a", "", 0}, {"a", "", 0}}, true, false, {machine}) ==
        Warnings{"2 workers on a, where a limit (cgroup) allows 1.5 CPUs"});
  CHECK(warnings({{"b", "0-7", 8}, {"b", "0-7", 8}}, false, false, {machine}).empty());
}

TEST_CASE("warnings: where the system does not tell where a worker may run, the machine counts") {
  CHECK(warnings({{"a", "", 0}, {"a", "", 0}}, true).empty());
  Machine machine;
  machine.host = std::string("a");
  machine.cpus = machine.cores.emplace(2);
  CHECK(warnings({{"a", "", 0}, {"a", "", 0}}, true, false, {machine}).empty());
  CHECK(warnings({{"a", "", 0}, {"a", "", 0}, {"a", "", 0}}, true, false, {machine}) ==
        Warnings{"3 workers share 2 cores of a: no more can compute at a time"});
}

TEST_CASE("warnings: of a list of CPUs that was too long, more than one may be used") {
  const Seen many{"a", "0,2,4,...", 300};
  CHECK(warnings({many, many}, true) ==
        Warnings{"not bound to a core: 2 of 2 workers on a (--bind cores)"});
  CHECK(warnings({many, many}, false).empty());
}

TEST_CASE("warnings: of several machines, those with fewer cores than workers, by name") {
  Machine machine;
  machine.cpus = machine.cores.emplace(1);
  std::vector<Machine> machines(2, machine);
  machines[0].host = std::string("z");
  machines[1].host = std::string("a");
  CHECK(
      warnings({{"z", "", 0}, {"z", "", 0}, {"a", "", 0}, {"a", "", 0}}, false, false, machines) ==
      Warnings{"2 workers share 1 core of a: no more can compute at a time",
               "2 workers share 1 core of z: no more can compute at a time"});
}

TEST_CASE("warnings: several workers on one core, though there are others") {
  CHECK(warnings({{"a", "3"}, {"a", "1"}, {"a", "3"}}, true) ==
        Warnings{"2 workers are bound to core 3 of a"});
  CHECK(warnings({{"a", "3"}, {"b", "3"}}, true).empty());  // of two machines
}

TEST_CASE("warnings: workers that should be bound and are not") {
  const Seen free{"a", "0-3", 4};
  CHECK(warnings({free, free}, true) ==
        Warnings{"not bound to a core: 2 of 2 workers on a (--bind cores)"});
  CHECK(warnings({free, free}, false).empty());
  CHECK(warnings({free, {"a", "2"}}, true).size() == 1);
}

TEST_CASE("warnings: those who only wait need no core of their own") {
  const Seen a{"a", "0"};
  CHECK(warnings({a, a, a}, true, true).empty());
}

namespace {

std::vector<Repetition> repetitions_of(const std::vector<double>& seconds) {
  std::vector<Repetition> all(seconds.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].seconds = seconds[i];
    all[i].number = i + 1;
  }
  return all;
}

Warnings warnings_of(const Run& run, const std::vector<Repetition>& repetitions) {
  Tally tally;
  for (const Repetition& repetition : repetitions) tally.add(repetition);
  return warnings_about_times(run, tally);
}

}  // namespace

TEST_CASE("warnings: repetitions that differ much, and not one that is far off") {
  CHECK(warnings_of({}, repetitions_of({1, 1.01, 1.02, 0.99, 1, 5})).empty());
  const Warnings noisy = warnings_of({}, repetitions_of({1, 1.2, 1.4, 1.6, 1.8, 2, 2.2}));
  REQUIRE(noisy.size() == 1);  // quartiles 1.3 and 1.9, median 1.6
  CHECK(starts(noisy[0], "noisy: the middle half of the repetitions spreads over 38 %"));
  CHECK(warnings_of({}, repetitions_of({1, 2, 3})).empty());  // too few to say
}

TEST_CASE("warnings: time that the hypervisor took") {
  Run run;
  run.machines.resize(1);
  run.machines[0].cpus = 4;
  run.workers = 8;
  auto repetitions = repetitions_of({1, 1});
  repetitions[1].steal_seconds = 0.8;  // of 8 CPU-seconds
  CHECK(warnings_of(run, repetitions) ==
        Warnings{"the hypervisor took 10 % of the CPUs' time for others"});
  run.workers = 1;  // which cannot lose more than one CPU's time
  CHECK(warnings_of(run, repetitions) ==
        Warnings{"the hypervisor took 40 % of the CPUs' time for others"});
}

TEST_CASE("warnings: a trace of short chunks") {
  Run run;
  run.workers = 2;
  run.trace = true;
  auto repetitions = repetitions_of({1});
  repetitions[0].workers.compute_seconds = {1, 1};
  repetitions[0].workers.parts = {500'000, 500'000};  // 2 µs each
  REQUIRE(warnings_of(run, repetitions).size() == 1);
  repetitions[0].workers.parts = {500, 500};
  CHECK(warnings_of(run, repetitions).empty());
}

TEST_CASE("warnings: workers that had no CPU, though there is one for each") {
  auto repetitions = repetitions_of({1, 1});
  for (Repetition& repetition : repetitions) {
    repetition.workers.compute_seconds = {0.9, 0.9};
    repetition.workers.cpu_seconds = {0.3, 0.24};
  }
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"the workers had a CPU for only 30 % of their compute time: others had it"});
  Run run;
  run.waits = true;
  CHECK(warnings_of(run, repetitions).empty());
  // Ranks that are not bound, though there are cores enough.
  run.waits = false;
  run.workers = 2;
  run.bind = "cores";
  run.machines.resize(1);
  run.machines[0].host = std::string("a");
  run.machines[0].cpus = 4;
  run.places = {{"a", 1, "0-3"}, {"a", 2, "0-3"}};
  CHECK(warnings_of(run, repetitions).size() == 1);
  // Where there are none for all, nobody else had them.
  run.machines[0].cpu_limit = 1.5;
  CHECK(warnings_of(run, repetitions).empty());
  run.machines[0].cpu_limit.reset();
  run.places = {{"a", 1, "0"}, {"a", 2, "0"}};
  CHECK(warnings_of(run, repetitions).empty());
  run.workers = 1;
  run.places = {{"a", 1, "0-3"}};
  CHECK(warnings_of(run, repetitions).size() == 1);
  run.machines[0].cpu_limit = 0.5;
  CHECK(warnings_of(run, repetitions).empty());
  for (Repetition& repetition : repetitions) repetition.workers.cpu_seconds = {0.9, 0.85};
  CHECK(warnings_of({}, repetitions).empty());
}

TEST_CASE("warnings: workers that died, and a working set that the cache holds") {
  auto repetitions = repetitions_of({1, 1, 1});
  repetitions[1].retries = 2;
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"workers died in 1 of 3 repetitions, which took longer for that"});
  repetitions[1].retries = 0;
  repetitions[1].stopped_seconds = 1;
  repetitions[2].suspended_seconds = 600;
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"2 of 3 repetitions were stopped and continued (SIGSTOP, Ctrl-Z, a suspended "
                 "machine), or may have been: numbers 2, 3, the longest for 600 s at most; these "
                 "are no measurements"});
  repetitions[2].suspended_seconds.reset();
  repetitions[1].stopped_seconds = 0.312;
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"1 of 3 repetitions was stopped and continued (SIGSTOP, Ctrl-Z, a suspended "
                 "machine), or may have been: number 2, for 312 ms at most; that is no "
                 "measurement"});
  auto many = repetitions_of(std::vector<double>(6, 1));
  for (Repetition& repetition : many) repetition.stopped_seconds = 1;
  CHECK_THAT(warnings_of({}, many).at(0), Contains("numbers 1, 2, 3 and 3 more, the longest for"));
  Run run;
  run.machines.resize(1);
  run.machines[0].cpus = 2;
  run.machines[0].last_level_cache_bytes = 32'000'000;
  run.working_set_bytes = 31'000'000;
  CHECK(warnings_of(run, repetitions_of({1})) ==
        Warnings{"the working set fits into the last-level cache: memory was not measured"});
  run.working_set_bytes = 64'000'000;
  CHECK(warnings_of(run, repetitions_of({1})).empty());
  run.workspace_bytes = 31'000'000;
  run.working_set_bytes = 0;  // who computes in its cache does well
  CHECK(warnings_of(run, repetitions_of({1})).empty());
}
