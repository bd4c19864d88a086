// Ranks of several threads each: --threads-per-rank.
#include <fmt/format.h>

#include <csignal>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

Outcome hybrid(int ranks, int threads, const std::string& options, int ranks_per_node = 64,
               const std::string& build = the_kit) {
  return shell(fmt::format(
      "export SCALELAB_RANKS_PER_NODE={}\n{}", ranks_per_node,
      launching("mpi", ranks, fmt::format("{} --threads-per-rank {}", options, threads), build)));
}

}  // namespace

TEST_CASE("hybrid: every number of ranks and threads, on one node or more, gives the same bits") {
  for (const std::string& kernel :
       {std::string("--kernel spin --tasks 500 --task-units 20 --skew pareto"),
        std::string("--kernel many-models --tasks 60 --data '" KIT_DATA
                    "/diabetes.csv' --target progression")}) {
    const std::string options = kernel + " --repetitions 2 --json";
    const std::string expected = field(launch("sequential", 1, options).out, "digest");
    REQUIRE(expected.size() == 16);
    for (const std::string schedule :
         {"static", "static --chunk 7", "dynamic", "dynamic --chunk 7", "guided"}) {
      struct Case {
        int ranks, threads, each;
      };
      for (const auto& [ranks, threads, each] :
           {Case{1, 3, 8}, {2, 2, 8}, {3, 2, 8}, {2, 2, 1}, {4, 2, 2}, {3, 3, 2}}) {
        INFO(ranks << " ranks of " << threads << ", " << each << " per node, " << schedule);
        const Outcome run = hybrid(ranks, threads, options + " --schedule " + schedule, each);
        INFO(run.err);
        CHECK(run.status == 0);
        CHECK(field(run.out, "workers") == std::to_string(ranks * threads));
        for (const auto& line : repetitions_in(run.out)) {
          CHECK(line["digest"].get<std::string>() == expected);
          CHECK(line["accounts"]["tasks"].size() == static_cast<std::size_t>(ranks * threads));
        }
      }
    }
  }
}

TEST_CASE("hybrid: more workers than tasks") {
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    for (const int each : {1, 8}) {
      const std::string options = "--kernel spin --task-units 1 --tasks 3 --json";
      const Outcome run = hybrid(2, 3, options + " --schedule " + schedule, each);
      CHECK(run.status == 0);
      CHECK(field(run.out, "digest") == field(launch("sequential", 1, options).out, "digest"));
    }
  }
}

TEST_CASE("hybrid: --workers may only be ranks times threads") {
  CHECK(hybrid(2, 2, "--kernel spin --tasks 10 --workers 4").status == 0);
  const Outcome run = hybrid(2, 2, "--kernel spin --tasks 10 --workers 2");
  CHECK(run.status == 2);
  CHECK(contains(run.err, "--workers: expected 4, the number of ranks that were started times 2"));
}

TEST_CASE("hybrid: weak scaling counts threads") {
  CHECK(field(hybrid(2, 2, "--kernel spin --tasks-per-worker 5 --json").out, "tasks") == "20");
}

TEST_CASE("hybrid: all workers work at the same time") {
  // 80 tasks of 10 ms on 4 workers.
  const Outcome run = hybrid(
      2, 2, "--kernel sleep --task-time 10ms --tasks 80 --schedule dynamic --repetitions 3 --json");
  CHECK(run.status == 0);
  CHECK(std::stod(field(run.out, "seconds")) >= 0.2);
  CHECK(std::stod(field(run.out, "seconds")) < 0.4 * patience);
}

TEST_CASE("hybrid: --bind cores binds each thread") {
  if (shell("test $(nproc) -ge 2").status != 0) {
    WARN("not tried: needs two cores");
    return;
  }
  const Outcome run = hybrid(1, 2, "--kernel spin --tasks 10 --bind cores --quiet --json");
  CHECK(run.status == 2);  // --quiet and --json
  const Outcome bound = hybrid(1, 2, "--kernel spin --tasks 10 --bind cores --json");
  INFO(bound.err);
  CHECK(bound.status == 0);
  CHECK_FALSE(contains(bound.out, "not bound to a core"));
  const Outcome unbound = hybrid(1, 2, "--kernel spin --tasks 10 --json");
  CHECK(contains(unbound.out, "not bound to a core: 2 of 2 workers"));
}

TEST_CASE("hybrid: a task that throws is named, wherever it runs") {
  for (const int each : {1, 8}) {
    for (const int task : {0, 57, 99}) {
      const Outcome run =
          hybrid(2, 2, fmt::format("--kernel faulty --tasks 100 --fail-at {}", task), each, faulty);
      INFO(run.err);
      CHECK(run.status == 1);
      CHECK(contains(run.err, fmt::format("task {} failed: the disk is on fire", task)));
      CHECK(lines_in(without_warnings(run.err)) == 1);
    }
  }
  CHECK(nobody_left(1));
}

TEST_CASE("hybrid: a run that was stopped is resumed with other ranks and threads") {
  const std::string options = "--kernel sleep --tasks 200 --task-units 5000 --schedule dynamic";
  const std::string digest =
      field(launch("sequential", 1, options + " --repetitions 1 --warmup 0 --json").out, "digest");
  for (const int each : {1, 8}) {
    const Folder folder;
    const std::string journal = fmt::format(" --journal '{}'", folder.path());
    Started run(fmt::format("export SCALELAB_RANKS_PER_NODE={}\n", each) +
                launching("mpi", 2, options + journal + " --threads-per-rank 2"));
    REQUIRE(eventually(20 * patience, [&] {
      return shell(fmt::format("test $(ls '{}' | wc -l) = 4", folder.path())).status == 0;
    }));
    pause_ms(130);
    run.signal(SIGTERM);
    CHECK(run.wait(10).status == 143);
    const Outcome rest = hybrid(3, 2, options + journal + " --resume --json", each);
    INFO(rest.err);
    CHECK(rest.status == 0);
    CHECK(field(rest.out, "digest") == digest);
    CHECK(std::stoi(field(rest.out, "resumed_tasks")) > 0);
    CHECK(std::stoi(field(rest.out, "resumed_tasks")) < 200);
  }
  CHECK(nobody_left(1));
}
