// From records to studies: what belongs together, and what does not.
#include "results/analysis/from_records.hpp"

#include <stdexcept>

#include "kernels/options.hpp"
#include "results/analysis/comparisons.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

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

TEST_CASE("analysis: what was stopped, or suspended, is on no curve, and a note says so") {
  MeasuredRuns runs;
  for (const std::uint64_t workers : {1U, 2U}) {
    const Run run = runs.run("openmp", workers);
    runs.begin(run);
    const double time = 4.0 / static_cast<double>(workers);
    const std::vector<double> compute(workers, time);
    runs.repeat(run, time, compute);
    runs.stopped_seconds = 30;
    runs.repeat(run, time + 30, compute);
    runs.stopped_seconds.reset();
    runs.suspended_seconds = 3600;  // which is not in the time, but afterwards all caches are cold
    if (workers == 2) runs.repeat(run, time * 1.1, compute);
    runs.suspended_seconds.reset();
  }
  Run whole = runs.run("openmp", 4);  // nothing of which is left
  runs.begin(whole);
  runs.stopped_seconds = 1;
  runs.repeat(whole, 2, std::vector<double>(4, 2));
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Curve& curve = curve_of(study, "openmp");
  REQUIRE(curve.points.size() == 2);
  CHECK(curve.points[0].times == std::vector<double>{4});
  CHECK(curve.points[1].times == std::vector<double>{2});
  CHECK(has_note(study,
                 "4 repetitions were stopped and continued (SIGSTOP, Ctrl-Z, a suspended "
                 "machine), or may have been: left out"));
}

TEST_CASE("analysis: of one run only, its repetitions are the samples, and a note says so") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), {1, 2, 3, 4, 5, 6});
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK(study.curves.at(0).points.at(0).times.size() == 6);
  CHECK_FALSE(study.curves.at(0).points.at(0).times_of_runs);
  CHECK_FALSE(study.curves.at(0).points.at(0).seconds.confident);
  CHECK(study.curves.at(0).points.at(0).seconds.low == 1);
  CHECK(study.curves.at(0).points.at(0).seconds.high == 6);
}

TEST_CASE("analysis: that times have no interval is said once, of however many studies") {
  for (const int rounds : {1, 3, 6}) {
    MeasuredRuns runs;
    for (int round = 0; round < rounds; ++round) {
      for (const std::uint64_t tasks : {1000U, 2000U}) {
        Run run = runs.run("sequential", 1);
        run.tasks = tasks;
        runs.add(run, {1, 2, 3, 4, 5, 6});
      }
    }
    const Analysis analysis = analysis_from_records({runs.path()}, {});
    REQUIRE(analysis.studies.size() == 2);
    for (const Study& study : analysis.studies) CHECK(study.notes.size() <= 1);  // of the base
    CAPTURE(rounds);
    REQUIRE(analysis.notes.size() == (rounds == 6 ? 0 : 1));
    if (rounds == 6) continue;
    CHECK_THAT(analysis.notes[0],
               Contains("* of fewer than 6 runs there is no 95 % interval: [..] goes from the "
                        "smallest to the largest, and what is said by it may be chance."));
    CHECK((analysis.notes[0].find("Of one run only, that is of its repetitions") !=
           std::string::npos) == (rounds == 1));
  }
}

TEST_CASE("analysis: nothing measured is no study; a path that is not there is an error") {
  MeasuredRuns runs;
  runs.begin(runs.run("sequential", 1));
  CHECK(analysis_from_records({runs.path()}, {}).studies.empty());
  CHECK_THROWS_WITH(analysis_from_records({runs / "nothing"}, {}), Contains("nothing"));
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
  REQUIRE(merged.notes.size() == 2);
  CHECK_THAT(merged.notes[0], Contains("(--merge): cpu: 'Abacus 3000' (node1), 'Slide Rule 2'"));
  CHECK_THROWS_AS(analysis_from_records({runs.path()}, {.merged = {"cpus?"}}), UsageError);
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

TEST_CASE("analysis: builds that differ are told by their files, and in words") {
  MeasuredRuns runs;
  const auto add = [&](bool dirty, const std::string& file) {
    Run run = runs.run("openmp", 2);
    run.build.commit = "1a2b3c4";
    run.build.dirty = dirty;
    runs.add(run, {1});
    std::filesystem::rename(runs / "records.jsonl", runs / file);
  };
  add(false, "a.jsonl");
  add(true, "b.jsonl");
  add(true, "c.jsonl");
  add(true, "d.jsonl");
  CHECK_THROWS_WITH(analysis_from_records({runs.path()}, {}),
                    Catch::Matchers::EndsWith(fmt::format(
                        "one machine and build: dirty: 'built as committed' ({0}/a.jsonl), "
                        "'built from sources changed since the commit' ({0}/b.jsonl and 2 more). "
                        "Analyse those files on their "
                        "own that are alike, or run all again with one build; --merge dirty puts "
                        "them on one curve all the same",
                        runs.path())));
  CHECK_NOTHROW(analysis_from_records({runs / "b.jsonl", runs / "c.jsonl"}, {}));
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
  CHECK_FALSE(study.curves.at(0).points.at(0).oversubscribed());
  CHECK(study.curves.at(0).threads_per_rank == 1);
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

TEST_CASE("analysis: that runs were not mixed is told beside the curves, and of rounds it is not") {
  const std::vector<std::uint64_t> numbers = {1, 2, 4};
  const auto told = [&](bool in_rounds) {
    MeasuredRuns runs;
    for (int i = 0; i < 18; ++i) {
      const std::uint64_t workers = numbers[static_cast<std::size_t>(in_rounds ? i % 3 : i / 6)];
      runs.add(runs.run("openmp", workers), {8.0 / static_cast<double>(workers)});
    }
    return has_note(analysis_from_records({runs.path()}, {}).studies.at(0),
                    "were started one after the other");
  };
  CHECK(told(false));
  CHECK_FALSE(told(true));
}

TEST_CASE("analysis: how sure several laws are together is told, whatever works they are of") {
  for (const int works : {1, 2}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.002 * (round - 2.5);
      for (int work = 0; work < works; ++work) {
        for (const double p : {1.0, 2.0, 4.0, 8.0, 16.0}) {
          Run run = runs.run("mpi", static_cast<std::uint64_t>(p));
          run.options["seed"] = fmt::format("{}", work);
          runs.add_waiting(run, 10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
        }
      }
    }
    const Analysis analysis = analysis_from_records({runs.path()}, {});
    REQUIRE(analysis.studies.size() == static_cast<std::size_t>(works));
    const std::string together =
        "2 laws have 2 intervals: each of them holds what is true in 95 %, "
        "all of them together in 90 % at least";
    CHECK(sureness_of_laws(analysis.studies) == (works == 2 ? together : ""));
    CHECK(analysis.notes.empty());  // who compares times only is not told
  }
}
