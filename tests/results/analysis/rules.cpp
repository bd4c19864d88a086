// Analyses that keep all rules a program can check, and others that break one of them.
#include "results/analysis/rules.hpp"

#include <fmt/format.h>

#include <sstream>

#include "results/studies/rounds.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// So many runs, in rounds: the number of each one's round is in its start.
Point point_of(std::uint64_t workers, std::size_t runs, double seconds) {
  Point point;
  point.workers = workers;
  point.shape = std::to_string(workers);
  for (std::size_t round = 1; round <= runs; ++round) {
    Sample run;
    run.started = fmt::format("2026-11-23T10:{:02}:{:02}Z", round, workers);
    point.runs.push_back(run);
    point.times.push_back(seconds * (1 + 0.001 * static_cast<double>(round)));
  }
  point.seconds = median_of(point.times);
  point.quartiles = quartiles_of(point.times);
  point.speedup = Estimate{static_cast<double>(workers), 0.9, 1.1};
  return point;
}

Curve curve_of(const std::string& driver, const std::vector<std::uint64_t>& workers,
               std::size_t runs = 6) {
  Curve curve;
  curve.name = curve.driver = driver;
  for (const std::uint64_t p : workers) {
    curve.points.push_back(point_of(p, runs, 0.5 / static_cast<double>(p)));
  }
  return curve;
}

/// Keeps all rules.
Analysis example(std::size_t runs = 6) {
  Study study;
  study.name = "spin";
  study.base = Base{"the sequential driver", {0.5318, 0.53, 0.54, true}};
  study.curves = {curve_of("sequential", {1}, runs), curve_of("mpi", {1, 2, 4}, runs),
                  curve_of("openmp", {1, 2, 4}, runs)};
  Analysis analysis;
  analysis.studies = {study};
  Machine machine;
  machine.host = "node1";
  machine.cpu = "A Processor";
  machine.cpus = 8;
  machine.cores = 4;
  machine.memory_bytes = 1ULL << 34;
  analysis.machines = {machine};
  analysis.cores_per_host = {4};
  analysis.build.type = "Release";
  analysis.build.compiler = "GCC 12.2";
  analysis.build.commit = "0123456789abcdef";
  analysis.build.dirty = false;
  return analysis;
}

Rule rule(const Analysis& analysis, std::size_t number) {
  return twelve_rules(analysis).at(number - 1);
}

bool tells(const Rule& rule, const std::string& text) {
  for (const std::string& sentence : rule.evidence) {
    if (sentence.find(text) != std::string::npos) return true;
  }
  return false;
}

/// Of the first study, in the order of the table. @param change  of (Sample&, is the last of its
/// point)
template <class Change>
void for_each_run(Analysis& analysis, Change change) {
  for (Curve& curve : analysis.studies[0].curves) {
    for (Point& point : curve.points) {
      for (Sample& run : point.runs) change(run, &run == &point.runs.back());
    }
  }
}

/// The rule is kept, and is not when the analysis is changed, for that reason.
template <class Change>
void check_breaks(std::size_t number, Change change, const std::string& evidence) {
  Analysis analysis = example();
  change(analysis);
  CAPTURE(number, evidence);
  const std::vector<Rule> before = twelve_rules(example());
  const std::vector<Rule> after = twelve_rules(analysis);
  CHECK(before[number - 1].state == Rule::State::kept);
  INFO(text_of(after));
  CHECK(after[number - 1].state == Rule::State::not_kept);
  CHECK(tells(after[number - 1], evidence));
}

}  // namespace

TEST_CASE("rules: there are twelve, in their order, each with something to go by") {
  const std::vector<Rule> rules = twelve_rules(example());
  REQUIRE(rules.size() == 12);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    CHECK(rules[i].number == static_cast<int>(i) + 1);
    CHECK_FALSE(rules[i].asks.empty());
    CHECK_FALSE(rules[i].evidence.empty());
  }
}

TEST_CASE("rules: where all that can be checked is kept, three stay with the author") {
  for (const Rule& one : twelve_rules(example())) {
    const bool yours = one.number == 2 || one.number == 8 || one.number == 12;
    CAPTURE(one.number);
    CHECK(one.state == (yours ? Rule::State::yours : Rule::State::kept));
  }
}

TEST_CASE("rules: the base is told with its time") {
  CHECK(tells(rule(example(), 1), "spin: speed-up over the sequential driver, 532 ms"));
  Analysis own = example();
  own.studies[0].base.reset();
  own.studies[0].own_base = "on 1 worker";
  for (Curve& curve : own.studies[0].curves) {
    curve.base_seconds = curve.points.front().seconds.value;
  }
  CHECK(tells(rule(own, 1), "each driver's own time on 1 worker: sequential 502 ms, mpi 502 ms"));
  check_breaks(
      1,
      [](Analysis& analysis) {
        analysis.studies[0].base.reset();
        analysis.studies[0].curves[1].points.erase(analysis.studies[0].curves[1].points.begin());
      },
      "spin, mpi: the base of its speed-up is not among its times");
}

