// The numbers of figures, before anything is drawn.
#include "results/figures/figure_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "results/figures/driver_styles.hpp"
#include "results/figures/other_figures.hpp"
#include "results/figures/study_figures.hpp"
#include "results/figures/trace_figure.hpp"
#include "tests/catch.hpp"
#include "tests/results/figures/figure_blocks.hpp"
#include "tests/results/record/lines.hpp"
#include "tests/results/studies/example_studies.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

const std::vector<std::uint64_t> up_to_64{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

/// Drivers whose times are exactly those of their laws.
std::vector<KnownCurve> without_noise() {
  std::vector<KnownCurve> curves = four_drivers();
  for (KnownCurve& curve : curves) curve.noise = 0;
  return curves;
}

}  // namespace

TEST_CASE("the data of speed-up and efficiency are those of the times") {
  const Study study = example_study("spin", without_noise(), up_to_64, 6);
  const auto figures = figures_of(study, example_analysis({study}));
  const auto speedups = blocks_of(of_kind(figures, "speedup"));
  const auto efficiencies = blocks_of(of_kind(figures, "efficiency"));
  const auto times = blocks_of(of_kind(figures, "time"));
  REQUIRE(speedups.size() == 3);
  CHECK(speedups[0].head == std::vector<std::string>{"\"mpi\"", "speedup", "low", "high"});
  REQUIRE(speedups[0].rows.size() == up_to_64.size());
  for (std::size_t i = 0; i < up_to_64.size(); ++i) {
    const auto p = static_cast<double>(up_to_64[i]);
    const double seconds = 1.02 / p + 0.05 * (p - 1) / p + 0.0008 * (p - 1);
    CHECK(times[0].rows[i][1] == Approx(seconds).epsilon(1e-5));
    CHECK(speedups[0].rows[i][0] == p);
    CHECK(speedups[0].rows[i][1] == Approx(0.99 / seconds).epsilon(1e-5));
    CHECK(efficiencies[0].rows[i][1] == Approx(99 / seconds / p).epsilon(1e-5));
  }
}

TEST_CASE("a law's line has the law's times, speed-ups over the study's base and efficiencies") {
  const Study study = example_study("spin", without_noise(), up_to_64, 6);
  const auto figures = figures_of(study, example_analysis({study}));
  const auto laws = blocks_of(of_kind(figures, "time"), "-law");
  REQUIRE(laws.size() == 3);
  for (const std::vector<double>& row : laws[2].rows) {  // processes: Amdahl
    const double p = row[0];
    const double seconds = 1.01 / p + 0.05 * (p - 1) / p;
    CHECK(row[1] == Approx(seconds).epsilon(1e-4));
    CHECK(row[4] == Approx(0.99 / seconds).epsilon(1e-4));
    CHECK(row[5] == Approx(99 / seconds / p).epsilon(1e-4));
  }
}

TEST_CASE("where each driver has a base of its own, its law's speed-ups are over that") {
  Study study = example_study("spin", without_noise(), up_to_64, 6);
  study.base.reset();
  study.curves.erase(study.curves.begin());
  derive(study, BaseOf::one_worker);
  const auto laws =
      blocks_of(of_kind(figures_of(study, example_analysis({study})), "speedup"), "-law");
  for (const Block& law : laws) CHECK(law.rows.front()[4] == Approx(1).epsilon(1e-4));
}

TEST_CASE("the shares of where the time goes add up to 100 %") {
  const Study study = example_study("spin", four_drivers(), up_to_64, 6);
  for (const Block& block :
       blocks_of(of_kind(figures_of(study, example_analysis({study})), "where"))) {
    CHECK(block.rows.size() == up_to_64.size());
    for (const auto& row : block.rows) {
      CHECK(row[1] + row[2] + row[3] + row[4] + row[5] == Approx(100).margin(0.01));
    }
  }
}

TEST_CASE("figures say what their lines are: laws that were chosen, or no more than lines") {
  Study study = example_study("spin", without_noise(), up_to_64, 6);
  const auto reading = [&](const char* kind) {
    return of_kind(figures_of(study, example_analysis({study})), kind).reading;
  };
  const auto karp_flatt = [&] {
    return of_kind(figures_of(study, example_analysis({study})), "karp-flatt").caption;
  };
  for (std::size_t i = 1; i < study.curves.size(); ++i) REQUIRE(study.curves[i].laws->chosen);
  for (const char* kind : {"time", "speedup", "efficiency"}) {
    CHECK_THAT(reading(kind), Contains("The line through the points is the law that was chosen."));
  }
  CHECK(karp_flatt().ends_with("; lines: the chosen laws"));

  study.curves[1].laws->chosen.reset();
  for (const char* kind : {"time", "speedup", "efficiency"}) {
    CHECK_THAT(reading(kind), Contains("a thin one only joins points"));
  }
  CHECK(karp_flatt().ends_with("; lines: the chosen laws, of curves that have one"));

  for (Curve& curve : study.curves) {
    if (curve.laws) curve.laws->chosen.reset();
  }
  for (const char* kind : {"time", "speedup", "efficiency"}) {
    CHECK_THAT(reading(kind), Contains("Lines only join points"));
    CHECK_THAT(reading(kind), !Contains("law that was chosen"));
  }
  CHECK_THAT(karp_flatt(), !Contains("line"));
}

