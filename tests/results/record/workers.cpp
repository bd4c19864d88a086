#include "results/record/workers.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// On a machine with 64 cores, each worker on its own.
Run run_of(std::uint64_t workers) {
  Run run;
  run.driver = "openmp";
  run.workers = workers;
  run.bind = "cores";
  Machine machine;
  machine.host = "node1";
  machine.cpus = 64;
  machine.cores = 64;
  run.machines = {machine};
  for (std::uint64_t w = 0; w < workers; ++w) {
    run.places.push_back({"node1", 1000 + w, fmt::format("{}", w)});
  }
  return run;
}

/// So many unbound workers on a machine whose cgroup allows so many CPUs.
Run limited(std::uint64_t workers, double limit) {
  Run run = run_of(workers);
  run.bind = "none";
  for (Place& place : run.places) place.cpus = "0-63";
  run.machines[0].cpu_limit = limit;
  return run;
}

}  // namespace

TEST_CASE("workers: more than a limit of CPUs lets compute are crowded") {
  CHECK(seats_of(limited(2, 1.5)).crowded());
  CHECK_FALSE(seats_of(limited(1, 1.5)).crowded());
  CHECK_FALSE(seats_of(limited(2, 2.0)).crowded());
  CHECK_FALSE(seats_of(limited(2, 1.999)).crowded());  // as quotas are rounded
  CHECK_FALSE(seats_of(limited(2, 2.5)).crowded());
  CHECK(seats_of(limited(3, 2.5)).crowded());
  CHECK_FALSE(seats_of(limited(1, 0.5)).crowded());  // it has nobody to wait for
  CHECK(seats_of(limited(2, 0.5)).crowded());
  CHECK(seats_of(limited(1, 0.5)).cores == 1);  // 0 would say that it is not known
  CHECK(seats_of(limited(3, 2.5)).cores == 2);
  CHECK_FALSE(seats_of(limited(64, 100)).crowded());
  CHECK(seats_of(limited(64, 100)).cores == 64);
}

TEST_CASE("workers: a limit slows one alone, too, and as many as it has CPUs not at all") {
  CHECK(seats_of(limited(1, 0.5)).throttled);
  CHECK(seats_of(limited(2, 1.5)).throttled);
  CHECK(seats_of(limited(3, 2.5)).throttled);
  CHECK_FALSE(seats_of(limited(1, 1.5)).throttled);
  CHECK_FALSE(seats_of(limited(2, 2.0)).throttled);
  CHECK_FALSE(seats_of(run_of(64)).throttled);
  CHECK_FALSE(seats_of(run_of(65)).throttled);  // crowded, but by no limit
}

TEST_CASE("workers: why they are crowded is the reason that holds back most") {
  const Crowding none;
  const Crowding few_cores{.few_cores = true, .cpu_limit = false, .same_core = false};
  const Crowding cpu_limit{.few_cores = false, .cpu_limit = true, .same_core = false};
  const Crowding same_core{.few_cores = false, .cpu_limit = false, .same_core = true};
  CHECK(seats_of(limited(2, 2.5)).crowding == none);
  CHECK(seats_of(limited(3, 2.5)).crowding == cpu_limit);
  CHECK(seats_of(limited(3, 2.5)).cpus == 2.5);
  CHECK(seats_of(limited(2, 2.5)).cpus == 0);  // not slowed
  Run run = limited(8, 2.0);
  run.machines[0].cores = run.machines[0].cpus = 4;
  for (Place& place : run.places) place.cpus = "0-3";
  CHECK(seats_of(run).crowding == cpu_limit);  // 2 compute at a time, not 4
  for (const double limit : {3.995, 4.0, 6.0}) {
    run.machines[0].cpu_limit = limit;
    CHECK(seats_of(run).crowding == few_cores);
  }
  for (Place& place : run.places) place.cpus = "0-1";  // a job that was given two of the cores
  CHECK(seats_of(run).crowding == few_cores);
  // Bound, to one of many cores; or to the few that there are.
  run = run_of(2);
  run.places[1].cpus = "0";
  CHECK(seats_of(run).crowding == same_core);
  run.machines[0].cores = run.machines[0].cpus = 1;
  CHECK(seats_of(run).crowding.few_cores);
  // Where nobody said where he is.
  run = limited(8, 2.0);
  run.places.clear();
  CHECK(seats_of(run).crowding == cpu_limit);
  run.machines[0].cpu_limit.reset();
  run.workers = 65;
  CHECK(seats_of(run).crowding == few_cores);
}

