// The tables of records that never were, beside what tests/data/golden/golden.py made of them
// without any code of the kit.
#include <map>
#include <set>
#include <sstream>

#include "results/analysis/from_records.hpp"
#include "results/report/csv.hpp"
#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

using TableRow = std::map<std::string, std::string>;  // by column

std::vector<TableRow> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::vector<std::string> head;
  std::vector<TableRow> rows;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream words(line);
    for (std::string cell; std::getline(words, cell, ',');) cells.push_back(cell);
    cells.resize(std::max(cells.size(), head.size()));  // getline loses an empty last cell
    if (head.empty()) {
      head = cells;
      continue;
    }
    TableRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < head.size(); ++i) row[head[i]] = cells[i];
  }
  return rows;
}

void compare(const std::string& ours, const std::string& golden) {
  const std::vector<TableRow> got = rows_of(ours);
  const std::vector<TableRow> expected = rows_of(read_file(golden));
  REQUIRE(expected.size() > 4);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [column, value] : expected[i]) {
      INFO(golden << ", row " << i + 1 << ", column " << column);
      REQUIRE(got[i].contains(column));
      CHECK(got[i].at(column) == value);
    }
  }
}

const std::string folder = TEST_DATA "/golden/";

}  // namespace

TEST_CASE("golden: scaling.csv holds what was computed without the kit") {
  compare(scaling_csv(analysis_from_records({folder + "records.jsonl"}, {})),
          folder + "scaling.csv");
}

TEST_CASE("golden: laws.csv holds the exact solutions of the least squares") {
  compare(laws_csv(analysis_from_records({folder + "records.jsonl"}, {})), folder + "laws.csv");
}

TEST_CASE("golden: results/README.md has every column, and no other") {
  const std::string readme = read_file(SOURCES "/results/README.md");
  const std::string tables = readme.substr(readme.find("## The tables of a report"));
  const Analysis analysis = analysis_from_records({folder + "records.jsonl"}, {});
  std::set<std::string> columns;
  for (const std::string& csv :
       {scaling_csv(analysis), laws_csv(analysis), granularity_csv(analysis)}) {
    std::istringstream head(csv.substr(0, csv.find('\n')));
    for (std::string column; std::getline(head, column, ',');) columns.insert(column);
  }
  std::set<std::string> documented;
  std::istringstream lines(tables);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string names = line.substr(0, line.find(" |"));
    for (std::size_t at = 0; (at = names.find('`', at)) != std::string::npos;) {
      const std::size_t end = names.find('`', at + 1);
      documented.insert(names.substr(at + 1, end - at - 1));
      at = end + 1;
    }
  }
  CHECK(columns == documented);
}
