#include "kernels/options.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>

#include "kernels/linear_models/linear_data.hpp"
#include "tests/catch.hpp"

using namespace scalelab;
using Catch::Matchers::EndsWith;

namespace {

OptionValues with(const std::string& text) {
  OptionValues options;
  options.set("x", text);
  return options;
}

/// The message of the UsageError that reading throws.
template <class Read>
std::string complaint(const Read& read) {
  try {
    read();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no complaint";
}

using Texts = std::map<std::string, std::string>;

OptionValues resolved(const Texts& given) {
  OptionValues options;
  for (const Option& o : linear_model_options()) options.set(o.name, o.fallback, false);
  options.set("seed", "1", false);
  for (const auto& [name, text] : given) options.set(name, text);
  return options;
}

/// The options that read y from this CSV text, out of a file that the next call overwrites.
Texts csv_file(const std::string& text, Texts options = {}) {
  static const struct File {
    std::string path = std::filesystem::temp_directory_path() /
                       ("scalelab-options-" + std::to_string(getpid()) + ".csv");
    ~File() { std::filesystem::remove(path); }
  } file;
  std::ofstream(file.path) << text;
  options.insert({{"data", file.path}, {"target", "y"}});
  return options;
}

/// "usage: ..." or "data: ...": what loading the data complains of.
std::string complaint_about(const Texts& given) {
  try {
    load_linear_data(resolved(given));
  } catch (const UsageError& error) {
    return std::string("usage: ") + error.what();
  } catch (const std::runtime_error& error) {
    return std::string("data: ") + error.what();
  }
  return "no complaint";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("options: chosen and fallback texts are told apart") {
  OptionValues options;
  options.set("a", "1");
  options.set("b", "2", false);
  options.set("c", "", false);
  CHECK(options.chosen("a"));
  CHECK_FALSE(options.chosen("b"));
  CHECK_FALSE(options.chosen("nowhere"));
  CHECK(options.given("a"));
  CHECK(options.given("b"));
  CHECK_FALSE(options.given("c"));
  CHECK(options.text("b") == "2");
  CHECK(options.texts().size() == 3);
}

TEST_CASE("options: a later text replaces an earlier one") {
  OptionValues options = with("1");
  options.set("x", "2", false);
  CHECK(options.text("x") == "2");
  CHECK_FALSE(options.chosen("x"));
  CHECK(options.texts().size() == 1);
}

TEST_CASE("options: reading what was never declared is the programmer's mistake") {
  CHECK_THROWS_AS(with("1").text("y"), std::logic_error);
  CHECK_THROWS_AS(with("1").whole("y"), std::logic_error);
}

TEST_CASE("options: a flag is yes or not") {
  CHECK(with("yes").flag("x"));
  CHECK_FALSE(with("no").flag("x"));
  CHECK_THROWS_AS(with("true").flag("x"), UsageError);
}

TEST_CASE("options: whole numbers within their limits are read") {
  CHECK(with("1").whole("x") == 1);
  CHECK(with("0").whole("x", 0) == 0);
  CHECK(with("007").whole("x") == 7);
  CHECK(with("18446744073709551615").whole("x") == 18446744073709551615ULL);
  CHECK(with("10").whole("x", 10, 10) == 10);
}

TEST_CASE("options: what is no whole number is refused with the option, its text and the limits") {
  for (const char* text : {"", " ", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "five", "1k",
                           "18446744073709551616"}) {
    CAPTURE(text);
    CHECK(complaint([&] { with(text).whole("x"); }) ==
          std::string("--x: expected a whole number of at least 1, got '") + text + "'");
  }
  CHECK(complaint([] { with("0").whole("x"); }) ==
        "--x: expected a whole number of at least 1, got '0'");
  CHECK(complaint([] { with("11").whole("x", 2, 10); }) ==
        "--x: expected a whole number from 2 to 10, got '11'");
  CHECK(complaint([] { with("1").whole("x", 2, 10); }) ==
        "--x: expected a whole number from 2 to 10, got '1'");
}

TEST_CASE("options: real numbers within their limits are read, the limits included") {
  CHECK(with("0").real("x", 0, 1) == 0);
  CHECK(with("1").real("x", 0, 1) == 1);
  CHECK(with("2.5e-1").real("x", 0, 1) == 0.25);
  CHECK(with("+.5").real("x", 0, 1) == 0.5);
}

TEST_CASE("options: what is no real number within the limits is refused") {
  for (const char* text : {"", "-0.1", "1.1", "nan", "inf", "0,5", "half", "0.5 "}) {
    CAPTURE(text);
    CHECK(complaint([&] { with(text).real("x", 0, 1); }) ==
          std::string("--x: expected a number from 0 to 1, got '") + text + "'");
  }
}

TEST_CASE("options: a time is a number and its unit") {
  CHECK(std::abs(with("250ns").seconds("x") - 250e-9) < 1e-15 * 250e-9);
  CHECK(std::abs(with("50us").seconds("x") - 50e-6) < 1e-15 * 50e-6);
  CHECK(std::abs(with("2ms").seconds("x") - 2e-3) < 1e-15 * 2e-3);
  CHECK(with("1.5s").seconds("x") == 1.5);
  CHECK(std::abs(with("1e3us").seconds("x") - 1e-3) < 1e-15 * 1e-3);
  CHECK(with("0s").seconds("x") == 0);
}

TEST_CASE("options: a time without unit, without number or below 0 is refused") {
  for (const char* text : {"", "5", "s", "ms", "-1ms", "5 ms", "5m", "5min", "1e999s", "infs",
                           "nans", "5MS", "5sms"}) {
    CAPTURE(text);
    CHECK(complaint([&] { with(text).seconds("x"); }) ==
          std::string("--x: expected a time with its unit (50us, 2ms, 1.5s), got '") + text + "'");
  }
}

TEST_CASE("options: a size is a number and its unit, of 1000 or of 1024") {
  CHECK(with("0B").bytes("x") == 0);
  CHECK(with("64B").bytes("x") == 64);
  CHECK(with("3kB").bytes("x") == 3000);
  CHECK(with("3KB").bytes("x") == 3000);
  CHECK(with("3KiB").bytes("x") == 3072);
  CHECK(with("256MB").bytes("x") == 256'000'000);
  CHECK(with("64MiB").bytes("x") == 67'108'864);
  CHECK(with("1GB").bytes("x") == 1'000'000'000);
  CHECK(with("1GiB").bytes("x") == 1'073'741'824);
  CHECK(with("2TB").bytes("x") == 2'000'000'000'000);
  CHECK(with("2TiB").bytes("x") == 2'199'023'255'552);
  CHECK(with("1.5GB").bytes("x") == 1'500'000'000);
  CHECK(with("0.1kB").bytes("x") == 100);
  CHECK(with("9007199254740991B").bytes("x") == 9'007'199'254'740'991);
}

TEST_CASE("options: a size without unit, without number, below 0 or beyond 2^53 is refused") {
  for (const char* text : {"", "64", "MB", "iB", "-1MB", "64 MB", "64M", "64MiBB", "64mb", "64MIB",
                           "1e999MB", "infB", "nanB", "9007199254740992B", "8192TiB", "1e30GB"}) {
    CAPTURE(text);
    CHECK(complaint([&] { with(text).bytes("x"); }) ==
          std::string("--x: expected a size with its unit (64MiB, 256MB, 1.5GB), got '") + text +
              "'");
  }
}

TEST_CASE("options: a fraction is at least 0 and less than 1") {
  CHECK(with("0").fraction("x") == 0);
  CHECK(with("0.25").fraction("x") == 0.25);
  CHECK(with("1e-9").fraction("x") == 1e-9);
  CHECK(with("0.9999999999999999").fraction("x") < 1);
  for (const char* text : {"", "-0.1", "1", "1.0", "nan", "inf", "0,5", "5%"}) {
    CAPTURE(text);
    CHECK(complaint([&] { with(text).fraction("x"); }) ==
          std::string("--x: expected a number of at least 0 and less than 1, got '") + text + "'");
  }
}

TEST_CASE("options: a choice gives the place of its text among the allowed ones") {
  CHECK(with("a").choice("x", {"a", "b", "c"}) == 0);
  CHECK(with("c").choice("x", {"a", "b", "c"}) == 2);
  for (const char* text : {"", "d", "A", "ab"}) {
    CHECK(complaint([&] {
            with(text).choice("x", {"a", "b", "c"});
          }) == std::string("--x: expected a, b or c, got '") + text + "'");
  }
}

TEST_CASE("options: any_of lists names as people do") {
  CHECK(any_of({}).empty());
  CHECK(any_of({"a"}) == "a");
  CHECK(any_of({"a", "b"}) == "a or b");
  CHECK(any_of({"a", "b", "c", "d"}) == "a, b, c or d");
}

TEST_CASE("options: read_number takes the whole text or nothing") {
  double number = 0;
  CHECK((read_number("-2.5e3", number) && number == -2500));
  CHECK((read_number("+1.5", number) && number == 1.5));
  CHECK((read_number("0.1", number) && number == 0x1.999999999999ap-4));
  CHECK((read_number("5e-324", number) && number == 0x1p-1074));
  CHECK((read_number("1e-400", number) && number == 0));
  CHECK((read_number("-1e999", number) && number == -std::numeric_limits<double>::infinity()));
  for (const char* text : {"", "+", "-", ".", "+-1", "++1", " 1", "1 ", "1,5", "1x", "0x1p3"}) {
    CAPTURE(text);
    CHECK_FALSE(read_number(text, number));
  }
}

TEST_CASE("linear data: a column that repeats others to 6 decimals is loaded with a warning") {
  std::string csv = "a,b,c,other,y\n";
  for (int i = 1; i <= 40; ++i) {
    const double a = 100 * std::sqrt(i), b = 90 * std::cbrt(41 - i);
    char line[100];
    std::snprintf(line, sizeof line, "%.12g,%.12g,%.6f,%d,%d\n", a, b, a + b, i * i % 17,
                  i * i % 23);
    csv += line;
  }
  const DataSet data = load_linear_data(resolved(csv_file(csv)));
  REQUIRE(data.warnings.size() == 1);
  CHECK(contains(data.warnings[0], "'a', 'b', 'c' are nearly linearly dependent"));
}

TEST_CASE("linear data: data that cannot be fitted are refused, their columns named") {
  const Texts origin{{"no-intercept", "yes"}};
  struct Bad {
    std::string csv, message;
    Texts options;
  };
  for (const auto& [csv, message, options] : std::vector<Bad>{
           {"a,b,c,y\n1,5,6,1\n2,3,5,2\n3,9,12,2\n4,1,5,7\n5,0,5,1\n6,2,8,3\n",
            "columns 'a', 'b', 'c' are linearly dependent",
            {}},
           {"a,b,y\n1,5,1\n2,5,2\n3,5,2\n4,5,7\n", "column 'b' is the same in every row", {}},
           {"a,y\n1,4\n2,4\n3,4\n", "target 'y' is the same in every row (4)", {}},
           {"a,y\n1,0\n2,0\n3,0\n", "target 'y' is the same in every row (0)", origin},
           {"a,b,y\n1,2,3\n4,5,7\n", "more rows than coefficients, found 2 rows for 3 coeff", {}},
           {"a,y\n1,2\n4,5\n", "found 2 rows for 2 coefficients", {}},
           {"a,b,y\n1,0,1\n2,0,5\n3,0,2\n9,0,4\n", "column 'b' has only zeros", {}},
           {"a,y\n1,2\n3,x\n",
            ".csv:3:3: expected a finite number in column 'y', found 'x'",
            {}}}) {
    CAPTURE(message);
    const std::string found = complaint_about(csv_file(csv, options));
    CHECK(contains(found, "data: "));
    CHECK(contains(found, message));
  }
  CHECK(complaint_about(csv_file("a,y\n1,4\n2,4\n3,4\n", origin)) == "no complaint");
}

TEST_CASE("linear data: options that contradict each other or the data are refused by name") {
  const std::string csv = "a,b,y\n1,5,1\n2,5,2\n3,6,2\n4,5,7\n";
  const auto refuses = [&](const Texts& options, const std::string& message) {
    INFO(message);
    CHECK(contains(complaint_about(options), message));
  };
  refuses(csv_file(csv, {{"target", ""}}), "usage: --target: ");
  refuses(csv_file(csv, {{"target", "z"}}), "usage: --target: ");
  refuses(csv_file(csv, {{"target", "z"}}), "(a, b, y), got 'z'");
  refuses(csv_file(csv, {{"degree", "2"}}), "usage: --degree: expected one column");
  refuses(csv_file(csv, {{"degree", "0"}}), "usage: --degree: expected a whole number");
  refuses(csv_file(csv, {{"rows", "5"}}), "usage: --rows: ");
  refuses(csv_file(csv, {{"solver", "lu"}}), "usage: --solver: expected qr or normal-equations");
  refuses(csv_file("intercept,y\n1,2\n2,3\n3,5\n"), "column 'intercept' has the name of a result");
  refuses({{"target", "y"}}, "usage: --target: ");
  refuses({{"degree", "2"}}, "usage: --degree: ");
  refuses({{"features", "0"}}, "usage: --features: ");
  refuses({{"data", "/nowhere.csv"}, {"target", "y"}}, "data: /nowhere.csv: expected a CSV file");
}

TEST_CASE("options: microseconds are written with either of the letters that look like it") {
  CHECK(with("500us").seconds("x") == 500e-6);
  CHECK(with("500\u00b5s").seconds("x") == 500e-6);
  CHECK(with("500\u03bcs").seconds("x") == 500e-6);
  for (const char* text :
       {"500\u00b5", "500\u00b5m", "\u03bcs", "500\xb5s", "500 \u00b5s", "500Ms"}) {
    CAPTURE(text);
    CHECK_THAT(complaint([&] { with(text).seconds("x"); }), Contains("a time with its unit"));
  }
}

TEST_CASE("options: what was given is shown in one line, and cut") {
  CHECK_THAT(complaint([] { with("\x1b[2J\n").whole("x"); }), EndsWith("got '\\x1b[2J\\n'"));
  const std::string message = complaint([] { with(std::string(100000, '9')).whole("x"); });
  CHECK(message.size() < 400);
  CHECK_THAT(message, EndsWith("99... (100000 bytes)'"));
}
