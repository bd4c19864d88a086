// What is said of runs that never were.
#include "results/analysis/verdicts.hpp"

#include <algorithm>
#include <cmath>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/measured_runs.hpp"
#include "tests/results/analysis/told.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// A run whose workers compute for a part of the time and wait for the rest.
void add_waiting(MeasuredRuns& runs, const Run& run, double seconds, double compute) {
  runs.begin(run);
  runs.repeat(run, seconds, std::vector<double>(run.workers, compute));
}

}  // namespace

TEST_CASE("analysis: the shortest time makes a curve the fastest, also where one worker would do") {
  MeasuredRuns runs;
  for (const double noise : {-3.5, 3.5}) {
    runs.add(runs.run("openmp", 1), {9 + noise});
    runs.add(runs.run("openmp", 2), {7.5 + noise});
    runs.add(runs.run("processes", 2), {8 + 0.01 * noise});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains("Nothing is shown to be faster than 1 worker alone. Shortest: openmp on 2 "
               "workers, 7.5 s, 1.2 [0.5, 3.1] times as fast as on 1 worker. Not slower, as far "
               "as the intervals tell: processes on 2."));
}

TEST_CASE("analysis: beside the shortest time stands how many workers are shown to be faster") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.01 * round;
    runs.add(runs.run("sequential", 1), {8 * noise});
    for (const auto& [workers, time] : std::map<std::uint64_t, double>{{2, 4}, {4, 2.02}, {8, 2}}) {
      runs.add(runs.run("openmp", workers), {time * noise});
    }
    Run slow = runs.run("mpi", 2);
    runs.add(slow, {9 * noise});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains("No more than 4 workers are shown to be faster: openmp on 4 workers, 2.07 s") &&
          Contains("; shortest: openmp on 8 workers, 2.05 s.") && !Contains("Not slower") &&
          !Contains("Fastest"));
}

TEST_CASE("analysis: fewer than six runs call no driver the fastest") {
  for (const int rounds : {3, 6}) {
    MeasuredRuns runs;
    for (int round = 0; round < rounds; ++round) {
      const double noise = 1 + 0.01 * round;
      runs.add(runs.run("sequential", 1), {8 * noise});
      runs.add(runs.run("openmp", 2), {4 * noise});
      runs.add(runs.run("mpi", 2), {5 * noise});
    }
    const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
    CAPTURE(rounds, said);
    CHECK((said.find("Fastest: openmp on 2 workers") == 0) == (rounds == 6));
    CHECK((said.find("Shortest: openmp on 2 workers") == 0) == (rounds == 3));
    CHECK((said.find("Fewer than 6 runs of each do not tell who is fastest.") !=
           std::string::npos) == (rounds == 3));
  }
}

TEST_CASE("analysis: where nothing is faster than one worker alone, that is said") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8.0 + round});
    runs.add(runs.run("openmp", 2), {8.5 + round});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains(
          "Nothing is shown to be faster than 1 worker alone. Shortest: sequential on 1 worker, "
          "10.5 s") &&
          Contains("Not slower, as far as the intervals tell: openmp on 2"));
}

TEST_CASE("analysis: an injected serial part is found in the times, and said in a sentence") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    Run alone = runs.run("sequential", 1);
    alone.tasks = 64'000;
    runs.add(alone, {10 * noise});
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
      const auto p = static_cast<double>(workers);
      Run run = runs.run("mpi", workers);
      run.tasks = 64'000;
      add_waiting(runs, run, 10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Curve& curve = curve_of(study, "mpi");
  REQUIRE(curve.laws);
  REQUIRE(curve.laws->chosen == Law::amdahl);
  CHECK(curve.laws->chosen_fit()->coefficients.alpha() == Approx(0.05).epsilon(0.001));
  for (const Point& point : curve.points) {
    if (point.workers > 1) CHECK(*point.karp_flatt == Approx(0.05).epsilon(0.02));
  }
  CHECK_THAT(all_verdicts(study), Contains("as if 5.00 % [") &&
                                      Contains("of the work were serial") &&
                                      Contains("20 [19.9, 20.1] times faster"));
  // 1 / (1 + 0.05 (p - 1)) = 0.75 at p = 7.67
  CHECK_THAT(all_verdicts(study), Contains("below 75 % from 8 workers on"));
  // 1 / (0.05 + 0.95 / 128) = 17.4
  CHECK_THAT(all_verdicts(study), Contains("Speed-up foretold for twice as many workers as the "
                                           "laws rest on: for 128 workers, of mpi 17.4 ["));
}

