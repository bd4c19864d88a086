// Ranks of several threads each: --threads-per-rank.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

std::string per_node(int ranks) { return fmt::format("SCALELAB_RANKS_PER_NODE={}", ranks); }

std::string with_threads(const std::string& options, int threads) {
  return fmt::format("{} --threads-per-rank {}", options, threads);
}

std::vector<Outcome> all_hybrid(int ranks, int threads, std::vector<std::string> all,
                                int ranks_per_node = 64) {
  for (std::string& options : all) options = with_threads(options, threads);
  return launch_all("mpi", ranks, all, per_node(ranks_per_node));
}

Outcome hybrid(int ranks, int threads, const std::string& options, int ranks_per_node = 64) {
  return all_hybrid(ranks, threads, {options}, ranks_per_node).front();
}

}  // namespace

TEST_CASE("hybrid: every number of ranks and threads, on one node or more, gives the same bits") {
  const std::vector<std::string> kernels = {
      "--kernel spin --tasks 500 --task-units 20 --skew pareto --repetitions 2 --json",
      "--kernel many-models --tasks 60 --data '" KIT_DATA
      "/diabetes.csv' --target progression --repetitions 2 --json"};
  const std::vector<Outcome> alone = launch_all("sequential", 1, kernels);
  std::vector<std::string> all;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    for (const std::string schedule :
         {"static", "static --chunk 7", "dynamic", "dynamic --chunk 7", "guided"}) {
      all.push_back(kernels[i] + " --schedule " + schedule);
      expected.push_back(field(alone[i].out, "digest"));
      REQUIRE(expected.back().size() == 16);
    }
  }
  struct Case {
    int ranks, threads, each;
  };
  for (const auto& [ranks, threads, each] :
       {Case{1, 3, 8}, {2, 2, 8}, {3, 2, 8}, {2, 2, 1}, {4, 2, 2}, {3, 3, 2}}) {
    const std::vector<Outcome> runs = all_hybrid(ranks, threads, all, each);
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO(ranks << " ranks of " << threads << ", " << each << " per node, " << all[i] << '\n'
                 << runs[i].err);
      CHECK(runs[i].status == 0);
      CHECK(field(runs[i].out, "workers") == std::to_string(ranks * threads));
      const auto lines = repetitions_in(runs[i].out);
      CHECK(lines.size() == 3);
      for (const auto& line : lines) {
        CHECK(line["digest"].get<std::string>() == expected[i]);
        CHECK(line["accounts"]["tasks"].size() == static_cast<std::size_t>(ranks * threads));
      }
    }
  }
}

TEST_CASE("hybrid: more workers than tasks") {
  std::vector<std::string> all;
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    all.push_back("--kernel spin --task-units 1 --tasks 3 --json --schedule " + schedule);
  }
  const std::string digest = field(launch("sequential", 1, all.front()).out, "digest");
  REQUIRE(digest.size() == 16);
  for (const int each : {1, 8}) {
    for (const Outcome& run : all_hybrid(2, 3, all, each)) {
      CHECK(run.status == 0);
      CHECK(field(run.out, "digest") == digest);
    }
  }
}

TEST_CASE("hybrid: --workers may only be ranks times threads") {
  const auto runs = all_hybrid(
      2, 2, {"--kernel spin --tasks 10 --workers 4", "--kernel spin --tasks 10 --workers 2"});
  CHECK(runs[0].status == 0);
  CHECK(runs[1].status == 2);
  CHECK(contains(runs[1].err,
                 "--workers: expected 4, the number of ranks that were started times 2"));
}

TEST_CASE("hybrid: weak scaling counts threads") {
  CHECK(field(hybrid(2, 2, "--kernel spin --tasks-per-worker 5 --json").out, "tasks") == "20");
}

TEST_CASE("hybrid: all workers work at the same time") {
  // 80 tasks of 10 ms on 4 workers.
  const Outcome run = hybrid(
      2, 2, "--kernel sleep --task-time 10ms --tasks 80 --schedule dynamic --repetitions 3 --json");
  CHECK(run.status == 0);
  double shortest = 1e9;  // on a busy machine sleepers wake up late
  for (const auto& line : repetitions_in(run.out)) {
    CHECK(line["seconds"] >= 0.2);
    shortest = std::min(shortest, line["seconds"].get<double>());
  }
  CHECK(shortest < 0.4 * patience);
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
    const std::vector<int> tasks = {0, 57, 99};
    std::vector<std::unique_ptr<Started>> runs;
    for (const int task : tasks) {
      const std::string options = fmt::format("--kernel faulty --tasks 100 --fail-at {}", task);
      runs.push_back(std::make_unique<Started>(
          launching("mpi", 2, with_threads(options, 2), faulty, per_node(each))));
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const Outcome run = runs[i]->wait();
      INFO(run.err);
      CHECK(run.status == 1);
      CHECK(contains(run.err, fmt::format("task {} failed: the disk is on fire", tasks[i])));
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
    Started run(launching("mpi", 2, with_threads(options + journal, 2), the_kit, per_node(each)));
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

TEST_CASE("hybrid: a team that OpenMP makes too small while dealers run ends the run in one line") {
  for (const int ranks : {2, 3}) {
    const Outcome run = shell(fmt::format(
        "{} SCALELAB_BUILD='{}' timeout 60 '{}' mpi -n {} -- {}", per_node(1), faulty, LAUNCHER,
        ranks,
        "--kernel faulty --tasks 40 --fail-by small-team --schedule dynamic --repetitions 3 "
        "--warmup 0 --threads-per-rank 2 --json"));
    INFO(run.err << run.out);
    CHECK(run.status == 1);
    CHECK(contains(run.err, "OpenMP started 1 threads instead of 2"));
    CHECK(lines_in(without_warnings(run.err)) == 1);
    CHECK(contains(run.out, R"("kind":"end")"));
    CHECK(contains(run.out, R"("status":"failed","exit":1)"));
  }
  CHECK(nobody_left(5));
}
