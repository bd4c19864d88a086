// Several nodes tried on one machine: SCALELAB_RANKS_PER_NODE makes ranks share a board in groups
// only, so that chunks and values travel in messages, as between hosts.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

Outcome on_nodes(int ranks, int ranks_per_node, const std::string& options,
                 const std::string& build = the_kit) {
  return shell(fmt::format("SCALELAB_RANKS_PER_NODE={} SCALELAB_BUILD='{}' '{}' mpi -n {} -- {}",
                           ranks_per_node, build, LAUNCHER, ranks, options));
}

}  // namespace

TEST_CASE("several nodes give the same bits as one") {
  for (const std::string kernel : {"--kernel spin --tasks 5000 --task-units 20 --skew pareto",
                                   "--kernel many-models --tasks 200 --rows 60 --features 4"}) {
    const std::string options = kernel + " --repetitions 3 --json";
    const std::string expected = field(launch("sequential", 1, options).out, "digest");
    for (const std::string schedule : {"static", "static --chunk 7", "dynamic", "dynamic --chunk 7",
                                       "guided", "guided --chunk 7"}) {
      for (const auto& [ranks, each] : {std::pair{2, 1}, {4, 2}, {5, 2}, {7, 3}}) {
        INFO(ranks << " ranks, " << each << " per node, " << schedule << ", " << kernel);
        const Outcome run = on_nodes(ranks, each, options + " --schedule " + schedule);
        INFO(run.err);
        CHECK(run.status == 0);
        CHECK(field(run.out, "digest") == expected);
        CHECK(repetitions_in(run.out).size() == 4);
      }
    }
  }
}

TEST_CASE("a rank with a giant task holds up no other node") {
  // Whoever draws the giant sleeps for 0.3 s; the other 199 tasks are 0.5 ms each.
  for (int seed = 1; seed <= 5; ++seed) {
    const Outcome run = on_nodes(
        4, 2,
        fmt::format("--kernel sleep --skew one-giant --tasks 200 --task-units 2000 --schedule "
                    "dynamic --json --repetitions 3 --seed {}",
                    seed));
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
    // What the system says of the two ranks while they run.
    const Outcome run = shell(fmt::format(
        "export SCALELAB_RANKS_PER_NODE={} SCALELAB_BUILD='{}'\n"
        "'{}' mpi -n 2 -- --kernel sleep --task-time 30s --tasks 2 --bind cores & launched=$!\n"
        "sleep 3\n"
        "for program in /proc/[0-9]*/exe; do\n"
        "  [ \"$(readlink $program)\" = '{}/drivers/mpi' ] || continue\n"
        "  sed -n 's/^Cpus_allowed_list://p' ${{program%exe}}status\n"
        "done | sort -u\n"
        "kill $launched; wait $launched",
        ranks_per_node, the_kit, LAUNCHER, the_kit));
    INFO(run.out << run.err);
    CHECK(lines_in(run.out) == 2);
    CHECK_FALSE(contains(run.out, "-"));
  }
}

TEST_CASE("a task that throws on one node ends the run on all") {
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    for (const int task : {0, 57, 99}) {
      const Outcome run = on_nodes(
          4, 2,
          fmt::format("--kernel faulty --tasks 100 --fail-at {} --schedule {}", task, schedule),
          faulty);
      INFO(run.err);
      CHECK(run.status == 1);
      CHECK(contains(run.err, fmt::format("task {} failed: the disk is on fire", task)));
      CHECK(lines_in(without_warnings(run.err)) == 1);
    }
  }
  CHECK(drivers_alive() == 0);
}

TEST_CASE("more ranks than tasks, on several nodes") {
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    for (const int tasks : {1, 2, 3}) {
      const std::string options =
          fmt::format("--kernel spin --task-units 5 --tasks {} --json", tasks);
      const Outcome run = on_nodes(5, 2, options + " --schedule " + schedule);
      INFO(run.err);
      CHECK(run.status == 0);
      CHECK(field(run.out, "digest") == field(launch("sequential", 1, options).out, "digest"));
    }
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
    const Outcome run = on_nodes(ranks, each, options);
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