TEST_CASE("analysis: what would tell laws apart is told, for each curve that needs it") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    Run alone = runs.run("sequential", 1);
    alone.tasks = 64'000;
    runs.add(alone, {10 * noise});
    for (const char* driver : {"openmp", "mpi"}) {
      for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
        const auto p = static_cast<double>(workers);
        Run run = runs.run(driver, workers);
        run.tasks = 64'000;
        runs.add(run, {10 * noise * (1 / p + 0.05 * (p - 1) / p + 0.01 * (p - 1))});
      }
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_THAT(all_verdicts(study), Contains("What next: 6 runs of mpi, openmp on 32 workers") &&
                                      Contains(" would tell USL, Amdahl and sqrt p apart."));
}

TEST_CASE("analysis: what any study needs is told where it is missing") {
  const auto said = [](const std::vector<std::pair<std::string, std::uint64_t>>& measured,
                       std::uint64_t cores = 64, bool waits = false) {
    MeasuredRuns runs;
    for (const auto& [driver, workers] : measured) {
      Run run = runs.run(driver, workers);
      run.machines[0].cores = cores;
      run.waits = waits;
      runs.add(run, {10 / static_cast<double>(workers)});
    }
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  const std::string base = "measure the sequential driver, too";
  const std::string few = "measure openmp on 5 numbers of workers or more";
  CHECK_THAT(said({{"openmp", 1}, {"openmp", 2}}),
             Contains("What next: " + base) &&
                 Contains("; " + few + ": a law needs 3, and to tell laws apart takes 5."));
  CHECK_THAT(said({{"sequential", 1}, {"openmp", 1}, {"openmp", 2}}),
             Contains("What next: " + few + ": ") && !Contains(base));
  // Of 2 cores no more numbers of workers come, unless these only wait.
  const std::vector<std::pair<std::string, std::uint64_t>> on_two{
      {"sequential", 1}, {"openmp", 1}, {"openmp", 2}, {"openmp", 4}, {"openmp", 8}};
  CHECK_THAT(said(on_two, 2), Contains(few + ", for which the 2 cores here are too few: "));
  CHECK_THAT(said(on_two, 2, true), !Contains(few));
  CHECK_THAT(said({{"sequential", 1}}),
             Contains("What next: measure openmp, processes or mpi, too") && !Contains(few));
  CHECK_THAT(said({{"sequential", 1},
                   {"openmp", 1},
                   {"openmp", 2},
                   {"openmp", 4},
                   {"openmp", 8},
                   {"openmp", 16}}),
             !Contains(few) && !Contains(base) && !Contains("too, on 1 worker"));
}

TEST_CASE("analysis: without a time on 1 worker no bound over that is told") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const double p : {2.0, 4.0, 8.0, 16.0, 32.0}) {
      add_waiting(runs, runs.run("mpi", static_cast<std::uint64_t>(p)),
                  10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("of the work were serial (Amdahl)") && !Contains("never gets more"));
}

TEST_CASE("analysis: where efficiency falls below the target agrees with what was measured") {
  struct Times {
    std::vector<double> efficiencies;  // on 1, 2, 4, ... workers
    const char* said;
  };
  const std::vector<Times> all = {
      // Too few to tell laws apart: each has a number of its own.
      {{1, 0.92, 0.78, 0.58}, "; efficiency falls below 75 % between 4 and 8 workers"},
      {{1, 0.7, 0.5, 0.3}, "; efficiency is below 75 % on 2 workers"},
      // By Amdahl's law with a serial part of 5 % it would be from 8 workers on.
      {{1, 0.952, 0.87, 0.765, 0.571, 0.392},
       "; efficiency falls below 75 % between 8 and 16 workers"}};
  for (const Times& times : all) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.001 * (round - 2.5);
      std::uint64_t workers = 1;
      for (const double efficiency : times.efficiencies) {
        Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
        run.tasks = 64'000;
        runs.add(run, {10 * noise / (efficiency * static_cast<double>(workers))});
        if (workers == 1) {
          run.driver = "openmp";
          runs.add(run, {10 * noise});
        }
        workers *= 2;
      }
    }
    const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
    INFO(all_verdicts(study));
    REQUIRE(curve_of(study, "openmp").laws->chosen);
    CHECK_THAT(all_verdicts(study), Contains(times.said));
  }
}

