// From records to derived numbers: runs that never were, whose numbers follow on paper.
#include "results/analysis/from_records.hpp"

#include <cmath>
#include <map>
#include <stdexcept>

#include "results/analysis/identity.hpp"
#include "results/report/csv.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

const Curve& curve_of(const Study& study, std::string_view name) {
  for (const Curve& curve : study.curves) {
    if (curve.name == name) return curve;
  }
  throw std::runtime_error(fmt::format("no curve {}", name));
}

std::string names_of(const Study& study) {
  std::string names;
  for (const Curve& curve : study.curves) names += curve.name + "; ";
  return names;
}

std::string all_verdicts(const Study& study) {
  std::string text;
  for (const Verdict& verdict : study.verdicts) text += verdict.text + '\n';
  return text;
}

bool has_note(const Study& study, const std::string& words) {
  for (const std::string& note : study.notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("analysis: a run is one sample, whatever it repeated; six runs have an interval") {
  MeasuredRuns runs;
  // Medians of the runs: 1.0 to 1.5. Warm-ups and what was resumed would spoil them.
  for (int i = 0; i < 6; ++i) {
    const Run run = runs.run("sequential", 1);
    runs.begin(run);
    for (const double off : {-0.01, 0.0, 0.3}) {
      const double time = 1.0 + 0.1 * i + off;
      runs.repeat(run, time, {time});
    }
    runs.repeat(run, 0.001, {0.001}, {}, 999);
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.studies.size() == 1);
  REQUIRE(analysis.studies[0].curves.size() == 1);
  REQUIRE(analysis.studies[0].curves[0].points.size() == 1);
  const Point& point = analysis.studies[0].curves[0].points[0];
  CHECK(point.times_of_runs);
  CHECK(point.times.size() == 6);
  CHECK(point.runs[0].repetitions.size() == 3);
  CHECK(point.seconds.value == Approx(1.25));
  CHECK(point.seconds.confident);
  CHECK(point.seconds.low == Approx(1.0));
  CHECK(point.seconds.high == Approx(1.5));
  CHECK(has_note(analysis.studies[0], "6 repetitions resumed a journal"));
  CHECK(analysis.runs == 6);
}

TEST_CASE("analysis: of one run only, its repetitions are the samples, and a note says so") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1, 2, 3, 4, 5, 6});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK(study.curves.at(0).points.at(0).times.size() == 6);
  CHECK_FALSE(study.curves.at(0).points.at(0).times_of_runs);
  CHECK(has_note(study, "too narrow"));
}

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

TEST_CASE("analysis: without a sequential run there is no speed-up, unless over one worker") {
  MeasuredRuns runs;
  runs.add(runs.run("openmp", 1), {6});
  runs.add(runs.run("openmp", 2), {4});
  runs.add(runs.run("mpi", 2), {4});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_FALSE(study.base);
  CHECK_FALSE(curve_of(study, "openmp").points.at(1).speedup);
  CHECK(has_note(study, "no run of the sequential driver"));
  const Study own =
      analysis_from_records({runs.path()}, {.base = BaseOf::one_worker}).studies.at(0);
  CHECK(curve_of(own, "openmp").points.at(1).speedup->value == Approx(1.5));
  CHECK_FALSE(curve_of(own, "mpi").points.at(0).speedup);
  CHECK(has_note(own, "mpi: no run with 1 worker"));
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
  CHECK_FALSE(curve_of(study, "openmp").laws);
}