TEST_CASE("rules: medians of fewer than six runs have no interval, and cannot be compared well") {
  const auto three_runs = [](Analysis& analysis) {
    analysis.studies[0].curves[1].points[2] = point_of(4, 3, 0.13);
  };
  check_breaks(5, three_runs, "spin, mpi 4 workers: 3 runs, a 95 % interval needs 6");
  check_breaks(7, three_runs, "spin: 1 of 7 times have no 95 % interval");
  const auto one_run = [](Analysis& analysis) {
    Point& point = analysis.studies[0].curves[0].points[0];
    point.times_of_runs = false;
    point.runs.resize(1);
  };
  check_breaks(5, one_run, "spin, sequential 1 worker: 1 run; its repetitions share a process");
}

TEST_CASE("rules: comparisons are counted, and what chance makes of so many") {
  const Rule seven = rule(example(), 7);
  INFO(text_of({seven}));
  // 7 times: the shortest with 6 others, of 21 pairs; 2 in 924 of them differ by chance: 4.5 %.
  CHECK(tells(seven, "6 comparisons that rank two times: 6 of a work's shortest with its others"));
  CHECK(tells(seven, "from 21 pairs, of which 0.045 would seem to differ by chance"));
  CHECK(tells(seven, "so the chance of a false one is 4.5 % or so"));
  // Another schedule is one more comparison, with the static one of most workers; 45 pairs of 10
  // times are too many for 5 %.
  Analysis more = example();
  more.studies[0].curves.push_back(curve_of("mpi", {1, 2, 4}));
  more.studies[0].curves.back().schedule = "dynamic";
  more.studies[0].curves[1].schedule = "static";
  const Rule many = rule(more, 7);
  INFO(text_of({many}));
  CHECK(
      tells(many,
            "10 comparisons that rank two times: 9 of a work's shortest with its others, 1 of two "
            "schedules"));
  CHECK(tells(many, "from 45 pairs, of which 0.097 would"));
  CHECK(tells(many, "each alone is hardly false, but nothing corrects for their number"));
  // In weak scaling no two numbers of workers are compared, only schedules.
  more.studies[0].weak = true;
  CHECK(tells(rule(more, 7), "1 comparison that ranks two times: 1 of two schedules"));
  CHECK(tells(rule(more, 7), "from 1 pair, of which 0.0022 would"));
  more.studies[0].curves.pop_back();
  CHECK(tells(rule(more, 7), "no two times are ranked"));
  // More workers than the cores are compared with all cores at work.
  Analysis crowded = example();
  for (Point& point : crowded.studies[0].curves[1].points) {
    point.cores = 2;
    point.crowding.few_cores = point.workers > 2;
  }
  CHECK(tells(rule(crowded, 7),
              "7 comparisons that rank two times: 6 of a work's shortest with its "
              "others, 1 of crowded workers"));
}

TEST_CASE("rules: how sure the laws of all works are together is told") {
  Analysis two = example();
  two.studies.push_back(two.studies[0]);
  for (Study& study : two.studies) {
    for (std::size_t i = 1; i < study.curves.size(); ++i) {
      study.curves[i].laws = ScalingLaws{};
      study.curves[i].laws->chosen = i == 1 || &study == &two.studies[0] ? Law::amdahl : Law::ideal;
    }
  }
  CHECK(tells(rule(two, 7),
              "3 laws have 3 intervals: each of them holds what is true in 95 %, all of them "
              "together in 85 % at least"));
  // Of a law with a term that grows there are two.
  two.studies[0].curves[1].laws->chosen = Law::usl;
  CHECK(tells(rule(two, 7), "3 laws have 4 intervals: "));
  CHECK(tells(rule(two, 7), "together in 80 % at least"));
  CHECK(!tells(rule(example(), 7), "intervals: "));
}

TEST_CASE("rules: of runs that drift no chance is told") {
  Analysis drifting = example();
  int round = 0;
  const auto drift = [&](Sample& run, bool last) {
    run.started = fmt::format("2026-11-23T10:{:02}:00Z", round);
    run.seconds = 1 + 0.1 * round;
    round = last ? 0 : round + 1;
  };
  for_each_run(drifting, drift);
  REQUIRE(drift_of(drifting.studies[0]));
  CHECK(!tells(rule(drifting, 7), "by chance"));
}