TEST_CASE("analysis: below the target is what all later numbers of workers are") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U, 4U}) {
      Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
      run.scaling = "weak";
      run.tasks = 100 * workers;
      runs.add(run, {workers == 2 ? 13.0 : 8.0});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("; below 75 %"));
}

TEST_CASE("analysis: in weak scaling an efficiency is above the target if its interval is") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
      Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
      run.scaling = "weak";
      run.tasks = 100 * workers;
      // 100, 90, then 69 to 80 and 50 %.
      const double time = workers == 1   ? 8
                          : workers == 2 ? 8.9
                          : workers == 4 ? 10 + 0.32 * round
                                         : 16;
      runs.add(run, {time});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("; at least 75 % up to 2 workers; below 75 % from 8 workers on"));
}

TEST_CASE("analysis: in weak scaling the law of a time that grows is told, with what it adds") {
  // Per doubling 50 ms of 1 s, or per worker 20 ms of 2 s on the fewest, which are 8.
  const auto said = [](const std::vector<std::uint64_t>& numbers, const auto& seconds,
                       bool waits = true) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.002 * (round - 2.5);
      for (const std::uint64_t workers : numbers) {
        Run run = runs.run("mpi", workers);
        run.scaling = "weak";
        run.tasks = 100 * workers;
        const double time = noise * seconds(static_cast<double>(workers));
        add_waiting(runs, run, time,
                    waits ? noise * seconds(static_cast<double>(numbers.front())) : time);
      }
    }
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  CHECK_THAT(said({1, 2, 4, 8, 16, 32}, [](double p) { return 1 + 0.05 * std::log2(p); }),
             Contains("its time grows by log p") &&
                 Contains("each doubling of the workers adds 50 ms [") && Contains("5.0 % [") &&
                 Contains("of the time on 1; ") && Contains("on 32 workers it takes 25 % [") &&
                 Contains("longer than on 1"));
  CHECK_THAT(said({8, 16, 24, 32, 64}, [](double p) { return 2 + 0.02 * (p - 8); }),
             Contains("its time grows linearly") && Contains("each worker more adds 20 ms [") &&
                 Contains("1.00 % [") && Contains("of the time on 8; ") &&
                 Contains("on 64 workers it takes 56 % ["));
  CHECK_THAT(said({1, 2, 4, 8}, [](double) { return 1.0; }),
             Contains("no cost of more workers shows up to 8 of them") && !Contains("grows by"));
  CHECK_THAT(said({1, 2, 4}, [](double p) { return 1 + 0.05 * std::log2(p); }),
             Contains("its time grows with the workers: on 4 workers it takes 10") &&
                 Contains("3 numbers of workers cannot tell") && !Contains("collectives") &&
                 !Contains("one after another"));
  // Of a rival that misses the times the interval is wide, but growth is no less than nothing.
  CHECK_THAT(said({1, 2, 4}, [](double p) { return 1 + 0.1 * p; }),
             Contains("on 4 workers it takes 27 % [0, "));
  // Where the accounts tell another story than the mechanism, it is not named.
  CHECK_THAT(said(
                 {1, 2, 4, 8, 16, 32}, [](double p) { return 1 + 0.05 * std::log2(p); }, false),
             Contains("its time grows by log p, though its workers hardly wait: their work itself "
                      "takes longer side by side: each doubling") &&
                 !Contains("collectives"));
}

TEST_CASE("analysis: only the schedule may differ where one is said to save time") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 2), {6});
    Run dynamic = runs.run("openmp", 2);
    dynamic.schedule = "dynamic";
    dynamic.accounting = false;
    runs.add(dynamic, {4});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("dynamic saves"));
}

