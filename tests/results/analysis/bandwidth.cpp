// What is said of the bytes per second that runs that never were moved.
#include "results/analysis/bandwidth.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// Of a kernel whose workers, 1, 2 and 4 of them, take these times side by side. All compute.
Study side_by_side(const std::vector<double>& seconds, void (*describe)(Run&),
                   double scatter = 0.01) {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    std::uint64_t workers = 1;
    for (const double time : seconds) {
      Run run = runs.run("openmp", workers);
      run.kernel = "anybodys";
      describe(run);
      runs.add(run, {time * (1 + scatter * round)});
      workers *= 2;
    }
  }
  return analysis_from_records({runs.path()}, {}).studies.at(0);
}

void moves_memory(Run& run) {
  run.bytes_per_unit = 1000;  // 6 GB in all
  run.bound_by = "memory";
}

}  // namespace

TEST_CASE("analysis: a bandwidth is used up where more workers were seen to move no more") {
  const std::string used_up = "lost to this: the bandwidth of the memory is used up. ";
  const std::string moved = "They move 3 GB/s on 2 workers, 3 GB/s on 4 workers.";
  const std::string text = all_verdicts(side_by_side({4, 2, 2}, moves_memory, 0));
  CHECK_THAT(text, Contains(used_up));
  CHECK_THAT(text, Contains(moved));
  // Four workers move 1.33 times as much as two: more than a quarter of what they could more.
  const std::string more = all_verdicts(side_by_side({4, 2, 1.5}, moves_memory));
  CHECK_THAT(more, Contains("takes longer side by side, but that the bandwidth of the memory is "
                            "used up does not show"));
  CHECK_THAT(more, Contains("They move 1.46 GB/s on 1 worker, 3.9 GB/s on 4 workers."));
  // Times that scatter by half leave room for everything.
  CHECK_THAT(all_verdicts(side_by_side({4, 3.9, 3.8}, moves_memory, 0.3)),
             !Contains("is used up."));
}

TEST_CASE("analysis: who moved how much is said of the sequential driver where that is the base") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const auto& [driver, workers] : std::vector<std::pair<std::string, std::uint64_t>>{
             {"sequential", 1}, {"openmp", 1}, {"openmp", 2}}) {
      Run run = runs.run(driver, workers);
      moves_memory(run);
      runs.add(run, {driver == "openmp" && workers == 1 ? 2.2 : 2.0});
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  // The account and the sum are told with the same numbers: a driver's own part apart.
  CHECK_THAT(all_verdicts(study),
             Contains("45 % of the workers' time is lost to this: the bandwidth of the memory is "
                      "used up. All of their time: work 50 %, slower compute 45 %, the driver 5 "
                      "%. They move 3 GB/s on 2 workers, sequential 3 GB/s on 1 worker."));
}

namespace {

/// 6 GB by as many workers on so many nodes, in these times: what is said of the last.
std::string on_nodes(const std::vector<std::tuple<std::uint64_t, std::size_t, double>>& measured,
                     const std::string& bound_by) {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const auto& [workers, nodes, seconds] : measured) {
      Run run = runs.run("mpi", workers);
      moves_memory(run);
      run.bound_by = bound_by;
      for (std::size_t i = 1; i < nodes; ++i) {
        run.machines.push_back(run.machines[0]);
        run.machines.back().host = fmt::format("node{}", i + 1);
      }
      for (std::uint64_t w = 0; w < workers; ++w) {
        run.places[w].host = run.machines[w * nodes / workers].host;
      }
      runs.add(run, {seconds});
    }
  }
  return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
}

}  // namespace

TEST_CASE("analysis: a kernel on one node is held against what stream moves on each of several") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 4U}) {
      Run stream = runs.run("openmp", workers);
      stream.kernel = "stream";
      moves_memory(stream);
      if (workers > 1) {  // two on each of two nodes
        stream.machines.push_back(stream.machines[0]);
        stream.machines[1].host = "node2";
        stream.places[2].host = stream.places[3].host = "node2";
      }
      runs.add(stream, {workers == 1 ? 3.0 : 1.0});  // 3 GB/s of each node at most
    }
    for (const std::uint64_t workers : {1U, 2U}) {
      Run other = runs.run("openmp", workers);
      other.kernel = "anybodys";
      other.bound_by = "";
      other.bytes_per_unit = 960;
      runs.add(other, {2.0});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(1)),
             Contains("the bandwidth of the memory is used up: 2.88 GB/s of 3 GB/s that stream "
                      "moves here"));
}

