#include "kernels/linear_models/csv.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <istream>
#include <stdexcept>
#include <system_error>
#include <unordered_set>

#include "kernels/options.hpp"

namespace scalelab {

namespace {

struct Field {
  std::string text;
  std::size_t column;  ///< of its first character, from 1
};

class CsvReader {
 public:
  CsvReader(std::istream& input, const std::string& name) : input_(input), name_(name) {}

  CsvTable read() {
    if (!next_line()) fail(1, "a header with the names of the columns", "an empty file");
    CsvTable table;
    table.header = header();
    table.columns.resize(table.header.size());
    while (next_line()) {
      if (blank(line_)) {
        expect_no_more();
        break;
      }
      const std::vector<Field> row = split();
      if (row.size() != table.header.size()) {
        fail(row.size() < table.header.size() ? line_.size() + 1 : row[table.header.size()].column,
             fmt::format("{} fields as in the header", table.header.size()),
             fmt::format("{}", row.size()));
      }
      for (std::size_t j = 0; j < row.size(); ++j) {
        table.columns[j].push_back(number(row[j], table.header[j]));
      }
    }
    if (input_.bad()) fail(1, "a file that can be read", "a read error");
    if (table.rows() == 0) {
      ++line_number_;
      fail(1, "at least one row of numbers", "the end of the file");
    }
    return table;
  }

 private:
  [[noreturn]] void fail(std::size_t column, const std::string& expected,
                         const std::string& found) const {
    throw std::runtime_error(fmt::format("{}:{}:{}: expected {}, found {}", name_,
                                         std::max<std::size_t>(line_number_, 1), column, expected,
                                         found));
  }

  static bool blank(const std::string& text) {
    return text.find_first_not_of(" \t") == std::string::npos;
  }

  /// A short, printable piece of the input for a message.
  static std::string quoted(std::string text) {
    if (text.empty()) return "an empty field";
    if (text.size() > 40) text = text.substr(0, 37) + "...";
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return "'" + text + "'";
  }

  bool next_line() {
    if (!std::getline(input_, line_)) return false;
    ++line_number_;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (line_number_ == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
    return true;
  }

  void expect_no_more() {
    const std::size_t blank_line = line_number_;
    while (next_line()) {
      if (blank(line_)) continue;
      line_number_ = blank_line;
      fail(1, "a row of numbers", "a blank line");
    }
  }

  std::vector<Field> split() const {
    std::vector<Field> fields;
    std::size_t at = 0;
    for (;;) {
      fields.push_back(field(at));
      if (at == line_.size()) return fields;
      ++at;  // the comma
    }
  }

  /// Reads one field and leaves `at` on the comma behind it or at the end of the line.
  Field field(std::size_t& at) const {
    const auto space = [&](std::size_t i) { return line_[i] == ' ' || line_[i] == '\t'; };
    while (at < line_.size() && space(at)) ++at;
    Field field{"", at + 1};
    if (at < line_.size() && line_[at] == '"') {
      for (++at;; ++at) {
        if (at == line_.size()) fail(field.column, "a closing quote on the same line", "none");
        if (line_[at] == '"') {
          if (at + 1 == line_.size() || line_[at + 1] != '"') break;
          ++at;  // two quotes stand for one
        }
        field.text += line_[at];
      }
      for (++at; at < line_.size() && space(at);) ++at;
      if (at < line_.size() && line_[at] != ',') {
        fail(at + 1, "a comma behind the closing quote", quoted(line_.substr(at, 1)));
      }
      return field;
    }
    const std::size_t begin = at;
    while (at < line_.size() && line_[at] != ',') ++at;
    std::size_t end = at;
    while (end > begin && space(end - 1)) --end;
    field.text = line_.substr(begin, end - begin);
    return field;
  }

  std::vector<std::string> header() const {
    std::vector<std::string> names;
    std::unordered_set<std::string> seen;
    bool only_numbers = true;
    for (const Field& field : split()) {
      if (field.text.empty()) fail(field.column, "the name of a column", "an empty field");
      if (!seen.insert(field.text).second) {
        fail(field.column, "different names of columns", quoted(field.text) + " twice");
      }
      double ignored = 0;
      only_numbers = only_numbers && read_number(field.text, ignored);
      names.push_back(field.text);
    }
    if (names.size() == 1 && names.front().find_first_of(";\t") != std::string::npos) {
      fail(1, "names separated by commas", quoted(names.front()));
    }
    if (only_numbers) fail(1, "a header with the names of the columns", "numbers");
    return names;
  }

  double number(const Field& field, const std::string& column_name) const {
    double value = 0;
    if (!read_number(field.text, value) || !std::isfinite(value)) {
      fail(field.column, fmt::format("a finite number in column '{}'", column_name),
           quoted(field.text));
    }
    return value;
  }

  std::istream& input_;
  const std::string& name_;
  std::string line_;
  std::size_t line_number_ = 0;
};

}  // namespace

CsvTable read_csv(std::istream& input, const std::string& name) {
  return CsvReader(input, name).read();
}

CsvTable read_csv_file(const std::string& path) {
  std::error_code unknown;  // what else is wrong with the path, opening it will tell
  if (std::filesystem::is_directory(path, unknown)) {
    throw std::runtime_error(path + ": expected a CSV file, found a folder");
  }
  std::ifstream input(path, std::ios::binary);
  if (!input) {
    throw std::runtime_error(fmt::format("{}: expected a CSV file that can be read: {}", path,
                                         std::generic_category().message(errno)));
  }
  return read_csv(input, path);
}

}  // namespace scalelab