TEST_CASE("analysis: what is lost is said by its cause, where the intervals show a loss") {
  MeasuredRuns runs;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  for (int i = 0; i < 6; ++i) runs.repeat(alone, 8, {8});
  const auto add = [&](const std::string& driver, const std::string& schedule, double seconds,
                       const std::vector<double>& compute) {
    Run run = runs.run(driver, 2);
    run.schedule = schedule;
    runs.begin(run);
    for (int i = 0; i < 6; ++i) runs.repeat(run, seconds, compute);
  };
  add("imbalanced", "static", 6.0, {6.0, 2.0});
  add("imbalanced", "dynamic", 4.0, {4.0, 4.0});
  add("memory", "static", 7.0, {7.0, 7.0});
  add("waiting", "static", 8.0, {4.0, 4.0});
  runs.cpu_share = 0.5;
  add("disturbed", "static", 8.0, {8.0, 8.0});
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("imbalanced static on 2 workers: efficiency 67 % [67, 67]. 33 % of "
                            "the workers' time is lost to this: imbalance"));
  CHECK_THAT(said, Contains("33 % lost to imbalance; dynamic saves 33 % [33, 33] of the time"));
  CHECK_THAT(said, Contains("memory static on 2 workers: efficiency 57 %") &&
                       Contains("43 % of the workers' time is lost to this: the same work takes"));
  CHECK_THAT(said, Contains("waiting static on 2 workers: efficiency 50 %") &&
                       Contains("50 % of the workers' time is lost to this: all that is neither"));
  CHECK_THAT(said, Contains("disturbed static on 2 workers: efficiency 50 %") &&
                       Contains("other programs had the cores for part of the time"));
  CHECK_THAT(said, !Contains("imbalanced dynamic on 2 workers: efficiency"));
  CHECK_THAT(said,
             Contains("disturbed static, imbalanced static, imbalanced dynamic, memory static, "
                      "waiting static: "
                      "the curve has one number of workers"));
}

TEST_CASE("analysis: what the last worker computes longer is told by its CPU time") {
  const auto said = [](const std::vector<double>& compute, const std::vector<double>& on_cpu,
                       bool even) {
    MeasuredRuns runs;
    const Run alone = runs.run("sequential", 1);
    runs.begin(alone);
    for (int i = 0; i < 6; ++i) runs.repeat(alone, 16, {16});
    runs.even_tasks = even;
    runs.cpu_seconds = on_cpu;
    const Run team = runs.run("openmp", 4);
    runs.begin(team);
    const double longest = *std::max_element(compute.begin(), compute.end());
    for (int i = 0; i < 6; ++i) runs.repeat(team, longest, compute);
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  // Another program had the last one's core for a third of its time: all others wait for it.
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 4}, true),
             Contains("33 % of the workers' time is lost to this: other programs had the cores") &&
                 Contains("All of their time: work 67 %, other programs 33 %."));
  // It needed more CPU time for as many tasks: no other program, and no more to do.
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 6}, true), Contains("more CPU time for as many tasks") &&
                                                         !Contains("some workers have more to do"));
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 6}, false), Contains("some workers have more to do"));
}

TEST_CASE("analysis: a disturbed base does not make losses of more than all there is") {
  MeasuredRuns runs;
  runs.cpu_share = 0.5;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  for (int i = 0; i < 6; ++i) runs.repeat(alone, 2, {2});
  runs.cpu_share = 1.0 / 3;
  const Run team = runs.run("openmp", 2);
  runs.begin(team);
  for (int i = 0; i < 6; ++i) runs.repeat(team, 1.5, {1.5, 1.5});
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("67 % of the workers' time is lost to this: other programs") &&
                 Contains("All of their time: work 33 %, other programs 67 %."));
}

TEST_CASE("analysis: tasks that do not divide evenly are told by their number") {
  MeasuredRuns runs;
  runs.even_tasks = true;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
      for (const char* driver : {"sequential", "openmp"}) {
        if (workers > 1 && driver[0] == 's') continue;
        Run run = runs.run(driver, workers);
        run.tasks = 100;
        run.work = Work{100, 1};
        runs.begin(run);
        const double p = static_cast<double>(workers);
        std::vector<double> compute(workers, 10 * noise * std::floor(100 / p) / 100);
        for (std::size_t i = 0; i < 100 % workers; ++i) compute[i] += 0.1 * noise;
        runs.repeat(run, 10 * noise * std::ceil(100 / p) / 100, compute);
      }
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("openmp: no serial part shows up to 64 workers") &&
                       Contains("100 tasks do not divide evenly: some workers have 2 tasks") &&
                       !Contains("cache") && !Contains("superlinear"));
}