TEST_CASE("analysis: what several nodes move is held against what one node can") {
  const std::string used_up = "the bandwidth of the memory is used up. ";
  const std::string not_shown = "that the bandwidth of the memory is used up does not show";
  // 3 GB/s of a node with 2, with 4, and of each of two with 4.
  const std::string plateau = on_nodes({{1, 1, 4}, {2, 1, 2}, {4, 1, 2}, {8, 2, 1}}, "memory");
  CHECK_THAT(plateau, Contains(used_up) && Contains("They move 3 GB/s on 2 workers, 3 GB/s on each "
                                                    "of 2 nodes (8 workers in all)."));
  // Two nodes together move no more than one did: each half of what it can. So on one node, too.
  CHECK_THAT(on_nodes({{1, 1, 4}, {2, 1, 2}, {4, 1, 4}}, "memory"), Contains(not_shown));
  CHECK_THAT(on_nodes({{1, 1, 4}, {2, 1, 2}, {8, 2, 2}}, "memory"), Contains(not_shown));
  // One worker on each of two nodes has as much as one alone.
  CHECK_THAT(on_nodes({{1, 1, 2}, {2, 2, 2}}, "memory"), Contains(not_shown));
  // Whether a disk is each node's own nobody knows.
  CHECK_THAT(on_nodes({{1, 1, 2}, {2, 1, 2}, {4, 2, 2}}, "disk"),
             Contains("that the bandwidth of the disk is used up does not show"));
  CHECK_THAT(on_nodes({{2, 2, 2}, {4, 2, 2}}, "disk"),
             Contains("the bandwidth of the disk is used up. "));
}

TEST_CASE("analysis: whose bandwidth it is, the kernel says, and the size of its caches") {
  const auto said = [](void (*describe)(Run&)) {
    return all_verdicts(side_by_side({8, 8, 8}, describe));
  };
  CHECK_THAT(said([](Run& run) {
               moves_memory(run);
               run.bound_by = "disk";
             }),
             Contains("the bandwidth of the disk is used up"));
  // Of records without the field: who moves bytes does it in a workspace or through files.
  CHECK_THAT(said([](Run& run) { run.bytes_per_unit = 8192; }),
             Contains("the bandwidth of the disk is used up"));
  CHECK_THAT(said([](Run& run) {
               run.bytes_per_unit = 192;
               run.workspace_bytes = 1 << 20;
             }),
             Contains("the bandwidth of the memory is used up"));
  const auto of_working_set = [](Run& run) {
    moves_memory(run);
    run.machines[0].last_level_cache_bytes = 32'000'000;
    run.working_set_bytes = 7'000'000;
  };
  CHECK_THAT(said(of_working_set), Contains("the bandwidth of the last-level cache is used up"));
}

TEST_CASE("analysis: without bytes per second no mechanism is named, but what would tell") {
  const auto said = [](void (*describe)(Run&)) {
    return all_verdicts(side_by_side({8, 8, 8}, describe));
  };
  const std::string not_told =
      "the same work takes longer side by side, and these records do not tell why (stream in the "
      "same sweep would tell what memory can give, perf stat would tell clock rate and cache "
      "misses)";
  CHECK_THAT(said([](Run&) {}), Contains(not_told));
  CHECK_THAT(said([](Run& run) { run.kernel = "stream"; }),
             Contains("do not tell why (perf stat would tell clock rate and cache misses)"));
  for (const std::string& text : {said([](Run& run) { run.bound_by = "memory"; }),
                                  said([](Run& run) { run.bound_by = "network"; })}) {
    CHECK_THAT(text, Contains("its kernel says that it is bound by the "));
    CHECK_THAT(text, Contains(", but not how much it moves"));
    CHECK_THAT(text, !Contains("used up"));
  }
  // Of a kernel that moves bytes and says that it is bound by nothing, these are no evidence.
  CHECK_THAT(said([](Run& run) {
               run.bytes_per_unit = 8192;
               run.bound_by = "";
             }),
             Contains(not_told));
}

TEST_CASE("analysis: what a kernel moves is compared with what stream moves on the same machine") {
  const auto beside_stream = [](std::uint64_t bytes_per_unit) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      for (const std::uint64_t workers : {1U, 2U, 4U}) {
        Run stream = runs.run("openmp", workers);
        stream.kernel = "stream";
        moves_memory(stream);
        runs.add(stream, {2.0});  // 3 GB/s
        Run other = runs.run("openmp", workers);
        other.kernel = "anybodys";
        other.bound_by = "";
        if (bytes_per_unit > 0) other.bytes_per_unit = bytes_per_unit;
        runs.add(other, {2.0});
      }
    }
    const std::vector<Study> studies = analysis_from_records({runs.path()}, {}).studies;
    REQUIRE(studies.size() == 2);
    CHECK_THAT(all_verdicts(studies[0]), Contains("the bandwidth of the memory is used up. "));
    return all_verdicts(studies[1]);
  };
  CHECK_THAT(beside_stream(960),
             Contains("lost to this: the bandwidth of the memory is used up: 2.88 GB/s of 3 GB/s "
                      "that stream moves here"));
  CHECK_THAT(beside_stream(100), Contains("though it moves only 0.3 GB/s of 3 GB/s "
                                          "that stream moves here"));
  for (const std::uint64_t between_or_unknown : {2000U / 3, 0U}) {
    CHECK_THAT(beside_stream(between_or_unknown),
               Contains("do not tell why (perf stat would tell clock rate and cache misses)"));
  }
}