TEST_CASE("analysis: another machine is refused, and named; --merge puts it on the curve") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1});
  Run other = runs.run("openmp", 2);
  other.machines[0].cpu = "Slide Rule 2";
  other.machines[0].host = "node2";
  runs.add(other, {1});
  CHECK_THROWS_WITH(
      analysis_from_records({runs.path()}, {}),
      Contains("cpu: 'Abacus 3000' (node1), 'Slide Rule 2' (node2)") && Contains("--merge cpu "));
  const Analysis merged = analysis_from_records({runs.path()}, {.merged = {"cpu"}});
  CHECK(merged.studies.at(0).curves.size() == 2);
  REQUIRE(merged.notes.size() == 1);
  CHECK_THAT(merged.notes[0], Contains("(--merge): cpu: 'Abacus 3000' (node1), 'Slide Rule 2'"));
  CHECK_THROWS_AS(analysis_from_records({runs.path()}, {.merged = {"cpus?"}}), UnknownField);
}

TEST_CASE("analysis: another build is refused, but a library of one driver only is none") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1});
  Run mpi = runs.run("mpi", 2);
  mpi.build.libraries["mpi"] = "4.1";
  runs.add(mpi, {1});
  CHECK_NOTHROW(analysis_from_records({runs.path()}, {}));
  mpi = runs.run("mpi", 4);
  mpi.build.libraries["mpi"] = "5.0";
  mpi.build.compiler = "Clang 14";
  runs.add(mpi, {1});
  CHECK_THROWS_WITH(analysis_from_records({runs.path()}, {}),
                    Contains("compiler: 'Clang 14'") && Contains("mpi: '4.1'") &&
                        Contains("--merge compiler,mpi "));
}

TEST_CASE("analysis: other options, data or numbers of tasks are another study") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1});
  Run other = runs.run("sequential", 1);
  other.options["task-units"] = "7000";
  runs.add(other, {1});
  other.options["skew"] = "pareto";
  other.id = "skewed";
  runs.add(other, {1});
  other = runs.run("sequential", 1);
  other.options["task-time"] = "50 us";  // only another way of saying the same units
  runs.add(other, {1});
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.studies.size() == 3);
  CHECK(analysis.studies[0].curves[0].points[0].runs.size() == 2);
  CHECK(analysis.studies[0].name == "spin");
  CHECK(analysis.studies[1].name == "spin-2");
  CHECK_THAT(analysis.studies[2].title, Contains("skew pareto"));
  const Analysis merged = analysis_from_records({runs.path()}, {.merged = {"task-units", "skew"}});
  REQUIRE(merged.studies.size() == 1);
  CHECK(merged.studies[0].curves[0].points[0].runs.size() == 4);
}

TEST_CASE("analysis: curves are told apart by what differs, and only by that") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1});
  Run run = runs.run("openmp", 2);
  runs.add(run, {1});
  CHECK(names_of(analysis_from_records({runs.path()}, {}).studies.at(0)) == "sequential; openmp; ");
  run = runs.run("openmp", 2);
  run.schedule = "dynamic";
  run.chunk = 10;
  runs.add(run, {1});
  CHECK(names_of(analysis_from_records({runs.path()}, {}).studies.at(0)) ==
        "sequential; openmp static; openmp dynamic,10; ");
  run = runs.run("openmp", 2);
  run.bind = "none";
  runs.add(run, {1});
  CHECK(names_of(analysis_from_records({runs.path()}, {}).studies.at(0)) ==
        "sequential; openmp static bound; openmp dynamic,10 bound; openmp static unbound; ");
  CHECK(names_of(analysis_from_records({runs.path()}, {.merged = {"bind", "schedule", "chunk"}})
                     .studies.at(0)) == "sequential; openmp; ");
}

TEST_CASE("analysis: the same ranks on one node and on two are two curves; filling nodes is one") {
  const auto on_nodes = [](Run run, std::uint64_t nodes) {
    for (std::uint64_t w = 0; w < run.workers; ++w) {
      run.places[w].host = fmt::format("node{}", w % nodes + 1);
    }
    return run;
  };
  MeasuredRuns filled;
  filled.add(on_nodes(filled.run("mpi", 2), 1), {2});
  filled.add(on_nodes(filled.run("mpi", 4), 2), {1});
  CHECK(names_of(analysis_from_records({filled.path()}, {}).studies.at(0)) == "mpi; ");
  MeasuredRuns spread;
  spread.add(on_nodes(spread.run("mpi", 4), 1), {2});
  spread.add(on_nodes(spread.run("mpi", 4), 2), {1});
  CHECK(names_of(analysis_from_records({spread.path()}, {}).studies.at(0)) ==
        "mpi 1 node; mpi 2 nodes; ");
}

