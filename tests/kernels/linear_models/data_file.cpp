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
  CHECK_THROWS_WITH(Model(Texts{{"data", "-"}, {"target", "y"}}),
                    Catch::Matchers::StartsWith("--data: expected a file, got - (standard input)"));
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
        "FILE:2:1: expected a finite number in column 'x', found '1,234': --decimal point reads "
        "commas between thousands, --decimal comma reads 1,5");
  CHECK(complaint_about("x;y\n1,234;2\n2,500;3\n") ==
        "FILE:2:1: expected a finite number in column 'x', found '1,234', which may be a thousand "
        "and "
        "more: --decimal comma says that it is not, --decimal point that it is");
}

TEST_CASE("data file: advice on decimal marks names what helps, and nothing that was given") {
  const std::string number = "FILE:2:1: expected a finite number in column 'x', found ";
  for (const auto& [csv, options, message] :
       std::vector<std::tuple<std::string, Texts, std::string>>{
           {"x;y\n1.234.567;2\n2.500;3\n",
            {},
            "'1.234.567': --decimal comma reads points between thousands"},
           {"x;y\n1.234,5;2\n2.500,5;3\n",
            {},
            "'1.234,5': --decimal comma reads points between thousands"},
           {"x;y\n1,234.5;2\n2,500.5;3\n",
            {},
            "'1,234.5': --decimal point reads commas between thousands"},
           {"x,y\n\"1,5\",2\n\"2,5\",3\n", {}, "'1,5': --decimal comma reads it"},
           {"x;y\n2.5;2\n1.5;3\n",
            {{"decimal", "comma"}},
            "'2.5': a decimal point, where --decimal says comma"},
           {"x;y\n2,5;2\n1,5;3\n",
            {{"decimal", "point"}},
            "'2,5': a decimal comma, where --decimal says point"},
           {"x;y\n1'234;2\n2'500;3\n",
            {{"decimal", "comma"}},
            "'1'234': of separators in numbers, points or commas between thousands are read, if "
            "--decimal says which"},
           {"x;y\n1\u202f234;2\n2\u202f500;3\n",
            {},
            "'1\u202f234': of separators in numbers, points or commas between thousands are read, "
            "if --decimal says which"},
           {"x;y\n0,5;2.5\n1,5;3\n", {}, "'0,5': other numbers have a decimal point"},
           {"x;y\n0,5;2.500\n1,5;1.750\n",
            {},
            "'0,5': other numbers have a point: --decimal comma reads it between thousands"},
           {"x;y\n1,234;2.5\n2,500;1.7\n",
            {},
            "'1,234': other numbers have a decimal point: --decimal point reads a comma between "
            "thousands"},
           {"x;y\n1,234;2.500\n2,500;1.750\n",
            {},
            "'1,234': other numbers have a point: --decimal says which of them is the decimal "
            "mark"},
           {"x;y\n12.03.2021;2\n13.03.2021;3\n",
            {},
            "'12.03.2021': categories (words, dates) are not fitted; --without x leaves it out"},
           {"x;y\ninf;2\n1,5;3\n2,5;3\n", {{"decimal", "comma"}}, "'inf'"}}) {
    CAPTURE(csv);
    CHECK(complaint_about(csv, options) == number + message);
  }
}

TEST_CASE("data file: points that may part thousands are warned of, in one line with its remedy") {
  const std::string csv = "price;n;y\n2.500;1;3\n1.750;5;1\n3.125;2;4\n950;3;9\n1.100;4;3\n";
  const auto data = [&](const Texts& options) { return Model(csv_file(csv, options)).data; };
  const DataSet silent = data({});
  REQUIRE(silent.warnings.size() == 1);
  CHECK_THAT(silent.warnings[0],
             Catch::Matchers::EndsWith(
                 ":2:1: column 'price': '2.500' and the like may have points between thousands, "
                 "and are read with decimal points: --decimal comma reads thousands, --decimal "
                 "point says that none are there"));
  CHECK(silent.column(1)[0] == 2.5);
  const DataSet comma = data({{"decimal", "comma"}});
  CHECK(comma.warnings.empty());
  CHECK(comma.notes == Names{"fields separated by semicolons", "numbers with a decimal comma",
                             "4 numbers read without the points between thousands"});
  CHECK(std::vector<double>(comma.column(1).begin(), comma.column(1).end()) ==
        std::vector<double>{2500, 1750, 3125, 950, 1100});
  const DataSet point = data({{"decimal", "point"}});
  CHECK(point.warnings.empty());
  CHECK(point.column(1)[0] == 2.5);
}

