// The tables, as other programs read them.
#include "results/report/csv.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// As RFC 4180 has it: a quoted cell may hold commas, line ends, and quotes, twice each.
std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    std::string& cell = rows.back().back();
    if (c == '"' && quoted && csv[i + 1] == '"') {
      cell += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back({""});
    } else {
      cell += c;
    }
  }
  CHECK_FALSE(quoted);
  REQUIRE(rows.back() == std::vector<std::string>{""});  // the last line has an end, too
  rows.pop_back();
  return rows;
}

Analysis with_names(const std::string& name) {
  Point point;
  point.workers = 2;
  point.times = {1};
  point.seconds = {1, 1, 1, false};
  point.karp_flatt = -0.25;
  Curve curve;
  curve.name = curve.schedule = name;
  curve.driver = "mpi";
  curve.points = {point};
  Study study;
  study.name = study.kernel = name;
  study.curves = {curve};
  Analysis analysis;
  analysis.studies = {study};
  return analysis;
}

}  // namespace

TEST_CASE("tables: any text is one cell, and comes back as it was") {
  for (const std::string name : {"a,b", "say \"so\"", "\"", "two\nlines", "\r", "plain", "1-2=3"}) {
    INFO(name);
    const auto rows = cells_of(scaling_csv(with_names(name)));
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[1].size() == rows[0].size());
    const std::string expected = name == "\r" ? "'\r" : name;
    CHECK(rows[1][0] == expected);
    CHECK(rows[1][3] == expected);
    CHECK(rows[1][4] == "mpi");
  }
}

TEST_CASE("tables: text that a spreadsheet would compute has an apostrophe, a number has none") {
  for (const std::string name : {"=1+1", "+1", "-1", "@sum", "\tx", "=cmd|\"x,y\""}) {
    INFO(name);
    const auto rows = cells_of(scaling_csv(with_names(name)));
    CHECK(rows.at(1).at(0) == "'" + name);
    CHECK(std::count(rows[1].begin(), rows[1].end(), "-0.25") == 1);
  }
}

TEST_CASE("tables: a law of weak scaling has no contention and no peak, but what grows") {
  Analysis analysis = with_names("grow");
  analysis.studies[0].weak = true;
  Curve& curve = analysis.studies[0].curves[0];
  // 2 s and 0.1 s for each doubling; efficiency is 80 % after 5 of them.
  curve.laws = fit_weak_laws({{4, {2.0}}, {8, {2.1}}, {16, {2.2}}, {32, {2.3}}, {64, {2.4}}});
  analysis.target = 0.8;
  const auto rows = cells_of(laws_csv(analysis));
  const auto cell = [&](std::size_t row, const std::string& name) {
    const auto head = std::find(rows[0].begin(), rows[0].end(), name);
    REQUIRE(head != rows[0].end());
    return rows.at(row).at(static_cast<std::size_t>(head - rows[0].begin()));
  };
  REQUIRE(rows.size() == 5);
  CHECK(cell(1, "law") == "constant");
  CHECK(cell(2, "law") == "log p");
  CHECK(cell(2, "chosen") == "yes");
  CHECK(cell(4, "law") == "linear");
  CHECK(cell(2, "c0") == "2");
  CHECK(cell(2, "beta") == "0.05");
  CHECK(cell(2, "alpha").empty());
  CHECK(cell(2, "peak_workers").empty());
  CHECK(cell(2, "workers_at_target") == "128");
}

TEST_CASE("tables: METG(95 %) has its interval, and nothing where it is never reached") {
  GranularityStudy study;
  GranularityCurve curve;
  curve.driver = "mpi";
  std::vector<LengthRuns> lengths;
  for (double units = 1; units <= 1024; units *= 2) {
    // 60 ns and 10 ns for each unit: 95 % at 1.2 us
    const double seconds = 60e-9 + 10e-9 * units;
    lengths.push_back({units, {seconds, seconds, seconds}});
    curve.value.push_back({10e-9 * units, seconds});
  }
  curve.low = curve.high = curve.value;
  curve.cost = fit_task_cost(lengths, {10e-9});
  study.curves = {curve, curve};
  study.curves[1].cost = fit_task_cost(lengths, {9e-9});
  Analysis analysis;
  analysis.granularity = {study};
  const auto rows = cells_of(granularity_csv(analysis));
  REQUIRE(rows.size() == 1 + 2 * 11);
  const std::size_t last = rows[0].size();
  CHECK(rows[0][last - 3] == "metg_95");
  CHECK(rows[1][last - 3] == "1.2e-06");
  CHECK(rows[1][last - 2] == "1.2e-06");
  CHECK(rows[1][last - 1] == "1.2e-06");
  for (std::size_t i = 1; i <= 3; ++i) CHECK(rows[22][last - i].empty());
}
