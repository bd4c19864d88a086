// From times to speed-ups, losses and laws: runs that never were, whose numbers follow on paper.
#include "results/studies/derive.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: speed-up and efficiency over the sequential driver, with their intervals") {
  MeasuredRuns runs;
  for (const double time : {9.0, 10.0, 10.0, 10.0, 10.0, 12.0}) {
    runs.add(runs.run("sequential", 1), {time});
  }
  for (const double time : {2.0, 2.5, 2.5, 2.5, 2.5, 3.0}) runs.add(runs.run("mpi", 4), {time});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  REQUIRE(study.base);
  CHECK(study.base->seconds.value == 10);
  const Point& point = curve_of(study, "mpi").points.at(0);
  REQUIRE(point.speedup);
  CHECK(point.speedup->value == Approx(4));
  CHECK(point.speedup->low == Approx(9.0 / 3));
  CHECK(point.speedup->high == Approx(12.0 / 2));
  CHECK(point.efficiency->value == Approx(1));
  CHECK(point.core_seconds == Approx(10));
  CHECK(point.throughput == Approx(400));
}

TEST_CASE("analysis: what a machine does in a round it does to both ends of a ratio") {
  const std::vector<double> drift = {1, 1.04, 1.08, 1.12, 1.16, 1.2};
  const std::vector<double> noise = {1, 0.99, 1.01, 1, 1.005, 0.995};
  MeasuredRuns rounds, blocks;
  for (std::size_t k = 0; k < drift.size(); ++k) {
    rounds.add(rounds.run("sequential", 1), {10 * drift[k]});
    rounds.add(rounds.run("mpi", 4), {2.5 * drift[k] * noise[k]});
    blocks.add(blocks.run("sequential", 1), {10 * drift[k]});
  }
  for (std::size_t k = 0; k < drift.size(); ++k) {
    blocks.add(blocks.run("mpi", 4), {2.5 * drift[k] * noise[k]});
  }
  const Study paired = analysis_from_records({rounds.path()}, {}).studies.at(0);
  const Estimate speedup = *curve_of(paired, "mpi").points.at(0).speedup;
  CHECK(speedup.value == Approx(4).epsilon(0.01));
  CHECK(speedup.low == Approx(4 / 1.01));
  CHECK(speedup.high == Approx(4 / 0.99));
  CHECK(has_note(paired, "all times rose by 20 % from the first round to the last"));
  // All runs of one, then all of the other: nothing is known of what they have in common.
  const Study apart = analysis_from_records({blocks.path()}, {}).studies.at(0);
  const Estimate wide = *curve_of(apart, "mpi").points.at(0).speedup;
  CHECK((wide.low < 3.5 && wide.high > 4.5));
  CHECK_FALSE(has_note(apart, "from the first round to the last"));
}

TEST_CASE("analysis: rounds that scatter are no drift") {
  MeasuredRuns runs;
  for (const double noise : {1.0, 1.1, 0.95, 1.2, 0.9, 1.05}) {
    runs.add(runs.run("sequential", 1), {10 * noise});
    runs.add(runs.run("mpi", 4), {2.5 * noise});
  }
  CHECK_FALSE(has_note(analysis_from_records({runs.path()}, {}).studies.at(0),
                       "from the first round to the last"));
}

TEST_CASE("analysis: the three efficiencies of POP multiply to the speed-up per worker") {
  MeasuredRuns runs;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  runs.repeat(alone, 8, {8});
  const Run team = runs.run("openmp", 2);
  runs.begin(team);
  runs.repeat(team, 6, {5, 4});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Point& point = curve_of(study, "openmp").points.at(0);
  CHECK(*point.load_balance == Approx(4.5 / 5));
  CHECK(*point.communication_efficiency == Approx(5.0 / 6));
  CHECK(*point.computation_scalability == Approx(8.0 / 9));
  CHECK(*point.load_balance * *point.communication_efficiency * *point.computation_scalability ==
        Approx(8.0 / (2 * 6)));
  CHECK(point.efficiency->value == Approx(8.0 / (2 * 6)));
}