TEST_CASE("analysis: workers that share cores are no part of a law of scaling") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {16});
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U}) {
      Run run = runs.run("openmp", workers);
      run.machines[0].cores = 4;
      run.machines[0].cpus = 8;  // two hardware threads of each core
      runs.cpu_share = workers > 4 ? 4.0 / static_cast<double>(workers) : 1;
      runs.add(run, {16.0 / static_cast<double>(std::min<std::uint64_t>(workers, 4))});
    }
  }
  const Study study =
      analysis_from_records({runs.path()}, {.merged = {"cores", "cpus"}}).studies.at(0);
  const Curve& curve = curve_of(study, "openmp");
  CHECK_FALSE(curve.points.at(2).oversubscribed);
  CHECK(curve.points.at(3).oversubscribed);
  REQUIRE(curve.laws);
  CHECK(curve.laws->chosen == Law::ideal);
  CHECK_THAT(curve.laws->note, Contains("from 8 workers on they share cores"));
  CHECK_THAT(all_verdicts(study),
             Contains("More workers than cores take turns on them, and no gain "
                      "shows: openmp (4 s on 4, 4 s on 16)."));
}

TEST_CASE("analysis: cores are those of the machine, of its limit, or of the CPUs shared out") {
  MeasuredRuns runs;
  Run run = runs.run("openmp", 8);
  CHECK(seats_of(run).cores == 64);
  run.machines[0].cpu_limit = 2.5;
  CHECK(seats_of(run).cores == 3);
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
    "analysis: two threads of a core are no two cores, and half of a machine is not all of it") {
  MeasuredRuns runs;
  Run run = runs.run("openmp", 4);
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
  CHECK_FALSE(on("cores", {"0", "2", "4", "6"}).shared);
  CHECK(on("cores", {"0", "1"}).shared);
  CHECK(on("cores", {"0", "1"}).cores == 1);
  CHECK(on("cores", {"0"}).cores == 4);
  // A job that was given two cores.
  CHECK(on("none", {"0-3", "0-3"}).cores == 2);
  CHECK_FALSE(on("none", {"0-3", "0-3"}).shared);
  CHECK(on("none", {"0-3", "0-3", "0-3"}).shared);
  CHECK_FALSE(on("none", {"", "", ""}).shared);  // not known
  // Two of them can only be on core 0.
  CHECK(on("none", {"0", "0-1", "2-5"}).shared);
  CHECK_FALSE(on("none", {"0", "2-5", "2-5"}).shared);
}

TEST_CASE("analysis: where a worker's machine is not among those told of, all workers count") {
  MeasuredRuns runs;
  Run run = runs.run("openmp", 128);
  for (Place& place : run.places) place.host = "node1.example";
  CHECK(seats_of(run).shared);
  run.workers = 64;
  CHECK_FALSE(seats_of(run).shared);
}

