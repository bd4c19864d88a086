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
