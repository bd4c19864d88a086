#include "results/text/csv_cell.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("csv cell: quoted where RFC 4180 (section 2, rules 6 and 7) wants it, else as it is") {
  CHECK(csv_cell("aaa") == "aaa");
  CHECK(csv_cell("") == "");
  CHECK(csv_cell(" a b; c\t") == " a b; c\t");
  CHECK(csv_cell("b\"bb") == "\"b\"\"bb\"");
  CHECK(csv_cell("a,b") == "\"a,b\"");
  CHECK(csv_cell("\"") == "\"\"\"\"");
  for (const char* end : {"\r\n", "\n", "\r"}) {
    const std::string text = std::string("b") + end + "bb";
    CHECK(csv_cell(text) == "\"" + text + "\"");
  }
}
