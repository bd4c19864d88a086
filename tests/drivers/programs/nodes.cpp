// Several nodes tried on one machine: SCALELAB_RANKS_PER_NODE makes ranks share a board in groups
// only, so that chunks and values travel in messages, as between hosts.
#include <fmt/format.h>

#include <csignal>
#include <memory>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

std::string per_node(int ranks) { return fmt::format("SCALELAB_RANKS_PER_NODE={}", ranks); }

std::vector<Outcome> on_nodes(int ranks, int ranks_per_node,
                              const std::vector<std::string>& options) {
  return launch_all("mpi", ranks, options, per_node(ranks_per_node));
}

}  // namespace

TEST_CASE("several nodes give the same bits as one") {
  const std::vector<std::string> kernels = {
      "--kernel spin --tasks 5000 --task-units 20 --skew pareto --repetitions 3 --json",
      "--kernel many-models --tasks 200 --rows 60 --features 4 --repetitions 3 --json"};
  const std::vector<Outcome> alone = launch_all("sequential", 1, kernels);
  std::vector<std::string> all;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    for (const std::string schedule : {"static", "static --chunk 7", "dynamic", "dynamic --chunk 7",
                                       "guided", "guided --chunk 7"}) {
      all.push_back(kernels[i] + " --schedule " + schedule);
      expected.push_back(field(alone[i].out, "digest"));
      REQUIRE(expected.back().size() == 16);
    }
  }
  for (const auto& [ranks, each] : {std::pair{2, 1}, {4, 2}, {5, 2}, {7, 3}}) {
    const std::vector<Outcome> runs = on_nodes(ranks, each, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO(ranks << " ranks, " << each << " per node, " << all[i] << '\n' << runs[i].err);
      CHECK(runs[i].status == 0);
      CHECK(field(runs[i].out, "digest") == expected[i]);
      CHECK(repetitions_in(runs[i].out).size() == 4);
    }
  }
}

TEST_CASE("a rank with a giant task holds up no other node") {
  // Whoever draws the giant sleeps for 0.3 s; the other 199 tasks are 0.5 ms each.
  std::vector<std::string> all;
  for (int seed = 1; seed <= 5; ++seed) {
    all.push_back(
        fmt::format("--kernel sleep --skew one-giant --tasks 200 --task-units 2000 --schedule "
                    "dynamic --json --repetitions 3 --seed {}",
                    seed));
  }
  for (const Outcome& run : on_nodes(4, 2, all)) {
    REQUIRE(run.status == 0);
    // If its node or the pile waited for it, this would be 0.3 s + 0.1 s / 3 or more.
    const auto tasks = repetitions_in(run.out).front()["accounts"]["tasks"];
    int with_few = 0;
    for (const auto& n : tasks) with_few += n.get<int>() < 20 ? 1 : 0;
    INFO(tasks.dump());
    CHECK(with_few <= 1);
  }
}

TEST_CASE("--bind cores gives ranks of one machine different cores, however they share memory") {
  if (shell("test $(nproc) -ge 2").status != 0) {
    WARN("not tried: needs two cores");
    return;
  }
  for (const int ranks_per_node : {1, 2}) {
    const Folder folder;
    Started run(launching(
        "mpi", 2,
        fmt::format("--kernel sleep --task-time 10ms --tasks 4000 --schedule dynamic --bind cores "
                    "--journal '{}'",
                    folder.path()),
        the_kit, per_node(ranks_per_node)));
    // They have begun, so they are bound.
    REQUIRE(eventually(20 * patience, [&] {
      return shell(fmt::format("test $(ls '{}' | wc -l) = 2", folder.path())).status == 0;
    }));
    // What the system says of the two ranks while they run.
    std::string cpus;
    for (const pid_t rank : alive("mpi")) {
      cpus += shell(fmt::format("sed -n 's/^Cpus_allowed_list:\t//p' /proc/{}/status", rank)).out;
    }
    INFO(cpus);
    CHECK(lines_in(cpus) == 2);
    CHECK(cpus.substr(0, cpus.find('\n')) != cpus.substr(cpus.find('\n') + 1, cpus.find('\n')));
    CHECK_FALSE(contains(cpus, "-"));
    CHECK_FALSE(contains(cpus, ","));
    run.signal(SIGTERM);
    CHECK(run.wait(10).status == 143);
  }
}

TEST_CASE("a task that throws on one node ends the run on all") {
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    const std::vector<int> tasks = {0, 57, 99};
    std::vector<std::unique_ptr<Started>> runs;
    for (const int task : tasks) {
      runs.push_back(std::make_unique<Started>(launching(
          "mpi", 4,
          fmt::format("--kernel faulty --tasks 100 --fail-at {} --schedule {}", task, schedule),
          faulty, per_node(2))));
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const Outcome run = runs[i]->wait();
      INFO(run.err);
      CHECK(run.status == 1);
      CHECK(contains(run.err, fmt::format("task {} failed: the disk is on fire", tasks[i])));
      CHECK(lines_in(without_warnings(run.err)) == 1);
    }
    CHECK(drivers_alive() == 0);
  }
}

TEST_CASE("more ranks than tasks, on several nodes") {
  std::vector<std::string> all;
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    for (const int tasks : {1, 2, 3}) {
      all.push_back(fmt::format("--kernel spin --task-units 5 --tasks {} --json --schedule {}",
                                tasks, schedule));
    }
  }
  const std::vector<Outcome> alone = launch_all("sequential", 1, all);
  const std::vector<Outcome> runs = on_nodes(5, 2, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(runs[i].err);
    CHECK(runs[i].status == 0);
    CHECK(field(runs[i].out, "digest").size() == 16);
    CHECK(field(runs[i].out, "digest") == field(alone[i].out, "digest"));
  }
}

TEST_CASE("the data lie once in the memory of each node") {
  const std::string options = "--kernel many-models --tasks 8 --data '" KIT_DATA
                              "/diabetes.csv' --target progression --repetitions 1 --json";
  const Outcome alone = launch("sequential", 1, options);
  CHECK(field(alone.out, "data_copies") == "1");
  const std::string bytes = field(alone.out, "data_bytes");
  CHECK(bytes == std::to_string(442 * 12 * sizeof(double)));  // with the intercept's ones
  struct Case {
    int ranks, each;
    const char* copies;
  };
  for (const auto& [ranks, each, copies] :
       {Case{1, 8, "1"}, {4, 8, "1"}, {4, 2, "2"}, {5, 2, "3"}, {3, 1, "3"}}) {
    const Outcome run = on_nodes(ranks, each, {options}).front();
    INFO(ranks << " ranks, " << each << " per node\n" << run.err);
    CHECK(run.status == 0);
    CHECK(field(run.out, "data_copies") == copies);
    CHECK(field(run.out, "data_bytes") == bytes);
    CHECK(field(run.out, "digest") == field(alone.out, "digest"));
  }
  for (const std::string driver : {"openmp", "processes"}) {
    CHECK(field(launch(driver, 3, options).out, "data_copies") == "1");
  }
  CHECK(
      field(launch("sequential", 1, "--kernel spin --tasks 3 --json").out, "data_copies").empty());
}
