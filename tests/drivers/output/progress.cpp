#include "drivers/common/output/progress.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "drivers/common/run/warnings.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

std::string line(std::uint64_t done, std::size_t tasks, double seconds, std::size_t columns = 200) {
  return progress_line({{"alpha", done}}, tasks, seconds, columns);
}

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

TEST_CASE("progress: what is done, how fast, and how long it will take") {
  CHECK(line(0, 1000, 0) == "  0 %  0 of 1000 tasks");
  CHECK(line(0, 1000, 5) == "  0 %  0 of 1000 tasks");
  CHECK(line(250, 1000, 10) == " 25 %  250 of 1000 tasks, 25/s, 30 s left");
  CHECK(line(1000, 1000, 10) == "100 %  1000 of 1000 tasks, 100/s, 0 s left");
  CHECK(line(10, 1000, 10) == "  1 %  10 of 1000 tasks, 1/s, 16 min left");       // 990 s
  CHECK(line(10, 100'000, 10) == "  0 %  10 of 100000 tasks, 1/s, 27.8 h left");  // 99,990 s
}

TEST_CASE("progress: 100 % is said when all is done, not before") {
  for (const std::uint64_t tasks : {7UL, 1000UL, 12'345'678UL}) {
    CHECK(starts(line(tasks, tasks, 1), "100 %"));
    CHECK(starts(line(tasks - 1, tasks, 1), tasks == 7 ? " 85 %" : " 99 %"));
  }
  for (std::uint64_t done = 0; done <= 100; ++done) {
    const std::string number = std::to_string(done);
    CHECK(starts(line(done, 100, 1), std::string(3 - number.size(), ' ') + number + " %"));
  }
}

TEST_CASE("progress: several nodes are told apart, one is not named") {
  CHECK(line(5, 10, 1).find("alpha") == std::string::npos);
  CHECK(progress_line({{"alpha", 30}, {"beta", 20}}, 200, 5, 200) ==
        " 25 %  50 of 200 tasks, 10/s, 15 s left  alpha 30  beta 20");
}

TEST_CASE("progress: the line fits the terminal, and its beginning is what stays") {
  const std::vector<Driver::NodeProgress> nodes(20, {"a-host-with-a-long-name", 50});
  const std::string whole = progress_line(nodes, 2000, 5, 10'000);
  REQUIRE(whole.size() > 200);
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    REQUIRE(progress_line(nodes, 2000, 5, columns) == whole.substr(0, columns));
  }
}

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
  CHECK(warnings({{"a", "0"}, {"a", "1"}}, true, false, {machine}) ==
        Warnings{"2 workers are bound to core 0 of a"});
  const Seen free{"a", "0-3", 4};
  CHECK(warnings({free, free}, false, false, {machine}).empty());
  CHECK(warnings({free, free, free}, false, false, {machine}) ==
        Warnings{"3 workers share 2 cores of a: no more can compute at a time"});
  // Where only one core of the machine may be used.
  const Seen one{"a", "2-3", 2};
  CHECK(warnings({one, one}, false, false, {machine}) ==
        Warnings{"2 workers are bound to core 2 of a"});
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
  machine.cpu_limit = 2.0;
  CHECK(warnings({free, free}, false, false, {machine}).empty());
}

TEST_CASE("warnings: none where the system does not tell which cores a worker may run on") {
  CHECK(warnings({{"a", "", 0}, {"a", "", 0}}, true).empty());
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

std::vector<Repetition> stopping_rule_of(const std::vector<double>& seconds) {
  std::vector<Repetition> all(seconds.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i].seconds = seconds[i];
  return all;
}

Warnings warnings_of(const Run& run, const std::vector<Repetition>& repetitions,
                     bool should_run = true) {
  Tally tally;
  for (const Repetition& repetition : repetitions) tally.add(repetition);
  return warnings_about_times(run, tally, should_run);
}

}  // namespace

TEST_CASE("warnings: repetitions that differ much, and not one that is far off") {
  CHECK(warnings_of({}, stopping_rule_of({1, 1.01, 1.02, 0.99, 1, 5})).empty());
  const Warnings noisy = warnings_of({}, stopping_rule_of({1, 1.2, 1.4, 1.6, 1.8, 2, 2.2}));
  REQUIRE(noisy.size() == 1);  // quartiles 1.3 and 1.9, median 1.6
  CHECK(starts(noisy[0], "noisy: the middle half of the repetitions spreads over 38 %"));
  CHECK(warnings_of({}, stopping_rule_of({1, 2, 3})).empty());  // too few to say
}

TEST_CASE("warnings: time that the hypervisor took") {
  Run run;
  run.machines.resize(1);
  run.machines[0].cpus = 4;
  run.workers = 8;
  auto repetitions = stopping_rule_of({1, 1});
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
  auto repetitions = stopping_rule_of({1});
  repetitions[0].workers.compute_seconds = {1, 1};
  repetitions[0].workers.parts = {500'000, 500'000};  // 2 us each
  REQUIRE(warnings_of(run, repetitions).size() == 1);
  repetitions[0].workers.parts = {500, 500};
  CHECK(warnings_of(run, repetitions).empty());
}

TEST_CASE("warnings: workers that had no CPU, though there is one for each") {
  auto repetitions = stopping_rule_of({1, 1});
  for (Repetition& repetition : repetitions) {
    repetition.workers.compute_seconds = {0.9, 0.9};
    repetition.workers.cpu_seconds = {0.3, 0.24};
  }
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"the workers had a CPU for only 30 % of their compute time: others had it"});
  CHECK(warnings_of({}, repetitions, false).empty());
  for (Repetition& repetition : repetitions) repetition.workers.cpu_seconds = {0.9, 0.85};
  CHECK(warnings_of({}, repetitions).empty());
}

TEST_CASE("warnings: workers that died, and a working set that the cache holds") {
  auto repetitions = stopping_rule_of({1, 1, 1});
  repetitions[1].retries = 2;
  CHECK(warnings_of({}, repetitions) ==
        Warnings{"workers died in 1 of 3 repetitions, which took longer for that"});
  Run run;
  run.machines.resize(1);
  run.machines[0].cpus = 2;
  run.machines[0].last_level_cache_bytes = 32'000'000;
  run.working_set_bytes = 31'000'000;
  CHECK(warnings_of(run, stopping_rule_of({1})) ==
        Warnings{"the working set fits into the last-level cache: memory was not measured"});
  run.working_set_bytes = 64'000'000;
  CHECK(warnings_of(run, stopping_rule_of({1})).empty());
}
