// --data: which columns and rows are fitted, what is told of them, and what is refused.
#include "tests/kernels/linear_models/models.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

using Names = std::vector<std::string>;

/// Without the path of the file.
std::string complaint_about(const std::string& csv, const Texts& options = {}) {
  const Texts all = csv_file(csv, options);
  std::string complaint = "no complaint";
  try {
    Model{all};
  } catch (const UsageError& error) {
    complaint = std::string("usage: ") + error.what();
  } catch (const std::runtime_error& error) {
    complaint = error.what();
  }
  const std::string& path = all.at("data");
  for (std::size_t at = 0; (at = complaint.find(path)) != std::string::npos;) {
    complaint.replace(at, path.size(), "FILE");
  }
  return complaint;
}

Names columns_of(const std::string& csv, const Texts& options) {
  return Model(csv_file(csv, options)).data.columns;
}

const std::string table =
    "id,a,b,c,y\n1,4,2,7,3\n2,1,5,3,1\n3,7,1,2,4\n4,2,2,9,1\n5,6,3,1,5\n6,3,9,4,2\n";

}  // namespace

TEST_CASE("data file: columns are chosen by --columns or left out by --without") {
  CHECK(columns_of(table, {{"columns", "a,c"}}) == Names{"intercept", "a", "c", "y"});
  CHECK(columns_of(table, {{"columns", " c , y,\"a\""}}) == Names{"intercept", "a", "c", "y"});
  CHECK(columns_of(table, {{"columns", "b"}, {"degree", "2"}}) ==
        Names{"intercept", "b", "b^2", "y"});
  CHECK(columns_of(table, {{"without", "id,b"}}) == Names{"intercept", "a", "c", "y"});
  CHECK(columns_of(table, {{"without", "id,b"}, {"target", "c"}}) ==
        Names{"intercept", "a", "y", "c"});
  CHECK(columns_of("\"a, b\",c,y\n1,2,3\n2,5,1\n4,4,4\n7,1,2\n", {{"without", "\"a, b\""}}) ==
        Names{"intercept", "c", "y"});
  // What is left out is not looked at.
  CHECK(columns_of("a,name,a,y\n1,x,?,3\n2,,?,1\n4,\"\n\",?,4\n", {{"columns", "y"}}) ==
        Names{"intercept", "y"});
}

TEST_CASE("data file: a choice that cannot be is refused by its option") {
  for (const auto& [options, message] : std::vector<std::pair<Texts, std::string>>{
           {{{"columns", "a,d"}},
            "usage: --columns: expected a column of FILE (id, a, b, c, y), got 'd'"},
           {{{"without", "d"}},
            "usage: --without: expected a column of FILE (id, a, b, c, y), got 'd'"},
           {{{"without", "y"}},
            "usage: --without: expected other columns than the target, got 'y'"},
           {{{"without", "a"}, {"columns", "a,b"}},
            "usage: --without: expected other columns than --columns, got 'a'"},
           {{{"columns", "a,"}},
            "usage: --columns: expected a column of FILE (id, a, b, c, y), got ''"},
           {{{"columns", "\"a"}},
            "usage: --columns: expected names separated by commas, one with a comma in quotes"},
           {{{"na", "ignore"}}, "usage: --na: expected error or drop, got 'ignore'"},
           {{{"separator", "colon"}},
            "usage: --separator: expected comma, semicolon, tab, space or pipe, got 'colon'"},
           {{{"decimal", "dot"}}, "usage: --decimal: expected point or comma, got 'dot'"},
           {{{"separator", "semicolon"}},
            "usage: --target: expected a column of FILE (id,a,b,c,y), got 'y'"}}) {
    CHECK(complaint_about(table, options) == message);
  }
  for (const char* name :
       {"columns", "without", "na", "separator", "decimal", "target", "degree"}) {
    CHECK_THROWS_WITH(Model(Texts{{name, "1"}}),
                      std::string("--") + name + ": expected together with --data FILE only");
  }
  std::string wide;
  for (int j = 0; j < 3000; ++j) wide += print("name%d,", j);
  const std::string complaint = complaint_about(wide + "z\n", {});
  CHECK(complaint.size() < 200);
  CHECK_THAT(complaint, Catch::Matchers::Contains("name11 and 2989 more), got 'y'"));
}

TEST_CASE("data file: columns of words are refused all at once, with what leaves them out") {
  CHECK(complaint_about(
            "k,x,sex,when,y\n1,1,f,2020-01-01,1\n2,2,m,2020-01-02,2\n3,4,f,2020-01-03,4\n") ==
        "FILE:2:5: expected a finite number in column 'sex', found 'f': categories (words, dates) "
        "are not fitted; --without sex,when leaves them out");
  CHECK(complaint_about("a b,y,it's\nx,1,\"p,q\"\nz,NA,r\n") ==
        "FILE:2:1: expected a finite number in column 'a b', found 'x': categories (words, dates) "
        "are "
        "not fitted; --without 'a b,it'\\''s' leaves them out, and --na drop the rows that lack a "
        "value");
  CHECK(complaint_about("x,y\n1,low\n2,high\n") ==
        "FILE:2:3: expected a finite number in column 'y', found 'low': categories (words, dates) "
        "are "
        "not fitted");
  std::string names = "y", row = "1";
  for (int j = 0; j < 3000; ++j) names += print(",name%d", j), row += ",word";
  const std::string cut = complaint_about(names + "\n" + row + "\n");
  CHECK(cut.size() < 350);
  CHECK_THAT(
      cut, Catch::Matchers::EndsWith("; 3000 columns have them (name0, name1, name2, name3, name4, "
                                     "name5, name6, name7, name8, name9, name10, name11 and 2988 "
                                     "more): --columns chooses others"));
  // One slip among numbers is none.
  CHECK(complaint_about("x,y\n1,1\n2,l\n3,1\n") ==
        "FILE:3:3: expected a finite number in column 'y', found 'l'");
  CHECK(complaint_about("x,y\n1,NA\n2,l\n3,1\n4,2\n") ==
        "FILE:2:3: expected a finite number in column 'y', found 'NA', a missing value: --na drop "
        "leaves out the rows that lack one");
  CHECK(complaint_about("x,y\n\"1,234\",2\n\"2,500\",3\n") ==
        "FILE:2:1: expected a finite number in column 'x', found '1,234': separators of thousands "
        "are "
        "not read; --decimal comma reads 1,5");
  CHECK(complaint_about("x;y\n1,234;2\n2,500;3\n") ==
        "FILE:2:1: expected a finite number in column 'x', found '1,234', which may be a thousand "
        "and "
        "more: --decimal comma says that it is not");
}