TEST_CASE("analysis: without a sequential run each driver's fewest workers are its base") {
  MeasuredRuns runs;
  runs.add(runs.run("openmp", 2), {6});
  runs.add(runs.run("openmp", 4), {4});
  runs.add(runs.run("openmp", 8), {3});
  runs.add(runs.run("mpi", 4), {4});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_FALSE(study.base);
  CHECK(study.own_base == "on its fewest workers");
  CHECK(has_note(study, "no run of the sequential driver: speed-ups are over"));
  const Curve& openmp = curve_of(study, "openmp");
  CHECK(openmp.base_workers == 2);
  CHECK(openmp.points.at(1).speedup->value == Approx(1.5));
  CHECK(openmp.points.at(1).efficiency->value == Approx(6.0 * 2 / (4 * 4)));
  CHECK(openmp.points.at(2).efficiency->value == Approx(6.0 * 2 / (3 * 8)));
  // All workers compute all the time: what is not the base's compute is slower compute.
  CHECK(openmp.points.at(2).losses->work == Approx(0.5));
  CHECK(openmp.points.at(2).losses->slowdown == Approx(0.5));
  CHECK_FALSE(curve_of(study, "mpi").points.at(0).speedup);  // nothing to compare it with
  const Study own = analysis_from_records({runs.path()}, {.base = BaseOf{4}}).studies.at(0);
  CHECK(own.own_base == "on 4 workers");
  CHECK(curve_of(own, "openmp").points.at(0).speedup->value == Approx(4.0 / 6));
  CHECK(curve_of(own, "openmp").points.at(2).efficiency->value == Approx(4.0 * 4 / (3 * 8)));
  CHECK(curve_of(own, "mpi").points.at(0).speedup->value == 1);
  const Study one =
      analysis_from_records({runs.path()}, {.base = BaseOf::one_worker}).studies.at(0);
  CHECK_FALSE(curve_of(one, "openmp").points.at(1).speedup);
  CHECK(has_note(one, "openmp: no run on 1 worker, so no speed-up over that"));
}

TEST_CASE("analysis: weak scaling without a time on 1 worker is over the fewest") {
  MeasuredRuns runs;
  for (const auto& [workers, time] :
       std::vector<std::pair<std::uint64_t, double>>{{8, 2}, {16, 2.5}, {32, 4}}) {
    Run run = runs.run("mpi", workers);
    run.scaling = "weak";
    run.tasks = 100 * workers;
    runs.add(run, {time});
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Curve& mpi = curve_of(study, "mpi");
  CHECK(mpi.points.at(1).efficiency->value == Approx(0.8));
  CHECK(mpi.points.at(2).efficiency->value == Approx(0.5));
  CHECK(mpi.points.at(2).speedup->value == Approx(0.5 * 32 / 8));
}

TEST_CASE("analysis: weak scaling is efficiency T(1) / T(p), and Gustafson's with serial time") {
  MeasuredRuns runs;
  for (const std::uint64_t workers : {1U, 4U}) {
    Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
    run.scaling = "weak";
    run.tasks = 100 * workers;
    runs.begin(run);
    const double time = workers == 1 ? 8 : 10;
    runs.repeat(run, time, std::vector<double>(workers, time), 2.0);
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK(study.weak);
  const Point& point = curve_of(study, "openmp").points.at(0);
  CHECK(point.efficiency->value == Approx(0.8));
  CHECK(point.speedup->value == Approx(3.2));
  // A fifth of the time on 4 workers was serial: 0.2 + 4 * 0.8.
  CHECK(*point.gustafson == Approx(3.4));
  CHECK_THAT(
      all_verdicts(study),
      Contains("openmp on 4 workers, each with the same work: 10 s, efficiency 80 % [80, 80]; "
               "Gustafson's scaled speed-up, with the serial time as measured: 3.4"));
  REQUIRE(curve_of(study, "openmp").laws);
  CHECK_FALSE(curve_of(study, "openmp").laws->chosen);  // of one number of workers
}

namespace {

/// Up to so many workers on 4 cores, each with as many hardware threads.
Study on_four_cores(std::uint64_t most, std::uint64_t threads) {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {16});
    for (std::uint64_t workers = 1; workers <= most; workers *= 2) {
      Run run = runs.run("openmp", workers);
      run.machines[0].cores = 4;
      run.machines[0].cpus = 4 * threads;
      runs.cpu_share =
          std::min(1.0, static_cast<double>(4 * threads) / static_cast<double>(workers));
      runs.add(run, {16.0 / static_cast<double>(std::min<std::uint64_t>(workers, 4))});
    }
  }
  return analysis_from_records({runs.path()}, {.merged = {"cores", "cpus"}}).studies.at(0);
}

}  // namespace

