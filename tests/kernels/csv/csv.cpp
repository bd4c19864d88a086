#include "kernels/csv/csv.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "kernels/csv/csv_names.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

const CsvFormat drop{.drop_missing = true};

CsvTable parse(const std::string& text, const CsvFormat& format = {}) {
  std::istringstream input(text);
  return read_csv(input, "t.csv", format);
}

std::string complaint_about(const std::string& text) {
  try {
    parse(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

std::string complaint_about_file(const std::string& path) {
  try {
    read_csv_file(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("csv: a header and rows of numbers become columns") {
  const CsvTable table = parse("a,b\n1,2\n3,4\n5,6\n");
  CHECK(table.header == Names{"a", "b"});
  REQUIRE(table.columns.size() == 2);
  CHECK(table.rows() == 3);
  CHECK(table.columns[0] == Numbers{1, 3, 5});
  CHECK(table.columns[1] == Numbers{2, 4, 6});
}

TEST_CASE("csv: the last line needs no line end") {
  CHECK(parse("a\n1\n2").columns[0] == Numbers{1, 2});
}

TEST_CASE("csv: Windows line ends, a byte order mark, spaces and tabs leave no trace") {
  const CsvTable table = parse("\xEF\xBB\xBF a ,\tb\r\n 1 ,\t2\t\r\n3,4\r\n");
  CHECK(table.header == Names{"a", "b"});
  CHECK(table.columns[0] == Numbers{1, 3});
  CHECK(table.columns[1] == Numbers{2, 4});
}

TEST_CASE("csv: blank lines at the end are no rows") {
  CHECK(parse("a,b\n1,2\n\n").rows() == 1);
  CHECK(parse("a,b\n1,2\r\n \t\r\n\r\n\n").rows() == 1);
}

TEST_CASE("csv: quoted fields may hold commas, spaces, quotes and numbers") {
  const CsvTable table = parse("\"a, b\" , \"say \"\"c\"\"\",\" d \"\n\"1\", \"-2.5\" ,3\n");
  CHECK(table.header == Names{"a, b", "say \"c\"", " d "});
  CHECK(table.columns[0] == Numbers{1});
  CHECK(table.columns[1] == Numbers{-2.5});
  CHECK(table.columns[2] == Numbers{3});
}

TEST_CASE("csv: numbers may have a sign, no leading digit and an exponent") {
  const CsvTable table = parse("x\n+1.5\n-2e3\n1.25E-2\n.5\n-0\n6.02214076e+23\n");
  CHECK(table.columns[0] == Numbers{1.5, -2000, 0.0125, 0.5, 0, 6.02214076e23});
}

TEST_CASE("csv: a number is the double that is nearest to its digits") {
  const CsvTable table = parse("x\n0.1\n1.7976931348623157e308\n2.2250738585072014e-308\n");
  CHECK(table.columns[0] == Numbers{0x1.999999999999ap-4, 0x1.fffffffffffffp1023, 0x1p-1022});
}

TEST_CASE("csv: a header may have numbers among its names") {
  CHECK(parse("year,1990\n1,2\n").header == Names{"year", "1990"});
}

TEST_CASE("csv: a problem is named with its line and column") {
  struct Bad {
    std::string text;
    std::string position;
    std::string message;
  };
  const std::vector<Bad> cases = {
      {"", "t.csv:1:1: ", "expected a header with the names of the columns, found an empty file"},
      {"1,2\n3,4\n",
       "t.csv:1:1: ", "expected a header with the names of the columns, found numbers"},
      {"a,,c\n1,2,3\n", "t.csv:1:3: ", "expected the name of a column, found an empty field"},
      {"a,b,\n1,2,3\n", "t.csv:1:5: ", "expected the name of a column, found an empty field"},
      {"a, b,a\n1,2,3\n", "t.csv:1:6: ", "expected different names of columns, found 'a' twice"},
      {"a,\"b\n1,2\n", "t.csv:1:3: ", "expected a closing quote, found none"},
      {"a,b\n1,\"2\"\"\n", "t.csv:2:3: ", "expected a closing quote, found none"},
      {"a,b\n\"1\n\",2\n3,\"4\"x\n",
       "t.csv:4:6: ", "expected a comma behind the closing quote, found 'x'"},
      {"\"a\"x,b\n1,2\n", "t.csv:1:4: ", "expected a comma behind the closing quote, found 'x'"},
      {"a,b\n1,2\n3\n", "t.csv:3:2: ", "expected 2 fields as in the header, found 1"},
      {"a,b\r\n1,2\r\n3\r\n", "t.csv:3:2: ", "expected 2 fields as in the header, found 1"},
      {"a,b\n1,2,3\n", "t.csv:2:5: ", "expected 2 fields as in the header, found 3"},
      {"a,b\n1,2,,3\n", "t.csv:2:6: ", "expected 2 fields as in the header, found 4"},
      {"a,b\n1,2\n,\n3,4\n", "t.csv:3:1: ", "expected a row of numbers, found no value in it"},
      {"a,b\n1, x\n", "t.csv:2:4: ", "expected a finite number in column 'b', found 'x'"},
      {"a,b\n1,2\n3,\n",
       "t.csv:3:3: ", "expected a finite number in column 'b', found an empty field"},
      {"a,b\nNaN,2\n", "t.csv:2:1: ", "expected a finite number in column 'a', found 'NaN'"},
      {"a,b\n1,inf\n", "t.csv:2:3: ", "expected a finite number in column 'b', found 'inf'"},
      {"a\n1e999\n", "t.csv:2:1: ", "expected a finite number in column 'a', found '1e999'"},
      {"a,b\n1,2\n\n3,4\n", "t.csv:3:1: ", "expected a row of numbers, found a blank line"},
      {"a,b\n", "t.csv:2:1: ", "expected at least one row of numbers, found the end of the file"},
  };
  for (const Bad& bad : cases) {
    CAPTURE(bad.text);
    CHECK(complaint_about(bad.text) == bad.position + bad.message);
  }
}

TEST_CASE("csv: the column counts from the first character behind a byte order mark") {
  CHECK(starts(complaint_about("\xEF\xBB\xBF"
                               "a,a\n1,2\n"),
               "t.csv:1:3: "));
}

TEST_CASE("csv: what only begins like a number is refused") {
  for (const char* text : {"1 2", "1.5x", "0x10", "+-1", "--1", "++1", "1e", "1;2", "1'000", "+"}) {
    CAPTURE(text);
    CHECK(
        starts(complaint_about(std::string("a\n") + text + "\n"), "t.csv:2:1: expected a finite"));
  }
}

TEST_CASE("csv: a message shows a short and printable piece of the input") {
  const std::string message = complaint_about("a\n" + std::string(500, 'z') + "\n");
  CHECK(message.size() < 120);
  CHECK(contains(message, "zzz..."));
  CHECK(contains(complaint_about("a\nx\x1b[31m\n"), "'x\\x1b[31m'"));
}

TEST_CASE("csv: a file is read like a stream, and its problems carry its path") {
  const auto path = (std::filesystem::temp_directory_path() /
                     ("scalelab-csv-" + std::to_string(getpid()) + ".csv"))
                        .string();
  std::ofstream(path) << "a,b\n1,2\n";
  CHECK(read_csv_file(path).columns[1] == Numbers{2});
  std::ofstream(path) << "a,b\n1,two\n";
  CHECK(starts(complaint_about_file(path), path + ":2:3: expected a finite number in column 'b'"));
  std::filesystem::remove(path);
  CHECK(complaint_about_file(path) ==
        path + ": expected a CSV file that can be read: No such file or directory");
}

TEST_CASE("csv: a folder is not a file") {
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK(complaint_about_file(folder) == folder + ": expected a CSV file, found a folder");
}

TEST_CASE("csv: the data set of the kit has 442 patients and 11 columns") {
  const CsvTable table = read_csv_file(KIT_DATA "/diabetes.csv");
  CHECK(table.rows() == 442);
  REQUIRE(table.header.size() == 11);
  CHECK(table.header.front() == "age");
  CHECK(table.header.back() == "progression");
  CHECK(table.columns[0][0] == 59);
  CHECK(table.columns[8][1] == 3.8918);
}

TEST_CASE("csv: separators behind the last field, and rows of nothing else at the end, are read") {
  for (const char* text : {"a,b,\n1,2,\n3,4,\n", "a,b\n1,2,,,\n3,4,\n", "a,b,,\n1,2\n3,4,\n",
                           "a,b\n1,2\n3,4\n,\n,,,\n", "a,b,\n1,2,\"\"\n3,4, \n,\n\n"}) {
    CAPTURE(text);
    const CsvTable table = parse(text);
    CHECK(table.header == Names{"a", "b"});
    CHECK(table.columns[1] == Numbers{2, 4});
  }
  CHECK(complaint_about("a,,b\n1,,2\n3,4,5\n") ==
        "t.csv:1:3: expected the name of a column, found an empty field");
  CHECK(parse("a,,b\n1,,2\n3,,5\n").columns[1] == Numbers{2, 5});
  CHECK(complaint_about(",,\n1,2,3\n") ==
        "t.csv:1:1: expected a header with the names of the columns, found no name");
  CHECK(complaint_about("\na,b\n1,2\n") ==
        "t.csv:1:1: expected a header with the names of the columns, found a blank line");
}

TEST_CASE("csv: a quoted field may hold line breaks, and messages still tell the line") {
  const CsvTable table = parse("\"x\r\n(cm)\",\"y\n\"\n1,\"2\"\n3,4\n");
  CHECK(table.header == Names{"x (cm)", "y "});
  CHECK(table.columns[1] == Numbers{2, 4});
  CHECK(starts(complaint_about("\"x\n(cm)\",y\n1,2\n3,z\n"), "t.csv:4:3: expected a finite"));
  CHECK(
      starts(complaint_about("\"x\n(cm)\",y,\"x\n(cm)\"\n1,2,3\n"), "t.csv:2:9: expected differ"));
}

TEST_CASE("csv: a first column without a name is an index, and left out") {
  for (const char* text :
       {",a,b\n0,1,2\n1,3,4\n", "\"\",\"a\",\"b\"\n\"x\",1,2\n\"y\",3,4\n",
        "a,b\n\"x\",1,2\n\"y\",3,4\n", "a,b\nx,1,2\ny,3,4\n", "a b\n\"x\" 1 2\n\"y\" 3 4\n"}) {
    CAPTURE(text);
    const CsvTable table = parse(text);
    CHECK(table.header == Names{"a", "b"});
    CHECK(table.columns[1] == Numbers{2, 4});
    CHECK(table.has_index);
    CHECK(table.unnamed == std::vector<std::size_t>{1});
  }
  // A field too many is no index where it may be a number.
  CHECK(starts(complaint_about("a,b\n1,2,3\n2,3,4\n"), "t.csv:2:5: expected 2 fields"));
}

TEST_CASE("csv: first columns that only count the rows are told") {
  const auto counting = [](const std::string& text) {
    Names names;
    for (const CsvTable::RowNumbers& column : parse(text).row_numbers) {
      names.push_back(column.name + std::to_string(column.first));
    }
    return names;
  };
  CHECK(counting("id,y\n1,5\n2,6\n3,5\n") == Names{"id1"});
  CHECK(counting("id,y\n\"0\",5\n\"1\",6\n\"2\",5\n") == Names{"id0"});
  CHECK(counting("id,X,y\n1,0,5\n2,1,6\n3,2,5\n") == Names{"id1", "X0"});
  CHECK(counting(",X,y\n1,1,5\n2,2,6\n3,3,5\n") == Names{"X1"});
  for (const char* text :
       {"id,y\n1,5\n2,6\n4,5\n", "id,y\n2,5\n3,6\n4,5\n", "y,id\n5,1\n6,2\n5,3\n",
        "id,y\n1,5\n2,6\n3,5\n3,5\n", "id,y\n1,5\n2,6\n"}) {
    CAPTURE(text);
    CHECK(counting(text).empty());
  }
}

TEST_CASE("csv: semicolons, tabs and pipes are recognised, and Excel's line sep=") {
  for (const auto& [text, separator] :
       std::vector<std::pair<std::string, char>>{{"a;b\n1;2\n3;4\n", ';'},
                                                 {"a\tb\n1\t2\n3\t4\n", '\t'},
                                                 {"a|b\n1|2\n3|4\n", '|'},
                                                 {"a;b;\n1;2;\n3;4;\n", ';'},
                                                 {"\"a\";\"b\"\n\"1\";\"2\"\n3;4\n", ';'},
                                                 {"a\tb\n\t2\n3\t4\n", '\t'},
                                                 {"\xEF\xBB\xBFsep=;\na;b\n1;2\n3;4\n", ';'},
                                                 {"a,b\n1,2\n3,4\n", ','}}) {
    CAPTURE(text);
    const CsvTable table = parse(text, drop);
    CHECK(table.header == Names{"a", "b"});
    CHECK(table.separator == separator);
    CHECK(table.columns[1].back() == 4);
  }
  // What is in a name separates nothing.
  CHECK(parse("a;x,b;y\n1,2\n").header == Names{"a;x", "b;y"});
  CHECK(parse("\"a,b\";c\n1;2\n").header == Names{"a,b", "c"});
  CHECK(parse("length, cm;y, cm\n1,5;2,5\n2,5;3\n").header == Names{"length, cm", "y, cm"});
  CHECK(parse("a;b\n1\n2\n").header == Names{"a;b"});
  // Blanks are, where there are nothing but numbers between them.
  CHECK(parse("a  b\n 1\t2\n3 4 \n").separator == ' ');
  CHECK(parse("\"a\" \"b\"\n\"1\" 1 NA\n\"2\" 3 4\n", drop).header == Names{"a", "b"});
  CHECK(complaint_about("a b\n1 x\n") ==
        "t.csv:1:1: expected names separated by commas, found 'a b'");
  CHECK(complaint_about("\"a\" \"b\"\nx y\n") ==
        "t.csv:1:5: expected a comma behind the closing quote, found '\"'");
}

TEST_CASE("csv: a decimal comma is recognised where it separates nothing else") {
  const CsvTable table = parse("a;b\n1,5;-2\n,25;1,234\n3;4e2\n");
  CHECK(table.columns[0] == Numbers{1.5, 0.25, 3});
  CHECK(table.columns[1] == Numbers{-2, 1.234, 400});
  CHECK(table.decimal == ',');
  CHECK(parse("a\tb\n1,5\t2\n").columns[0] == Numbers{1.5});
  CHECK(parse("a;b\n1.5;2\n").decimal == '.');

  CHECK(complaint_about("a;b\n1.5;2\n1,5;2\n") ==
        "t.csv:3:1: expected a finite number in column 'a', found '1,5'");
  CHECK(complaint_about("a;b\n1,234;2\n12,345;2\n") ==
        "t.csv:2:1: expected a finite number in column 'a', found '1,234'");
  CHECK(starts(complaint_about("a;b\n1.234,5;2\n"), "t.csv:2:1: expected a finite number"));
  CHECK(starts(complaint_about("a,b\n\"1,5\",2\n"), "t.csv:2:1: expected a finite number"));
  for (const auto& [text, decimal, value] :
       std::vector<std::tuple<std::string, char, double>>{{"a,b\n\"1,5\",2\n", ',', 1.5},
                                                          {"a;b\n1,234;2\n", ',', 1.234},
                                                          {"a;b\n1.5;2\n", '.', 1.5}}) {
    std::istringstream input(text);
    CHECK(read_csv(input, "t.csv", {.decimal = decimal}).columns[0] == Numbers{value});
  }
  std::istringstream points("a;b\n1.5;2\n");
  CHECK_THROWS_AS(read_csv(points, "t.csv", {.decimal = ','}), std::runtime_error);
}

TEST_CASE("csv: where it is said which mark is the decimal one, the other may part thousands") {
  for (const auto& [text, value] :
       std::vector<std::pair<std::string, double>>{{"2.500", 2500},
                                                   {"-1.234.567,25", -1234567.25},
                                                   {"+12.345", 12345},
                                                   {"7,5", 7.5},
                                                   {"999.999,", 999999},
                                                   {"1.000,5e3", 1000500},
                                                   {"0,125", 0.125}}) {
    CAPTURE(text);
    const CsvTable comma = parse("a;b\n" + text + ";2\n", {.decimal = ','});
    CHECK(comma.columns[0] == Numbers{value});
    CHECK(comma.grouped == (text.find('.') == std::string::npos ? 0 : 1));
    std::string other = text;
    for (char& c : other) c = c == '.' ? ',' : c == ',' ? '.' : c;
    CHECK(parse("a,b\n\"" + other + "\",2\n", {.decimal = '.'}).columns[0] == Numbers{value});
    CHECK(parse("a;b\n" + other + ";2\n", {.decimal = '.'}).columns[0] == Numbers{value});
  }
  for (const char* text : {"2.5", "2.50", "0.500", "1234.567", "1.23.456", "1.2345", "1.234.56",
                           "1,234.567", ".500", "1.500e3", "1.-23", "1.234.", "12.,5"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse(std::string("a;b\n") + text + ";2\n", {.decimal = ','}),
                      Catch::Matchers::StartsWith("t.csv:2:1: expected a finite number"));
  }
}

TEST_CASE("csv: points between semicolons that may part thousands are told, others are not") {
  const auto told = [](const std::string& text, const CsvFormat& format = {}) {
    Names columns;
    for (const auto& column : parse(text, format).may_be_thousands) {
      columns.push_back(column.name + " " + column.place + " " + column.text);
    }
    return columns;
  };
  CHECK(told("a;b\n2.500;1\n1.750;3\n") == Names{"a t.csv:2:1 2.500"});
  CHECK(told("a;b\n950;1\n-12.750;3\n0;3\n") == Names{"a t.csv:3:1 -12.750"});
  CHECK(told("a;b;c\n1;2.500;7.125\n2000;1.750;8.250\n") ==
        Names{"b t.csv:2:3 2.500", "c t.csv:2:9 7.125"});
  for (const char* text : {"a;b\n2.500;1\n1.75;3\n",        // other numbers of decimals
                           "a;b\n2.500;0.1\n1.750;3\n",     // in another column
                           "a;b\n2.500;1\n0.750;3\n",       // no thousand begins by 0
                           "a;b\n2.500;1\n1234.750;3\n",    // nor has so many digits
                           "a;b\n2.500;1\n1750;3\n",        // which would have a point
                           "a;b\n2.500;1e-3\n1.750e2;3\n",  // of a calculation
                           "a;b\n25;1\n17;3\n",             // none at all
                           "a,b\n2.500,1\n1.750,3\n",       // commas separate: points are decimal
                           "a\tb\n2.500\t1\n1.750\t3\n"}) {
    CAPTURE(text);
    CHECK(told(text).empty());
  }
  CHECK(told("a;b\n2.500;1\n1.750;3\n", {.decimal = '.'}).empty());
  CHECK(told("a;b\n2.500;1\n1.750;3\n", {.decimal = ','}).empty());
  CHECK(parse("a;b\n2.500;1\n1.750;3\n").columns[0] == Numbers{2.5, 1.75});
}

TEST_CASE("csv: lines with nothing in them are no rows to keep room for") {
  const auto path = (std::filesystem::temp_directory_path() /
                     ("scalelab-blank-" + std::to_string(getpid()) + ".csv"))
                        .string();
  for (const char* blank : {"\n", "\r\n", ";\n", " \t\n"}) {
    std::ofstream file(path);
    file << "a;b\n1;2\n3;5\n";
    for (int i = 0; i < 1'500'000; ++i) file << blank;
    file.close();
    const CsvSize size = foresee_csv_size(path, {.separator = ';'});
    CHECK(size.rows < 20);
    CHECK(size.rows >= 2);
    CHECK(size.columns == 2);
  }
  std::ofstream(path) << "a;b\n" + std::string(2'000'000, '\n') + "1;2\n";
  CHECK(foresee_csv_size(path, drop).rows == 1);
  std::filesystem::remove(path);
}

TEST_CASE("csv: rows that lack a value can be dropped, and are counted") {
  std::istringstream input(
      "a,b,c\n1,2,x\n3,NA,x\n5,6,NA\n7,,x\n9,nan,x\n.,1,x\n13,#N/A,x\n,,\n15,16,x\n,,\n");
  CsvFormat format{.drop_missing = true};
  format.choose = [](const Names&) {
    return std::vector<CsvUse>{CsvUse::read, CsvUse::read_as_target, CsvUse::none};
  };
  const CsvTable table = read_csv(input, "t.csv", format);
  CHECK(table.columns == std::vector<Numbers>{{1, 5, 15}, {2, 6, 16}});
  CHECK(table.file_rows == 9);
  CHECK(table.dropped_rows == 6);
  CHECK(table.dropped_lines == std::vector<std::size_t>{3, 5, 6, 7, 8});

  std::istringstream none("a,b\n1,NA\n2,NA\n");
  CHECK_THROWS_WITH(read_csv(none, "t.csv", {.drop_missing = true}),
                    "t.csv:4:1: expected at least one row without a missing value, found the end "
                    "of the file");
  std::istringstream words("a,b\n1,NA\n2,x\n");  // which are not missing
  CHECK_THROWS_AS(read_csv(words, "t.csv", {.drop_missing = true}), std::runtime_error);
}

TEST_CASE("csv: names are fit for a terminal, and not longer than a line") {
  const std::string c1 = "\xC2\x9B", bidi = "\xE2\x80\xAE", umlaut = "\xC3\xA4";
  const CsvTable table =
      parse("\x1b[31ma,b" + std::string(1, '\0') + "b" + c1 + bidi + ",\"d\n\x7f\"," + umlaut +
            "," + std::string(50000, 'x') + "y" + std::string(50000, 'z') + "\n1,2,3,4,5\n");
  CHECK(table.header ==
        Names{"\\x1b[31ma", "b\\x00b\\u009b\\u202e", "d \\x7f", umlaut,
              // FNV-1a of the whole name, as computed by another program
              std::string(39, 'x') + "..." + std::string(40, 'z') + " #85c41016f0d211f4"});
}

TEST_CASE("csv: names that differ only where they are cut are different, and so are their lists") {
  const auto name = [](const std::string& middle) {
    return "How content are you with " + std::string(60, 'x') + middle + std::string(60, 'x') +
           " (1 to 5)?";
  };
  const CsvTable table = parse(name("a") + "," + name("b") + "\n1,2\n3,5\n");
  REQUIRE(table.header.size() == 2);
  CHECK(table.header[0] != table.header[1]);
  CHECK(table.header[0].size() <= 100);
  // What is shown is a name, too.
  CHECK(csv_name(table.header[0]) == table.header[0]);
  CHECK(csv_list(name("b") + "," + table.header[0]) == Names{table.header[1], table.header[0]});
  const std::string latin(99, '\xFC');  // which is shown in four times as many letters
  CHECK(csv_name(latin + "a") != csv_name(latin + "b"));
  CHECK(csv_name(csv_name(latin)) == csv_name(latin));
  CHECK(contains(complaint_about(name("a") + "," + name("a") + "\n1,2\n"), "twice"));
}

TEST_CASE(
    "csv: many columns are read in one go, whatever their names and however far the last is") {
  std::string header;
  std::string row;
  for (int j = 0; j < 60'000; ++j) {
    header += (j > 0 ? "," : "") + std::string(150, 'n') + std::to_string(j);
    row += j > 0 ? ",1" : "1";
  }
  const CsvTable table = parse(header + "\n" + row + "\n");
  CHECK(table.columns.size() == 60'000);
  // Each of them has a word.
  std::string words;
  for (int j = 0; j < 60'000; ++j) words += j > 0 ? ",no" : "no";
  CHECK(contains(complaint_about(header + "\n" + words + "\n"), "found 'no'"));
}

TEST_CASE("csv: whole numbers that no double holds are told, however many digits they have") {
  const CsvTable table = parse(
      "a,b,c,d\n20000000000000000000001,100000000000000000000,9007199254740993,9007199254740992\n");
  CHECK(table.rounded == Names{"a", "c"});
}

TEST_CASE(
    "csv: a list of names is read as it was written, blanks at their ends, commas and quotes too") {
  for (const Names& names : {Names{"a"}, Names{" a", "b ", " c "}, Names{"a,b", "\"q\"", ", "}}) {
    std::string list = as_csv_list(names);
    if (list.front() == '\'') list = list.substr(1, list.size() - 2);  // the shell's
    CHECK(csv_list(list) == names);
  }
}