TEST_CASE("data file: what was left out and what was recognised is noted once") {
  const auto notes = [](const std::string& csv, const Texts& options) {
    return Model(csv_file(csv, options)).data.notes;
  };
  CHECK(notes(table, {}).empty());
  CHECK(notes(";x;y;\n1;1,5;2;\n2;2,5;4\n3;4;1\n", {}) ==
        Names{"fields separated by semicolons", "numbers with a decimal comma",
              "without the first column, an index that has no name",
              "without column 4, which has no name"});
  CHECK(notes(table, {{"without", "id,b"}}) == Names{"without columns id, b"});
  CHECK(notes(table, {{"columns", "a,y"}}) == Names{"only columns a"});
  CHECK(
      notes("x\ty\n1\t2\n2\t\n3\t1\n4\tNA\n7\t9\n", {{"na", "drop"}}) ==
      Names{"fields separated by tabs", "2 of 5 rows left out, for want of a value (lines 3, 5)"});
  std::string many = "x,y\n";
  for (int i = 0; i < 30; ++i)
    many += print("%d,%s\n", i * i, i % 3 == 0 ? "NA" : i % 2 == 0 ? "1" : "2");
  CHECK(notes(many, {{"na", "drop"}}) ==
        Names{"10 of 30 rows left out, for want of a value (lines 2, 5, 8, 11, 14 and 5 more)"});
}

TEST_CASE("data file: a first column that counts the rows is warned of, unless it was chosen") {
  const auto warnings = [](const std::string& csv, const Texts& options) {
    Names texts;
    for (const std::string& text : Model(csv_file(csv, options)).data.warnings) {
      texts.push_back(text.substr(text.find(": ") + 2));
    }
    return texts;
  };
  const Names expected{"column 'id' is 1 to 6, as row numbers are: --without id leaves it out"};
  CHECK(warnings(table, {}) == expected);
  CHECK(warnings(table, {{"without", "id"}}).empty());
  CHECK(warnings(table, {{"columns", "id,a"}}).empty());
  CHECK(warnings(table, {{"target", "id"}}).empty());
  CHECK(warnings("x,y\n1,4\n2,3\n3,1\n", {}) ==
        Names{"column 'x' is 1 to 3, as row numbers are: --columns x says that it is meant"});
  CHECK(warnings("row no,a,y\n0,4,3\n1,,1\n2,7,4\n3,2,6\n4,1,1\n", {{"na", "drop"}}) ==
        Names{"column 'row no' is 0 to 4, as row numbers are: --without 'row no' leaves it out"});
}

TEST_CASE("data file: whole numbers that no double is are warned of") {
  const auto warnings = [](const std::string& x) {
    return Model(csv_file("x,y\n" + x + ",1\n5,2\n7,1\n2,4\n")).data.warnings.size();
  };
  for (const char* x :
       {"9007199254740993", "-9007199254740993", "+1700000000000000001", "9223372036854775807"}) {
    CHECK(warnings(x) == 1);
  }
  for (const char* x : {"9007199254740992", "1700000000000000000", "123456789.0123456789", "1e300",
                        "100000000000000000000", "9007199254740993.0"}) {
    CHECK(warnings(x) == 0);
  }
}

TEST_CASE("data file: the same numbers are the same data, however the file is written") {
  const Model plain(csv_file("a,b,y\n1.5,2,3\n2.5,7,1\n4,4,4\n0,1,1\n"));
  for (const auto& [csv, options] : std::vector<std::pair<std::string, Texts>>{
           {"\xEF\xBB\xBF\"id\";\"a\";\"b\";\"y\"\r\n7;1,5;2;3\r\n8;2,5;7;1\r\n9;4;4;4\r\n9;0;1;"
            "1\r\n",
            {{"without", "id"}}},
           {"a b y\n1.5 2 3\n 2.5   7\t1 \n4 4 4\n0 1 1\n", {}},
           {"n a b y\nI 1.5 2 3\nII 2.5 7 1\nIII 4 4 4\nIV 0 1 1\n",
            {{"separator", "space"}, {"without", "n"}}}}) {
    const Model other(csv_file(csv, options));
    CHECK(other.data.columns == plain.data.columns);
    REQUIRE(other.data.size() == plain.data.size());
    CHECK(std::equal(other.data.values.get(), other.data.values.get() + other.data.size(),
                     plain.data.values.get()));
  }
}
