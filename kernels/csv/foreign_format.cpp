#include "kernels/csv/foreign_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/csv/csv_numbers.hpp"

namespace scalelab {

namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view first_bytes;
  const char* what;
  const char* remedy;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"PK\x05\x06"sv, "an empty zip archive", "choose another file"},
      {"PK\x03\x04"sv, "a workbook of Excel or LibreOffice, or another zip archive",
       "save the sheet as CSV there, or unzip it"},
      {"\xD0\xCF\x11\xE0"sv, "a workbook of an older Excel", "save the sheet as CSV there"},
      {"\x1F\x8B"sv, "a file that gzip has compressed", "gunzip it first"},
      {"BZh91AY&SY"sv, "a file that bzip2 has compressed", "bunzip2 it first"},
      {"\xFD"
       "7zXZ\0"sv,
       "a file that xz has compressed", "unxz it first"},
      {"\x28\xB5\x2F\xFD"sv, "a file that zstd has compressed", "unzstd it first"},
      {"7z\xBC\xAF"sv, "a 7z archive", "unpack it first"},
      {"version https://git-lfs"sv, "a pointer of Git LFS in place of the data",
       "git lfs pull brings them"},
      {"/annex/objects/"sv, "a pointer of git-annex in place of the data",
       "git annex get brings them"},
      {"%PDF"sv, "a PDF", "a table in it has to be saved as CSV"},
      {"PAR1\x15"sv, "a Parquet file", "write it as CSV"},
      {"\x89HDF"sv, "an HDF5 file", "write its table as CSV"},
      {"SQLite format 3"sv, "an SQLite database", "write its table as CSV"},
      {"RDX2\n"sv, "data of R", "write.csv(table, file, row.names = FALSE) in R writes CSV"},
      {"RDX3\n"sv, "data of R", "write.csv(table, file, row.names = FALSE) in R writes CSV"},
      {"\x7F"
       "ELF"sv,
       "a program", "choose another file"},
  };
  return all;
}

/// The first text in small letters, without blanks before it.
std::string first_word(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? "" : in_small_letters(text.substr(begin, 20));
}

std::string iconv(const char* from, const std::string& name) {
  return fmt::format("save it as \"CSV UTF-8\", or: iconv -f {} -t UTF-8 '{}' > new.csv", from,
                     name);
}

/// Text of Western letters in two bytes each has a NUL in every other of them.
std::string wide_text(std::string_view text, const std::string& name) {
  if (text.starts_with("\xFF\xFE\0\0"sv) || text.starts_with("\0\0\xFE\xFF"sv)) {
    return "UTF-32 text: " + iconv("UTF-32", name);
  }
  if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) {
    return "UTF-16 text: " + iconv("UTF-16", name);
  }
  std::size_t nul[2] = {0, 0};
  const std::size_t pairs = std::min<std::size_t>(text.size(), 1000) / 2;
  for (std::size_t i = 0; i < 2 * pairs; ++i) nul[i % 2] += text[i] == '\0' ? 1 : 0;
  for (const std::size_t side : {0U, 1U}) {
    if (pairs > 1 && nul[side] > pairs * 3 / 4 && nul[1 - side] < pairs / 4) {
      return "UTF-16 text: " + iconv(side == 1 ? "UTF-16LE" : "UTF-16BE", name);
    }
  }
  return "";
}

/// How lines end, outside of quotes.
struct LineEnds {
  std::size_t cr = 0;      ///< alone
  std::size_t crcrlf = 0;  ///< CR CR LF
  std::size_t lf = 0;      ///< all with LF
};

LineEnds line_ends(std::string_view text) {
  LineEnds ends;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    quoted = quoted != (text[i] == '"');
    if (quoted) continue;
    ends.lf += text[i] == '\n' ? 1 : 0;
    ends.crcrlf += text.substr(i, 3) == "\r\r\n" ? 1 : 0;
    // One at the very end may be half of the end of a line.
    const bool alone = text[i] == '\r' && i + 1 < text.size() && text[i + 1] != '\n';
    ends.cr += alone && text.substr(i, 3) != "\r\r\n" ? 1 : 0;
  }
  return ends;
}

}  // namespace

std::string foreign_format(std::string_view beginning, const std::string& name) {
  const std::string wide = wide_text(beginning, name);
  if (!wide.empty()) return wide;
  for (const Format& format : formats()) {
    if (beginning.starts_with(format.first_bytes)) {
      return fmt::format("{}: {}", format.what, format.remedy);
    }
  }
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  const std::string word = first_word(beginning);
  // Of a table only a name can begin so, and nothing in it ends a tag.
  if (word.starts_with("<?xml")) return "XML: write its table as CSV";
  if (word.starts_with("<!doctype html") || word.starts_with("<html") ||
      (word.starts_with('<') && beginning.find("</") != std::string_view::npos)) {
    return "a web page: download the file itself (\"raw\"), not the page that shows it";
  }
  for (const char* json : {"{\"", "{\n", "{\r", "{ ", "[{", "[[", "[\n", "[ "}) {
    if (word.starts_with(json)) return "JSON: write its table as CSV";
  }
  const LineEnds ends = line_ends(beginning);
  if (ends.crcrlf > 0 && ends.crcrlf >= ends.lf) {
    return fmt::format(
        "lines that end with CR CR LF, made by two conversions: tr -d '\\r' < '{}' > new.csv",
        name);
  }
  const std::size_t cr = beginning.find('\r');
  const bool no_lf = beginning.find('\n') == std::string_view::npos &&
                     cr != std::string_view::npos && cr + 1 < beginning.size();
  if (no_lf || (ends.cr > 0 && ends.cr >= ends.lf)) {
    return fmt::format(
        "lines that end with CR alone, as of old Macs: tr '\\r' '\\n' < '{}' > new.csv", name);
  }
  const auto nul = std::count(beginning.begin(), beginning.end(), '\0');
  if (static_cast<std::size_t>(nul) > beginning.size() / 20) {
    return "bytes that are no text (NUL): choose another file";
  }
  return "";
}

}  // namespace scalelab