TEST_CASE("data file: where dropping leaves too few rows, the column that lacks most is named") {
  const std::string none =
      "expected at least one row without a missing value, found the end of the file";
  const Texts drop{{"na", "drop"}};
  CHECK(complaint_about("a,b,y\n1,,2\n2,,1\n4,,4\n", drop) ==
        "FILE:5:1: " + none + ": column 'b' has no value at all (--without b)");
  CHECK(complaint_about("a,b,c d,y\n1,,NA,2\n2,,,1\n,,.,4\n", drop) ==
        "FILE:5:1: " + none + ": columns 'b', 'c d' have no value at all (--without 'b,c d')");
  CHECK(complaint_about("a,b,y\n1,,\n2,,\n", drop) ==
        "FILE:4:1: " + none + ": the target, column 'y', has no value at all");
  CHECK(complaint_about("a,b,y\n1,,2\n,3,1\n4,,4\n", drop) ==
        "FILE:5:1: " + none + ": column 'b' has values in 1 of 3 rows only (--without b)");
  CHECK(complaint_about("a,b,y\n1,,2\n2,7,1\n4,,4\n6,8,1\n", drop) ==
        "FILE: expected more rows than coefficients, found 2 rows for 3 coefficients where nothing "
        "is missing, of 4 rows; column 'b' has values in 2 of them only (--without b)");
  CHECK(complaint_about("y\n\n\n", drop) ==
        "FILE:4:1: expected at least one row of numbers, found the end of the file");
  // A column that is not read lacks nothing.
  CHECK(columns_of("a,b,y\n1,,2\n2,,1\n4,,4\n", {{"na", "drop"}, {"without", "b"}}) ==
        Names{"intercept", "a", "y"});
}

TEST_CASE("data file: lists of a hundred thousand names are looked up, not searched") {
  // Each name in the list against each of the header: ten thousand million comparisons.
  constexpr int columns = 99'998;
  std::string header = "x,y", row, list;
  for (int j = 0; j < columns; ++j) {
    header += print(",name%d", j);
    row += ",word";
    list += print("%sname%d", j > 0 ? "," : "", j);
  }
  const std::string csv = header + "\n1,2" + row + "\n2,1" + row + "\n4,4" + row + "\n";
  const Model model(csv_file(csv, {{"without", list}}));
  CHECK(model.data.columns == Names{"intercept", "x", "y"});
  CHECK_THAT(complaint_about(csv, {{"without", list + ",other"}}),
             Catch::Matchers::EndsWith(", got 'other'"));
  CHECK(complaint_about(csv, {{"without", list}, {"columns", "x,name77"}}) ==
        "usage: --without: expected other columns than --columns, got 'name77'");
}

TEST_CASE("data file: powers that no number is small enough for are refused by name") {
  const std::string tiny = "x,y\n1e-160,1\n-2e-160,2\n4e-160,4\n3e-160,1\n";
  CHECK(complaint_about(tiny, {{"degree", "2"}}) ==
        "FILE: power 2 of column 'x' is too small for numbers: give it in a smaller unit");
  CHECK(complaint_about(tiny, {{"degree", "2"}, {"no-intercept", "yes"}}) ==
        "FILE: power 2 of column 'x' is too small for numbers: give it in a smaller unit");
  // What is left of these is small only less what they have in common.
  std::string close = "x,y\n";
  for (int i = 0; i < 40; ++i) close += print("%.17g,%d\n", 1 + i * 1e-15, i % 7);
  CHECK_THAT(complaint_about(close, {{"degree", "25"}}),
             Catch::Matchers::Contains("less what its numbers have in common, is too small or too "
                                       "large for numbers: a lower --degree"));
  CHECK(complaint_about("x,y\n1e-100,1\n-2e-100,2\n4e-100,4\n3e-100,1\n", {{"degree", "2"}}) ==
        "no complaint");
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