TEST_CASE("analysis: where one machine has too few cores, others with enough do not help") {
  MeasuredRuns runs;
  Run run = runs.run("mpi", 4);
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
  CHECK_FALSE(on_second(2).shared);
  CHECK(on_second(3).shared);
  // Bound: what one machine shows of its cores is not put beside all that another one has.
  run.bind = "cores";
  for (Machine& machine : run.machines) machine.cores = machine.cpus = 64;
  for (std::size_t w = 0; w < run.places.size(); ++w) {
    run.places[w] = {w < 2 ? "node1" : "node2", 1, w < 2 ? "0" : std::to_string(w)};
  }
  CHECK(seats_of(run).shared);
  CHECK(seats_of(run).cores == 3);
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
  CHECK_FALSE(curve.points.at(3).oversubscribed);
  REQUIRE(curve.laws);
  CHECK(curve.laws->chosen == Law::ideal);
  CHECK_THAT(curve.laws->note, Contains("from 8 workers on some are on slower cores"));
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

TEST_CASE("analysis: how a run is repeated, without writing into its record") {
  MeasuredRuns runs;
  Run run = runs.run("sequential", 1);
  run.command = {"drivers/sequential", "--record", "sweeps/a.jsonl",
                 "--kernel",           "spin",     "--record=b"};
  runs.add(run, {1});
  CHECK(analysis_from_records({runs.path()}, {}).studies.at(0).commands.at(0) ==
        std::vector<std::string>{"drivers/sequential", "--kernel", "spin"});
}

TEST_CASE("analysis: where the cores are not known, nobody is said to share them") {
  MeasuredRuns runs;
  Run run = runs.run("openmp", 8);
  run.machines.clear();
  run.driver_options["threads-per-rank"] = "many";
  runs.add(run, {1});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_FALSE(study.curves.at(0).points.at(0).oversubscribed);
  CHECK(study.curves.at(0).threads_per_rank == 1);
  CHECK(has_note(study, "of fewer than 6 times"));
}

TEST_CASE("analysis: an injected serial part is found in the times, and said in a sentence") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
      const auto p = static_cast<double>(workers);
      runs.add(runs.run("mpi", workers), {10 * noise * (0.05 + 0.95 / p)});
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
  CHECK_THAT(all_verdicts(study), Contains("mpi: 5.00 % [") && Contains("of the work is serial") &&
                                      Contains("20 [19.9, 20.1] times faster"));
  // 1 / (1 + 0.05 (p - 1)) = 0.75 at p = 7.67
  CHECK_THAT(all_verdicts(study), Contains("below 75 % from 8 workers on"));
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

TEST_CASE("analysis: the shortest time makes a curve the fastest, also where one worker would do") {
  MeasuredRuns runs;
  for (const double noise : {-3.5, 3.5}) {
    runs.add(runs.run("openmp", 1), {9 + noise});
    runs.add(runs.run("openmp", 2), {7.5 + noise});
    runs.add(runs.run("processes", 2), {8 + 0.01 * noise});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("Nothing is shown to be faster than 1 worker alone. Shortest: openmp on 2 "
                      "workers, 7.5 s. Not slower, as far as the intervals tell: processes on 2."));
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

TEST_CASE("analysis: without a time on 1 worker no bound over that is told") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const double p : {2.0, 4.0, 8.0, 16.0}) {
      runs.add(runs.run("mpi", static_cast<std::uint64_t>(p)), {10 * noise * (0.05 + 0.95 / p)});
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("of the work is serial (Amdahl)") && !Contains("never gets more"));
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

TEST_CASE("analysis: the same work in shorter and shorter tasks is a curve over their length") {
  MeasuredRuns runs;
  const double unit = 10e-9;
  const double overhead = 1e-6;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* driver : {"sequential", "openmp"}) {
      const std::uint64_t workers = driver == std::string("openmp") ? 2 : 1;
      Run run = runs.run(driver, workers);
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      if (workers == 2) run.schedule = "dynamic";
      const double each = static_cast<double>(units) * unit + (workers == 2 ? overhead : 0);
      runs.add(run, {static_cast<double>(run.tasks) * each / static_cast<double>(workers)});
    }
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  CHECK(analysis.studies.empty());
  REQUIRE(analysis.granularity.size() == 1);
  CHECK(analysis.granularity[0].name == "spin-granularity");
  for (const GranularityCurve& curve : analysis.granularity[0].curves) {
    if (curve.driver != "openmp") continue;
    // Half of the time is work where the work takes as long as the overhead.
    CHECK(metg_of(curve, 0.5).value.seconds == Approx(2 * overhead).epsilon(0.01));
  }
  CHECK(granularity_csv(analysis).find("spin-granularity,openmp,on,2,1e-06,2e-06") !=
        std::string::npos);
}