TEST_CASE("rules: of many places the first are named and the others counted") {
  const Rule five = rule(example(3), 5);
  CHECK(five.state == Rule::State::not_kept);
  CHECK(five.evidence.size() == 4);
  CHECK(tells(five, "and 4 more like these"));
}

TEST_CASE("rules: METG needs eleven runs of each length") {
  check_breaks(
      5,
      [](Analysis& analysis) {
        GranularityCurve curve;
        curve.driver = "openmp";
        curve.fewest_runs = 10;
        GranularityStudy study;
        study.name = "spin";
        study.curves = {curve};
        analysis.granularity = {study};
      },
      "granularity of spin, openmp: 10 runs of a length");
}

TEST_CASE("rules: runs that were not mixed are told, those of rounds are not") {
  const char* const told = "spin: runs of a configuration were started one after the other";
  // All of a configuration; then the last of each after all others: twice as many blocks, and far
  // fewer than by chance.
  for (const bool last_apart : {false, true}) {
    check_breaks(
        7,
        [&](Analysis& analysis) {
          int second = 0;
          for_each_run(analysis, [&](Sample& run, bool last) {
            run.started =
                fmt::format("2026-11-23T1{}:00:{:02}Z", last && last_apart ? 1 : 0, second++);
          });
        },
        told);
  }
}

TEST_CASE("rules: a first repetition that is slow is told where nothing warmed up before it") {
  const auto cold = [](Analysis& analysis) {
    for_each_run(analysis, [](Sample& run, bool) { run.repetitions = {1.3, 1, 1}; });
  };
  check_breaks(10, cold, "spin: runs without a warm-up, whose first repetition took 30 % longer");
  Analysis warm = example();
  cold(warm);
  for_each_run(warm, [](Sample& run, bool) { run.warmed_up = true; });
  CHECK(rule(warm, 10).state == Rule::State::kept);
}

TEST_CASE("rules: a set-up that is not documented in full is told") {
  check_breaks(
      9, [](Analysis& analysis) { analysis.machines.clear(); }, "no run tells its machine");
  check_breaks(
      9, [](Analysis& analysis) { analysis.machines[0].cpu.reset(); },
      "node1: its processor could not be read");
  check_breaks(
      9, [](Analysis& analysis) { analysis.build.dirty = true; },
      "commit 0123456789ab with changes that nobody else has");
  check_breaks(
      9, [](Analysis& analysis) { analysis.build.commit.reset(); },
      "the build does not know its commit");
  check_breaks(
      9, [](Analysis& analysis) { analysis.build.type = "Debug"; }, "the build is of type Debug");
  CHECK(tells(rule(example(), 9), "node1: A Processor, 4 cores"));
  CHECK(tells(rule(example(), 9), "GCC 12.2, Release, commit 0123456789ab"));
}

TEST_CASE("rules: a traced curve and a work without any base break a rule each") {
  check_breaks(
      10, [](Analysis& analysis) { analysis.studies[0].curves[1].traced = true; },
      "spin, mpi: traced");
  check_breaks(
      11,
      [](Analysis& analysis) {
        analysis.studies[0].base.reset();
        for (Curve& curve : analysis.studies[0].curves) {
          for (Point& point : curve.points) point.speedup.reset();
        }
      },
      "spin: without the time on 1 worker there is no ideal");
}

TEST_CASE("rules: what was left out is named for the author to explain") {
  Analysis analysis = example();
  analysis.studies[0].curves[2].points.pop_back();
  analysis.findings = {{"a.jsonl", 3, "no JSON", 2}, {"b.jsonl", 1, "no JSON", 1}};
  CHECK(tells(rule(analysis, 2), "spin, openmp: not run on 4 workers"));
  CHECK(tells(rule(analysis, 2), "3 findings in the files"));
  CHECK(tells(rule(analysis, 2), "up to 4 workers were run, on machines of 4 cores together"));
}

TEST_CASE("rules: the configuration that varies most is named") {
  Analysis analysis = example();
  Point& point = analysis.studies[0].curves[2].points[1];
  point.quartiles = {0.2, 0.25, 0.3};
  CHECK(tells(rule(analysis, 8),
              "widest: spin, openmp 2 workers, the middle half of its times spans 40 %"));
}

TEST_CASE("rules: the text fits into 80 columns and says which are not kept") {
  Analysis analysis = example(3);
  analysis.studies[0].name = "many-models-with-a-long-name-2";
  analysis.build.type = "Debug";
  const std::string text = text_of(twelve_rules(analysis));
  INFO(text);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  CHECK(text.find("\n   5  NOT KEPT  Say whether times vary") != std::string::npos);
  CHECK(text.find("\n   6  kept      Do not assume normal") != std::string::npos);
  CHECK(text.find("\n  12  yours     Plot all") != std::string::npos);
}