TEST_CASE("captions of speed-up and efficiency say no more of their intervals than is so") {
  const Study study = example_study("spin", four_drivers(), up_to_64, 6);
  const auto figures = figures_of(study, example_analysis({study}));
  for (const char* kind : {"speedup", "efficiency"}) {
    CHECK(of_kind(figures, kind).caption.ends_with("median of n = 6 runs, 95 % intervals"));
  }
  const std::string where = of_kind(figures, "where").reading;
  CHECK_THAT(where, !Contains("Blue is work"));
  CHECK_THAT(where, Contains("the workers compute, also where that takes longer than in the base"));
}

TEST_CASE("METG is marked where efficiency = 1 - overhead / granularity is one half") {
  const FigureData figure = figure_of(example_granularity(), DriverStyles(std::set<std::string>{}));
  const auto marks = blocks_of(figure, "-marks");
  REQUIRE(marks.size() == 8);
  CHECK(marks[2].head[0] == "\"openmp\"");
  CHECK(marks[2].rows[0][0] == Approx(2 * 90e-9).epsilon(1e-4));
  CHECK(marks[6].rows[0][0] == Approx(2 * 1.4e-6).epsilon(1e-4));
  CHECK(std::isnan(marks[0].rows[0][0]));  // even its shortest tasks are more efficient
}

TEST_CASE("drift is said to touch all configurations alike only where their runs were mixed") {
  const auto reading_of = [](const std::vector<std::vector<int>>& minutes) {
    Curve curve;
    curve.name = curve.driver = "mpi";
    for (const std::vector<int>& of_point : minutes) {
      Point point;
      point.workers = curve.points.size() + 1;
      for (const int minute : of_point) {
        Sample run;
        run.started = fmt::format("2026-11-22T20:{:02}:00.000Z", minute);
        run.seconds = 1;
        point.runs.push_back(run);
        point.times.push_back(1);
      }
      point.seconds = median_of(point.times);
      curve.points.push_back(point);
    }
    Study study;
    study.name = "spin";
    study.curves = {curve};
    return of_kind(figures_of(example_analysis({study})), "drift").reading;
  };
  CHECK_THAT(reading_of({{0, 2, 5, 6, 9, 10}, {1, 3, 4, 7, 8, 11}}),
             Contains("run in turn, it touched all of them alike"));
  const std::string blocks = reading_of({{0, 1, 2, 3, 4, 5}, {6, 7, 8, 9, 10, 11}});
  CHECK_THAT(blocks, Contains("In spin the runs of a configuration were started one after the") &&
                         !Contains("alike"));
  // One configuration is beside no other.
  const std::string alone = reading_of({{0, 1, 2, 3, 4, 5}});
  CHECK_THAT(alone, !Contains("touched") && Contains("A slope or a step"));
}

TEST_CASE("drift counts minutes from the first run") {
  Study study = example_study("spin", {{"openmp", "static", {1, 0, 0}, 0}}, {1}, 2);
  study.curves[0].points[0].runs[0].started = "2026-12-31T23:59:30.000Z";
  study.curves[0].points[0].runs[1].started = "2027-01-01T00:01:00.000Z";
  const auto blocks = blocks_of(of_kind(figures_of(example_analysis({study})), "drift"));
  CHECK(blocks.at(0).rows.at(0).at(0) == Approx(0));
  CHECK(blocks.at(0).rows.at(1).at(0) == Approx(1.5));
}