TEST_CASE("analysis: curves over the length of tasks do not mix what was run in other ways") {
  MeasuredRuns runs;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* threads : {"0", "1", "2"}) {  // 0: sequential
      const bool alone = threads == std::string("0");
      Run run = runs.run(alone ? "sequential" : "mpi", alone ? 1 : 4);
      if (!alone) run.driver_options["threads-per-rank"] = threads;
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      runs.add(run, {alone ? 1.0 : threads == std::string("1") ? 0.3 : 0.6});
    }
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.granularity.size() == 2);
  CHECK(analysis_from_records({runs.path()}, {.merged = {"threads-per-rank"}}).granularity.size() ==
        1);
  // The sequential driver was not bound.
  MeasuredRuns unbound;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* driver : {"sequential", "mpi"}) {
      Run run = unbound.run(driver, 1);
      if (driver == std::string("sequential")) run.bind = "none";
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      unbound.add(run, {1});
    }
  }
  CHECK(analysis_from_records({unbound.path()}, {}).granularity.size() == 1);
}

TEST_CASE("analysis: values that differ between runs of one work are told") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1});
  CHECK_FALSE(has_note(analysis_from_records({runs.path()}, {}).studies.at(0), "digests"));
  const Run run = runs.run("openmp", 2);
  Repetition other;
  other.run = run.id;
  other.number = 1;
  other.seconds = 1;
  other.digest = "0000000000000000";
  other.workers.tasks = {500, 500};
  std::ofstream(runs / "more.jsonl") << to_json(run) << '\n' << to_json(other) << '\n';
  CHECK(has_note(analysis_from_records({runs.path()}, {}).studies.at(0), "2 digests"));
}

TEST_CASE("analysis: the fewest workers that are as fast as any are the fastest") {
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
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("Fastest: openmp on 4 workers, 2.07 s") && !Contains("Not slower"));
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

TEST_CASE("analysis: a time of nothing is no time") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1, 0, 1, 1e-320, 1e300});
  runs.add(runs.run("openmp", 2), {0});
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  CHECK(names_of(analysis.studies.at(0)) == "sequential; ");
  CHECK(analysis.studies[0].curves[0].points[0].times.size() == 2);
  REQUIRE_FALSE(analysis.findings.empty());
  CHECK_THAT(analysis.findings[0].text, Contains("expected 'seconds' from 1e-9 to 1e9, found 0"));
}

TEST_CASE("analysis: names of files come from names of kernels, whatever those are") {
  MeasuredRuns runs;
  for (const char* kernel : {"../../etc/passwd", "`id`'", "spin-2", "spin"}) {
    Run run = runs.run("sequential", 1);
    run.kernel = kernel;
    runs.add(run, {1});
  }
  Run other = runs.run("sequential", 1);
  other.options["seed"] = "2";
  runs.add(other, {1});
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.studies.size() == 5);
  CHECK(analysis.studies[0].name == "------etc-passwd");
  CHECK(analysis.studies[1].name == "-id--");
  CHECK(analysis.studies[2].name == "spin-2");
  CHECK(analysis.studies[3].name == "spin");
  CHECK(analysis.studies[4].name == "spin-3");
  CHECK(analysis.studies[0].kernel == "../../etc/passwd");
}

TEST_CASE("analysis: nothing measured is no study; a path that is not there is an error") {
  MeasuredRuns runs;
  runs.begin(runs.run("sequential", 1));
  CHECK(analysis_from_records({runs.path()}, {}).studies.empty());
  CHECK_THROWS_WITH(analysis_from_records({runs / "nothing"}, {}), Contains("nothing"));
}