TEST_CASE("analysis: workers that share cores are no part of a law of scaling") {
  const Study study = on_four_cores(16, 1);
  const Curve& curve = curve_of(study, "openmp");
  CHECK_FALSE(curve.points.at(2).oversubscribed());
  CHECK(curve.points.at(3).oversubscribed());
  REQUIRE(curve.laws);
  CHECK(curve.laws->chosen == Law::ideal);
  CHECK_THAT(curve.laws->note, Contains("from 8 workers on they share cores"));
  CHECK_THAT(all_verdicts(study),
             Contains("More workers than cores take turns on them, and no gain "
                      "shows: openmp (4 s on 4, 4 s on 16)."));
}

TEST_CASE("analysis: hardware threads of a core share its units, and take no turns") {
  const Study siblings = on_four_cores(8, 2);
  CHECK(curve_of(siblings, "openmp").points.at(3).oversubscribed());
  CHECK_THAT(curve_of(siblings, "openmp").laws->note,
             Contains("from 8 workers on they share cores"));
  CHECK_THAT(all_verdicts(siblings),
             Contains("More workers than cores share a core's units as hardware threads (SMT), and "
                      "no gain shows: openmp (4 s on 4, 4 s on 8)."));
  CHECK_THAT(all_verdicts(siblings), !Contains("turns"));
  // As many as there are on 8 workers, not on 16.
  CHECK_THAT(all_verdicts(on_four_cores(16, 2)),
             Contains("More workers than cores share a core's units as hardware threads (SMT), or "
                      "take turns where there are not as many hardware threads, and no gain shows: "
                      "openmp (4 s on 4, 4 s on 16)."));
}

TEST_CASE("analysis: workers on slow cores are no part of a law of scaling") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {16});
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
      Run run = runs.run("openmp", workers);
      run.machines[0].slow_cpus = "4-63";
      // Half as fast: what the fast ones have to wait for.
      runs.add(run, {16.0 / static_cast<double>(workers > 4 ? workers / 2 : workers)});
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Curve& curve = curve_of(study, "openmp");
  CHECK_FALSE(curve.points.at(2).mixed_cores);
  CHECK(curve.points.at(3).mixed_cores);
  CHECK_FALSE(curve.points.at(3).oversubscribed());
  REQUIRE(curve.laws);
  CHECK(curve.laws->chosen == Law::ideal);
  CHECK_THAT(curve.laws->note, Contains("from 8 workers on some are on slower cores"));
}

TEST_CASE("analysis: which points have no part in a law is told as it is") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
      Run run = runs.run("openmp", workers);
      run.bind = "none";
      for (Place& place : run.places) place.cpus = workers == 4 ? "0" : "0-63";
      runs.add(run, {16.0 / static_cast<double>(workers)});
    }
    Run crowded = runs.run("mpi", 2);
    crowded.places[1].cpus = "0";
    runs.add(crowded, {16});
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_THAT(curve_of(study, "openmp unbound").laws->note,
             Contains("with 4 workers they share cores and are left out"));
  CHECK(curve_of(study, "mpi bound").laws->note ==
        "from 2 workers on they share cores and are left out");
}