TEST_CASE("workers: a limit holds for bound workers, too, and where nobody says where he is") {
  Run bound = run_of(2);
  bound.machines[0].cpu_limit = 1.5;
  CHECK(seats_of(bound).crowded());
  CHECK(seats_of(bound).cores == 1);
  bound.machines[0].cpu_limit = 2.0;
  CHECK_FALSE(seats_of(bound).crowded());
  CHECK(seats_of(bound).cores == 2);
  for (Run run : {limited(2, 1.5), limited(2, 0.5)}) {
    for (Place& place : run.places) place.cpus = "";
    CHECK(seats_of(run).crowded());
    run.places.clear();
    CHECK(seats_of(run).crowded());
  }
}

TEST_CASE("workers: the limit is that of each machine") {
  Run run = limited(4, 2.0);
  run.machines.push_back(run.machines[0]);
  run.machines[1].host = "node2";
  const auto on_second = [&](std::size_t workers) {
    for (std::size_t w = 0; w < workers; ++w) run.places[w].host = "node2";
    return seats_of(run);
  };
  CHECK(on_second(1).crowded());  // 3 on the first
  CHECK_FALSE(on_second(2).crowded());
  CHECK(on_second(2).cores == 4);
  CHECK(on_second(3).crowded());
  const std::vector<WorkersOnHost> hosts = workers_by_host(run.places, run.machines);
  REQUIRE(hosts.size() == 2);
  CHECK(hosts[0].host == "node1");
  CHECK_FALSE(hosts[0].crowding().any());
  CHECK(hosts[1].workers == 3);
  CHECK(hosts[1].are_throttled());
  CHECK_FALSE(hosts[1].lack_cores());
}

TEST_CASE("workers: of hybrid runs, as ranks x threads; 1 thread where no number is told") {
  Run run = run_of(8);
  CHECK(workers_of(run) == "8");
  CHECK(threads_per_rank(run) == 1);
  run.driver_options["threads-per-rank"] = "4";
  CHECK(workers_of(run) == "2x4");
  CHECK(threads_per_rank(run) == 4);
  for (const char* text : {"1", "0", "", "many"}) {
    run.driver_options["threads-per-rank"] = text;
    CHECK(workers_of(run) == "8");
    CHECK(threads_per_rank(run) == 1);
  }
}

TEST_CASE("workers: on how many machines they were") {
  Run run = run_of(3);
  CHECK(hosts_of(run) == 1);
  run.places[1].host = "node2";
  CHECK(hosts_of(run) == 2);
  run.places.clear();
  CHECK(hosts_of(run) == 0);
}

TEST_CASE("workers: bound to one core of a machine that nobody tells of, they are crowded") {
  Run run = run_of(2);
  run.machines.clear();
  CHECK_FALSE(seats_of(run).crowded());
  run.places[1].cpus = "0";
  CHECK(seats_of(run).crowded());
  CHECK(seats_of(run).cores == 0);
}

TEST_CASE("workers: cores are those of the machine, of its limit, or of the CPUs shared out") {
  Run run = run_of(8);
  CHECK(seats_of(run).cores == 64);
  run.machines[0].cpu_limit = 2.5;  // a third worker would wait
  CHECK(seats_of(run).cores == 2);
  run.machines[0].cpu_limit.reset();
  for (Place& place : run.places) place.cpus = "0-2,7";
  CHECK(seats_of(run).cores == 4);
  run.machines[0].cores.reset();
  run.places.clear();
  CHECK(seats_of(run).cores == 64);
  run.machines.push_back(run.machines[0]);
  run.machines[1].host = "node2";
  CHECK(seats_of(run).cores == 128);
  run.machines.clear();
  CHECK(seats_of(run).cores == 0);
}

TEST_CASE(
    "workers: two threads of a core are no two cores, and half of a machine is not all of it") {
  Run run = run_of(4);
  run.machines[0].cpus = 8;
  run.machines[0].cores = 4;
  run.machines[0].threads_per_core = 2;
  run.machines[0].core_cpus = {"0-1", "2-3", "4-5", "6-7"};
  const auto on = [&](const std::string& bind, const std::vector<std::string>& cpus) {
    run.bind = bind;
    run.workers = cpus.size();
    run.places.clear();
    for (const std::string& list : cpus) run.places.push_back({"node1", 1, list});
    return seats_of(run);
  };
  CHECK_FALSE(on("cores", {"0", "2", "4", "6"}).crowded());
  CHECK(on("cores", {"0", "1"}).crowded());
  CHECK(on("cores", {"0", "1"}).cores == 1);
  CHECK(on("cores", {"0"}).cores == 4);
  // A job that was given two cores.
  CHECK(on("none", {"0-3", "0-3"}).cores == 2);
  CHECK_FALSE(on("none", {"0-3", "0-3"}).crowded());
  CHECK(on("none", {"0-3", "0-3", "0-3"}).crowded());
  CHECK_FALSE(on("none", {"", "", ""}).crowded());  // not known
  // Two of them can only be on core 0.
  CHECK(on("none", {"0", "0-1", "2-5"}).crowded());
  CHECK_FALSE(on("none", {"0", "2-5", "2-5"}).crowded());
}

