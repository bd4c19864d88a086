// What is no CSV, or never ends, and what is said of it.
#include "kernels/csv/foreign_format.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "kernels/csv/csv.hpp"
#include "kernels/csv/csv_lines.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using namespace std::string_literals;

std::string complaint_about(std::istream& input) {
  try {
    read_csv(input, "t.csv");
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no complaint";
}

std::string complaint_about_file(const std::string& path) {
  try {
    read_csv_file(path);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no complaint";
}

/// x, y in two bytes each.
std::string wide(const std::string& text, bool low_first) {
  std::string result;
  for (const char c : text) result += low_first ? ""s + c + '\0' : "\0"s + c;
  return result;
}

/// A text again and again, without an end.
class Endless : public std::streambuf {
 public:
  explicit Endless(std::string text) : text_(std::move(text)) {}

 private:
  int_type underflow() override {
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
  }
  std::string text_;
};

}  // namespace

TEST_CASE("csv: a file of another kind is named, with what to do") {
  for (const auto& [beginning, what, remedy] : std::vector<std::array<std::string, 3>>{
           {"\xFF\xFE" + wide("x,y\r\n1,2\r\n", true), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
           {"\xFE\xFF" + wide("x,y\n1,2\n", false), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
           {wide("x,y\n1,2\n", true), "UTF-16 text", "iconv -f UTF-16LE"},
           {wide("x,y\n1,2\n", false), "UTF-16 text", "iconv -f UTF-16BE"},
           {"\xFF\xFE\0\0x\0\0\0"s, "UTF-32 text", "iconv -f UTF-32"},
           {"x,y\r1,2\r3,4\r", "lines that end with CR alone",
            "tr '\\r' '\\n' < 'my file' > new.csv"},
           {"x,y\r1,2\r3,4\n", "lines that end with CR alone", "tr '\\r' '\\n' "},
           {"x,y\n1,2\r3,4\r5,6\r\n", "lines that end with CR alone", "tr '\\r' '\\n' "},
           {"x,y\r1,2\n", "lines that end with CR alone", "tr '\\r' '\\n' "},
           {"x,y\r\r\n1,2\r\r\n", "lines that end with CR CR LF",
            "tr -d '\\r' < 'my file' > new.csv"},
           {"PK\x03\x04\x14\0\x06"s, "a workbook of Excel or LibreOffice", "save the sheet as CSV"},
           {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an older Excel", "save the sheet as CSV"},
           {"\x1F\x8B\x08\0"s, "gzip has compressed", "gunzip"},
           {"BZh91AY&SY", "bzip2 has compressed", "bunzip2"},
           {"\xFD"
            "7zXZ\0\0"s,
            "xz has compressed", "unxz"},
           {"\x28\xB5\x2F\xFD$", "zstd has compressed", "unzstd"},
           {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "a pointer of Git LFS", "git lfs pull"},
           {"/annex/objects/MD5E-s123--abc.csv\n", "a pointer of git-annex", "git annex get"},
           {"PK\x05\x06" + std::string(18, '\0'), "an empty zip archive", "another file"},
           {"<div class=\"x\">404: Not Found</div>\n", "a web page", "raw"},
           {"<!-- x -->\n<html></html>", "a web page", "raw"},
           {"\n<!DOCTYPE html>\n<html lang=en>", "a web page", "raw"},
           {"\xEF\xBB\xBF<HTML><head>", "a web page", "raw"},
           {"<?xml version=\"1.0\"?>", "XML", "as CSV"},
           {"[\n {\"x\": 1}]", "JSON", "as CSV"},
           {"{\"x\": [1, 2]}", "JSON", "as CSV"},
           {"%PDF-1.7\n", "a PDF", "as CSV"},
           {"PAR1\x15", "Parquet", "as CSV"},
           {"\x7F"
            "ELF\x02\x01",
            "a program", "another file"},
           {std::string(5000, '\0'), "no text (NUL)", "another file"}}) {
    CAPTURE(what);
    const std::string found = foreign_format(beginning, "my file");
    CHECK(found.find(what) != std::string::npos);
    CHECK(found.find(remedy) != std::string::npos);
    std::istringstream input(beginning);
    CHECK(complaint_about(input).starts_with("t.csv: expected CSV text, found "));
  }
}

TEST_CASE("csv: what may be CSV is not taken for anything else") {
  for (const std::string& beginning :
       {"x,y\n1,2\n"s, "x,y\r\n1,2\r\n"s, "[mm],y\n1,2\n"s, "<x>,y\n1,2\n"s, "PK,y\n1,2\n"s,
        "x\xE4,y\n1,2\n"s, "x"s, ""s, "BZ,y\n"s, "\"a\rb\",y\n1,2\n"s, "x,y\n1,\"a\rb\rc\rd\"\n"s,
        "x,y\n1,a\rb\n2,c\n"s, "x" + "\0"s + ",y\n" + std::string(500, '1')}) {
    CAPTURE(beginning);
    CHECK(foreign_format(beginning, "f").empty());
  }
}

TEST_CASE("csv: a comment is not a header, and a name may begin with #") {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"# measured\nx,y\n1,2\n",
            "t.csv:1:1: expected a header with the names of the columns, found a comment, '# "
            "measured': remove the lines that begin with #"},
           {"# a, b and c\nx,y\n1,2\n", "t.csv:1:1: expected a header"},
           {"// a, b and c\nx,y\n1,2\n", "t.csv:1:1: expected a header"},
           {"% made by\nx,y\n1,2\n", "t.csv:1:1: expected a header"},
           {"x,y\n1,2\n# end\n", "t.csv:3:1: expected a row of numbers, found a comment"}}) {
    CAPTURE(text);
    std::istringstream input(text);
    CHECK(complaint_about(input).starts_with(message));
  }
  std::istringstream input("#,y\n1,2\n2,3\n");
  CHECK(read_csv(input, "t.csv").header == std::vector<std::string>{"#", "y"});
  std::istringstream numpy("# x,y\n1.5,2\n2,3\n");  // as numpy.savetxt writes it
  CHECK(read_csv(numpy, "t.csv").header == std::vector<std::string>{"# x", "y"});
}

TEST_CASE("csv: what never ends is refused before it has taken much") {
  for (const std::string text : {"a", ",", "\"", "\"x", ",\"\"", ";\t"}) {
    CAPTURE(text);
    Endless endless(std::string(1000, ' ') + text);
    std::istream input(&endless);
    const std::string complaint = complaint_about(input);
    CHECK(complaint.starts_with("t.csv:1:"));
    CHECK(((complaint.find("expected lines of at most 16 MB, found a longer one") !=
            std::string::npos) ||
           (complaint.find("expected a closing quote, found none") != std::string::npos)));
  }
  std::istringstream many(std::string(100'001, ',') + "\n1\n");
  CHECK(complaint_about(many) == "t.csv:1:1: expected at most 100000 columns, found 100002");
  std::istringstream row("a,b\n1,2" + std::string(5'000'000, ',') + "3\n");
  CHECK(complaint_about(row).ends_with(
      ":2:5000004: expected 2 fields as in the header, found 5000002"));
}

TEST_CASE("foreign format: a header may begin with the letters of another format, or end a block") {
  for (const char* header : {"RDX,TNT,depth\n1,2,3\n", "PAR1,PAR2,y\n1,2,3\n", "BZh,y\n1,2\n"}) {
    CHECK(foreign_format(header, "f.csv").empty());
  }
  CHECK(foreign_format(std::string(65'535, 'a') + "\r", "f.csv").empty());  // \n is in the next
  CHECK_FALSE(foreign_format("a,y\r1,2\r", "f.csv").empty());
}

TEST_CASE("csv: devices and pipes are refused by name, and nobody waits for them") {
  CHECK(complaint_about_file("/dev/zero") ==
        "/dev/zero: expected a CSV file, found a device: write its data to a file first");
  const auto pipe =
      std::filesystem::temp_directory_path() / ("scalelab-pipe-" + std::to_string(getpid()));
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(complaint_about_file(pipe.string()) ==
        pipe.string() + ": expected a CSV file, found a pipe: write its data to a file first");
  std::filesystem::remove(pipe);
  if (std::filesystem::exists("/proc/self/mem")) {
    CHECK(complaint_about_file("/proc/self/mem")
              .starts_with("/proc/self/mem: expected a file that can be read"));
  }
}