TEST_CASE("analysis: a base that others disturbed is told, and is no gain of many workers") {
  MeasuredRuns runs;
  runs.cpu_share = 0.6;
  for (int round = 0; round < 6; ++round) runs.add(runs.run("sequential", 1), {10});
  for (int round = 0; round < 6; ++round) runs.add(runs.run("openmp", 2), {5});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK(has_note(study, "other programs had its core for 40 % of the time"));
  // 6 s of work in 2 x 5 s: as much of both was taken.
  const Losses& losses = *curve_of(study, "openmp").points.at(0).losses;
  CHECK(losses.preempted == Approx(0.4));
  CHECK(losses.slowdown == Approx(0).margin(1e-12));
}

TEST_CASE("analysis: a base that tells where its time went is preferred to one as fast") {
  for (const double untimed_seconds : {7.9, 4.0}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      runs.add(runs.run("sequential", 1), {8 + 0.1 * round});
      Run untimed = runs.run("sequential", 1);
      untimed.accounting = false;
      runs.begin(untimed);
      runs.repeat(untimed, untimed_seconds + 0.1 * round, {});
      runs.add(runs.run("openmp", 2), {5});
    }
    const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
    const bool timed = untimed_seconds > 7;
    CHECK(study.base->seconds.value == Approx(timed ? 8.25 : 4.25));
    CHECK(curve_of(study, "openmp").points.at(0).losses.has_value() == timed);
    // Over itself there is nothing to be unsure of.
    const Curve& own = curve_of(study, timed ? "sequential" : "sequential untimed");
    CHECK(own.points.at(0).speedup->low == 1);
    CHECK(own.points.at(0).speedup->high == 1);
  }
}

TEST_CASE("analysis: a serial part is no imbalance, and all losses add up") {
  MeasuredRuns runs;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  runs.repeat(alone, 10, {10});
  const Run team = runs.run("openmp", 4);
  runs.begin(team);
  // 3 s serial, then 2, 2, 2 and 1 s of the rest, and 1 s of something else.
  runs.repeat(team, 6, {5, 2, 2, 1}, 3.0);
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Point& point = curve_of(study, "openmp").points.at(0);
  REQUIRE(point.losses);
  CHECK(point.losses->serial == Approx(3 * 3.0 / 24));
  CHECK(point.losses->imbalance == Approx(1.0 / 24));
  CHECK(point.losses->slowdown == Approx(0).margin(1e-12));
  CHECK(point.losses->other == Approx(4.0 / 24));
  CHECK(point.efficiency->value + point.losses->serial + point.losses->imbalance +
            point.losses->slowdown + point.losses->other ==
        Approx(1));
  CHECK_THAT(all_verdicts(study), Contains("while one worker does the serial part"));
}

TEST_CASE("analysis: workers over a limit of CPUs are no part of a law of scaling") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U}) {
      Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
      run.machines[0].cpu_limit = 1.5;
      runs.add(run, {workers == 1 ? 3.0 : 2.0});
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Point& two = curve_of(study, "openmp").points.at(0);
  CHECK(two.oversubscribed());
  CHECK(two.cores == 1);
  CHECK_FALSE(curve_of(study, "sequential").points.at(0).oversubscribed());
}

namespace {

/// openmp on 1, 2 and 3 workers of a machine with 64 cores and so many CPUs allowed, which share
/// 12 s of work; beside the sequential driver.
Study limited_to(double cpus) {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {0U, 1U, 2U, 3U}) {
      Run run = workers == 0 ? runs.run("sequential", 1) : runs.run("openmp", workers);
      run.machines[0].cpu_limit = cpus;
      const double used = std::min(cpus, static_cast<double>(run.workers));
      runs.cpu_share = used / static_cast<double>(run.workers);
      runs.add(run, {12 / used});
    }
  }
  return analysis_from_records({runs.path()}, {}).studies.at(0);
}

std::string note_of_law(const Study& study) { return curve_of(study, "openmp").laws->note; }

std::string left_out_from(int workers) {
  return fmt::format(
      "from {} workers on they are more than a limit of CPUs (cgroup) lets compute "
      "at a time, and are left out",
      workers);
}

}  // namespace