TEST_CASE("analysis: how sure several laws are together is told") {
  for (const int drivers : {1, 3}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.002 * (round - 2.5);
      runs.add(runs.run("sequential", 1), {10 * noise});
      for (int driver = 0; driver < drivers; ++driver) {
        for (const double p : {1.0, 2.0, 4.0, 8.0, 16.0}) {
          add_waiting(runs,
                      runs.run(fmt::format("driver{}", driver), static_cast<std::uint64_t>(p)),
                      10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
        }
      }
    }
    const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
    const std::string said = all_verdicts(study);
    const std::string together =  // 0.95³ = 0.857
        "3 curves have a law: each interval holds what is true in 95 %, all of them together in "
        "86 % or so.";
    CHECK((said.find(together) != std::string::npos) == (drivers == 3));
    CHECK_THAT(said, !Contains("1 curves"));
    CHECK(!has_note(study, "curves have a law"));  // who compares times only is not told
  }
}

TEST_CASE("analysis: compute that grows is not called serial") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const double p : {1.0, 2.0, 4.0, 8.0, 16.0}) {
      runs.add(runs.run("openmp", static_cast<std::uint64_t>(p)),
               {10 * noise * (1 + 0.25 * std::log2(p) / 4) / p});
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, !Contains("were serial") && !Contains("may be serial") &&
                       Contains("the same work takes longer side by side"));
}

TEST_CASE("analysis: where the runs do not tell which loss is the largest, both are told") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    // 2 s or 2.4 s of 8 s are imbalance, and as much is waiting.
    const double more = round % 2 == 0 ? 0.4 : 0;
    runs.repeat(run, 8, {6 - more, 2 + more});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("28 % of the workers' time is lost to this: all that is") &&
                 Contains("and 22 % is lost to this: imbalance") &&
                 Contains("which of them is most, the runs do not tell"));
}

TEST_CASE("analysis: a driver that is slower on one worker, too, is not slowed side by side") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 1), {16});
    runs.add(runs.run("openmp", 2), {8});
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("50 % of the workers' time is lost to this: the same work takes longer "
                            "in this driver, on 1 worker, too"));
  CHECK_THAT(said, !Contains("side by side"));
}

TEST_CASE("analysis: a slow time on one worker explains no loss of many that compute as the base") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 1), {10});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    runs.repeat(run, 4.6, {4, 4});
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("13 % of the workers' time is lost to this: all that is neither"));
  CHECK_THAT(said, !Contains("on 1 worker, too"));
}

TEST_CASE("analysis: times that vary too much to show a loss are told, and no cause of it") {
  for (const double scatter : {0.01, 0.15}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      runs.add(runs.run("sequential", 1), {8});
      runs.add(runs.run("openmp", 2), {6 * (1 + scatter * (round - 2.5))});  // half of them: 4 s
    }
    const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
    CAPTURE(said);
    const bool sure = scatter < 0.1;
    CHECK((said.find("33 % of the workers' time is lost to this") != std::string::npos) == sure);
    CHECK(
        (said.find("On 2 workers the times of openmp (efficiency 67 % [48, 107]) vary too much to "
                   "show that anything is lost: more runs may.") == std::string::npos) == sure);
  }
}

TEST_CASE("analysis: a slowdown is no surer than the base's own compute time") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8 + 0.48 * round});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    runs.repeat(run, 6, {5, 5});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("which of them is most, the runs do not tell"));
}

TEST_CASE("analysis: of one run no loss is said to be the main one") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), std::vector<double>(6, 8.0));
  const Run run = runs.run("openmp", 2);
  runs.begin(run);
  for (int i = 0; i < 6; ++i) runs.repeat(run, 8, {6.0, 2.0 + 0.02});
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("which of them is most, the runs do not tell"));
}

TEST_CASE("analysis: more workers than cores are compared with all cores at work only") {
  MeasuredRuns runs;
  for (const std::uint64_t workers : {1U, 4U}) {
    Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
    run.machines[0].cores = 2;
    runs.add(run, {workers == 1 ? 8.0 : 4.0});
    if (workers == 1) {
      Run one = runs.run("openmp", 1);
      one.machines[0].cores = 2;
      runs.add(one, {8.0});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("ore workers than cores"));
}

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