TEST_CASE("workers: who has a hardware thread of a shared core takes no turns on it") {
  Run run = run_of(4);
  run.machines[0].cpus = 8;
  run.machines[0].cores = 4;
  run.machines[0].core_cpus = {"0,4", "1,5", "2,6", "3,7"};
  const auto on = [&](const std::vector<std::string>& cpus) {
    run.workers = cpus.size();
    run.places.clear();
    for (const std::string& list : cpus) run.places.push_back({"node1", 1, list});
    return seats_of(run).crowding;
  };
  using Lists = std::vector<std::string>;
  CHECK_FALSE(on(Lists(4, "0-7")).any());
  for (const std::size_t workers : {5U, 8U}) {
    CHECK(on(Lists(workers, "0-7")).hardware_threads);
    CHECK_FALSE(on(Lists(workers, "0-7")).take_turns());
    CHECK(on(Lists(workers, "")).hardware_threads);  // where they may be is not known
  }
  CHECK(on(Lists(9, "0-7")).take_turns());
  CHECK(on(Lists(9, "")).take_turns());
  // Two cores of the machine, and what they have.
  CHECK(on(Lists(4, "0-1,4-5")).hardware_threads);
  CHECK(on(Lists(5, "0-1,4-5")).take_turns());
  CHECK(on(Lists(3, "0-1")).take_turns());  // a job with one thread of each
  // Bound: each to its own thread, or two to the same one.
  CHECK(on({"0", "4"}).hardware_threads);
  CHECK(on({"0,4", "0,4"}).hardware_threads);
  CHECK(on({"0", "0"}).take_turns());
  CHECK(on({"0", "4", "0,4"}).take_turns());
  CHECK(on({"0", "4", "1", "1"}).take_turns());
  // A limit makes them wait all the same.
  run.machines[0].cpu_limit = 6;
  CHECK_FALSE(on(Lists(8, "0-7")).hardware_threads);
  CHECK(on(Lists(6, "0-7")).hardware_threads);
  run.machines[0].cpu_limit.reset();
  // On one of two machines they take turns: then some do.
  run.machines.push_back(run.machines[0]);
  run.machines[1].host = "node2";
  on(Lists(8, "0-7"));
  run.workers = 17;
  for (int w = 0; w < 9; ++w) run.places.push_back({"node2", 1, "0-7"});
  CHECK(seats_of(run).crowding.take_turns());
  run.places.pop_back();
  --run.workers;
  CHECK(seats_of(run).crowding.hardware_threads);
}

TEST_CASE("workers: where a worker's machine is not among those told of, all workers count") {
  Run run = run_of(128);
  for (Place& place : run.places) place.host = "node1.example";
  CHECK(seats_of(run).crowded());
  run.workers = 64;
  CHECK_FALSE(seats_of(run).crowded());
}

TEST_CASE("workers: where one machine has too few cores, others with enough do not help") {
  Run run = run_of(4);
  run.bind = "none";
  run.machines[0].cores = run.machines[0].cpus = 2;
  run.machines.push_back(run.machines[0]);
  run.machines[1].host = "node2";
  const auto on_second = [&](std::size_t workers) {
    for (std::size_t w = 0; w < run.places.size(); ++w) {
      run.places[w] = {w < workers ? "node2" : "node1", 1, "0-1"};
    }
    return seats_of(run);
  };
  CHECK(on_second(2).cores == 4);
  CHECK_FALSE(on_second(2).crowded());
  CHECK(on_second(3).crowded());
  // Bound: what one machine shows of its cores is not put beside all that another one has.
  run.bind = "cores";
  for (Machine& machine : run.machines) machine.cores = machine.cpus = 64;
  for (std::size_t w = 0; w < run.places.size(); ++w) {
    run.places[w] = {w < 2 ? "node1" : "node2", 1, w < 2 ? "0" : std::to_string(w)};
  }
  CHECK(seats_of(run).crowded());
  CHECK(seats_of(run).cores == 3);
}