TEST_CASE(
    "of very many runs some are drawn: both extremes, and as many below a value as there were") {
  Study study = example_study("spin", {{"openmp", "static", {1, 0, 0}, 0}}, {1, 2}, 2);
  for (Point& point : study.curves[0].points) {
    point.times.clear();
    // Quantile u of the times is 1 + u^2; in an order that has nothing to do with their size.
    for (std::size_t i = 0; i < 50000; ++i) {
      const double u = static_cast<double>(i * 7919 % 50000) / 49999;
      point.times.push_back(1 + u * u);
    }
    point.seconds = median_of(point.times);
    point.quartiles = quartiles_of(point.times);
  }
  const auto figures = figures_of(study, example_analysis({study}));
  for (const char* kind : {"time", "distribution"}) {
    CHECK_THAT(of_kind(figures, kind).caption, Contains("3000 of 100000 dots are drawn"));
  }
  const auto rows = blocks_of(of_kind(figures, "time"), "-runs").at(0).rows;
  REQUIRE(rows.size() == 3000);
  std::vector<double> times;
  for (const auto& row : rows) {
    if (row[0] == 2) times.push_back(row[1]);
  }
  REQUIRE(times.size() == 1500);
  CHECK_FALSE(std::is_sorted(times.begin(), times.end()));  // in the order of the runs
  std::sort(times.begin(), times.end());
  CHECK(times.front() == Approx(1));
  CHECK(times.back() == Approx(2));
  for (const double u : {0.1, 0.5, 0.9}) {
    const auto below = std::lower_bound(times.begin(), times.end(), 1 + u * u) - times.begin();
    CHECK(static_cast<double>(below) / 1500 == Approx(u).margin(0.002));
  }
}

TEST_CASE("few runs are all drawn") {
  const Study study = example_study("spin", four_drivers(), up_to_64, 6);
  const FigureData figure = of_kind(figures_of(study, example_analysis({study})), "distribution");
  CHECK_THAT(figure.caption, !Contains("dots"));
  for (const Block& block : blocks_of(figure, "-runs")) CHECK(block.rows.size() == 6 * 12);
}

TEST_CASE("a trace's chunks are drawn where they were; gaps that can be seen stay") {
  const TestFolder folder;
  const std::string path = folder / "trace.json";
  std::ofstream(path) << trace_of({{1, 20, 300}, {0, 500, 400}, {0, 0, 500}, {1, 600, 100}});
  const auto blocks = blocks_of(figure_of_trace(path, "trace"));
  REQUIRE(blocks.size() == 1);
  const auto& rows = blocks[0].rows;
  REQUIRE(rows.size() == 4);
  const std::vector<std::vector<double>> expected{
      {0, 0, 0.5}, {0, 0.5, 0.9}, {1, 0.02, 0.32}, {1, 0.6, 0.7}};  // [ms]
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 3; ++k) CHECK(rows[i][k] == Approx(expected[i][k]));
  }
  CHECK(rows[0][3] != rows[1][3]);  // neighbours can be told apart
}

TEST_CASE("of a large trace no more is drawn than can be seen, and no work is lost") {
  const TestFolder folder;
  std::vector<std::array<double, 3>> slices;
  for (int i = 0; i < 200000; ++i) slices.push_back({i % 4 * 1.0, i / 4 * 2.0, 2.0});
  slices.push_back({0, 120000, 10000});  // after a gap of 20 ms
  const std::string path = folder / "trace.json";
  std::ofstream(path) << trace_of(slices);
  const FigureData figure = figure_of_trace(path, "trace");
  const auto rows = blocks_of(figure).at(0).rows;
  CHECK(rows.size() < 4 * 1300);
  std::array<double, 4> busy{};
  for (const auto& row : rows) busy.at(static_cast<std::size_t>(row[0])) += row[2] - row[1];
  CHECK(busy[0] == Approx(110));  // [ms]
  for (const std::size_t worker : {1u, 2u, 3u}) CHECK(busy.at(worker) == Approx(100));
  CHECK_THAT(figure.caption, Contains("200001 chunks of 4 workers"));
  CHECK_THAT(figure.caption, Contains("drawn as one"));
}

TEST_CASE("what is no trace is named") {
  const TestFolder folder;
  const std::string path = folder / "not-a-trace.json";
  for (const char* text : {"", "{", "[1, 2]", "{\"traceEvents\": 3}", "{\"traceEvents\": []}",
                           R"({"traceEvents": [{"ph": "M"}, {"ph": 7}, 7]})",
                           R"({"traceEvents": [{"ph": "X", "ts": "x", "dur": 1}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": null}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": 1e999}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": 1, "tid": [1]}]})",
                           R"({"otherData": {"one_of_so_many_chunks": "2"},
                               "traceEvents": [{"ph": "X", "ts": 1, "dur": 1}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 0, "dur": 0}, {"ph": "X"}]})"}) {
    INFO(text);
    std::ofstream(path, std::ios::trunc) << text;
    CHECK_THROWS_WITH(figure_of_trace(path, "trace"),
                      Contains("not-a-trace.json: ") && !Contains("json.exception"));
  }
  CHECK_THROWS_WITH(figure_of_trace(folder / "absent.json", "trace"), Contains("absent.json"));
}