TEST_CASE("analysis: workers over a limit of CPUs share no cores, and that is what is said") {
  const Study two_and_a_half = limited_to(2.5);
  CHECK_THAT(note_of_law(two_and_a_half), Contains(left_out_from(3)));
  CHECK_THAT(note_of_law(two_and_a_half), !Contains("share cores"));
  CHECK_THAT(all_verdicts(two_and_a_half),
             Contains("More workers than a limit of CPUs (cgroup) lets compute at a time still "
                      "gain time: openmp (6 s on 2, 4.8 s on 3: 2.5 CPUs together)."));
  CHECK_THAT(all_verdicts(two_and_a_half), !Contains("More workers than cores"));

  const Study two = limited_to(2.0);
  CHECK_THAT(note_of_law(two), Contains(left_out_from(3)));
  CHECK_THAT(all_verdicts(two),
             Contains("More workers than a limit of CPUs (cgroup) lets compute at a time have to "
                      "wait, and no gain shows: openmp (6 s on 2, 6 s on 3: 2 CPUs together)."));

  const Study one_and_a_half = limited_to(1.5);
  CHECK_THAT(note_of_law(one_and_a_half), Contains(left_out_from(2)));
  CHECK_THAT(all_verdicts(one_and_a_half),
             Contains("still gain time: openmp (12 s on 1, 8 s on 3: 1.5 CPUs together)."));
  for (const Study* study : {&two_and_a_half, &two, &one_and_a_half}) {
    CHECK_FALSE(has_note(*study, "slows 1 worker alone"));
  }
}

TEST_CASE("analysis: a limit below one CPU slows one worker alone, who is not crowded") {
  const Study half = limited_to(0.5);
  const Curve& curve = curve_of(half, "openmp");
  CHECK_FALSE(curve.points.at(0).oversubscribed());
  CHECK(curve.points.at(0).throttled);
  CHECK(curve.points.at(1).oversubscribed());
  REQUIRE(half.base);
  CHECK(half.base->seconds.value == 24);
  CHECK_THAT(note_of_law(half), Contains(left_out_from(2)));
  CHECK_THAT(all_verdicts(half), Contains("have to wait, and no gain shows: openmp (24 s on 1, "
                                          "24 s on 3: 0.5 CPUs together)."));
  CHECK(has_note(half,
                 "a limit (cgroup) of less than 1 CPU slows 1 worker alone, and so the base, "
                 "too"));
  CHECK_FALSE(has_note(half, "other programs had its core"));
}

TEST_CASE("analysis: workers that are bound to one core are not more than the cores") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U}) {
      Run run = runs.run("openmp", workers);
      for (Place& place : run.places) place.cpus = "0";
      if (workers == 1) run.machines[0].cores = run.machines[0].cpus = 1;
      runs.add(run, {4});
    }
  }
  const Study study =
      analysis_from_records({runs.path()}, {.merged = {"cores", "cpus"}}).studies.at(0);
  CHECK_THAT(all_verdicts(study), Contains("Several workers on one core take turns, and no gain "
                                           "shows: openmp (4 s on 1, 4 s on 2)."));
}

TEST_CASE("analysis: where each machine has a limit below one CPU, no other program is blamed") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {12});
    Run run = runs.run("mpi", 2);
    run.machines.push_back(run.machines[0]);
    run.machines[1].host = run.places[1].host = "node2";
    for (Machine& machine : run.machines) machine.cpu_limit = 0.5;
    runs.cpu_share = 0.5;
    runs.add(run, {12});
    runs.cpu_share = 1;
  }
  const Study study = analysis_from_records({runs.path()}, {.merged = {"cpu_limit"}}).studies.at(0);
  CHECK_FALSE(curve_of(study, "mpi").points.at(0).oversubscribed());
  CHECK_THAT(all_verdicts(study), Contains("50 % of the workers' time is lost to this: a limit of "
                                           "CPUs (cgroup) stops the workers for part of the time"));
}
