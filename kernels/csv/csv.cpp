#include "kernels/csv/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <istream>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "kernels/csv/csv_header.hpp"
#include "kernels/csv/csv_lines.hpp"
#include "kernels/csv/csv_names.hpp"
#include "kernels/csv/csv_numbers.hpp"
#include "kernels/csv/csv_problems.hpp"
#include "kernels/csv/foreign_format.hpp"
#include "kernels/printable.hpp"

namespace scalelab {

namespace {

/// So many rows are searched for more of the kind once one cannot be used.
constexpr std::size_t rows_behind_problem = 10'000;

/// Of dropped rows so many are told by their line.
constexpr std::size_t most_lines = 5;

/// Of a column.
struct Numbers {
  double first = 0;
  bool count_rows = true;  ///< from 0 or 1 on
  bool rounded = false;    ///< some of them, as no double is so large and so exact

  std::size_t there = 0;
  std::string first_point;        ///< the first number with a point
  std::string place_of_point;     ///< where that is
  bool grouped_by_points = true;  ///< as thousands would be, all of them
};

class CsvReader {
 public:
  CsvReader(std::istream& input, const std::string& name, const CsvFormat& format)
      : format_(format), lines_(input, name) {
    const std::string other = foreign_format(lines_.beginning(), name);
    if (!other.empty()) {
      throw std::runtime_error(fmt::format("{}: expected CSV text, found {}", name, other));
    }
    header_ = read_csv_header(lines_, row_, format);
    problems_.emplace(header_.columns, format.decimal, static_cast<bool>(format.choose));
  }

  CsvTable read(std::uint64_t rows_to_expect) {
    numbers_.resize(header_.columns.size());
    for (const CsvColumn& column : header_.columns) {
      if (column.use == CsvUse::none) continue;
      table_.header.push_back(column.name);
      table_.columns.emplace_back().reserve(rows_to_expect);
    }
    bool any = header_.has_row;
    for (std::size_t behind = 0; any && behind < rows_behind_problem; any = lines_.next(row_)) {
      read_row();
      behind += problems_->any() ? 1 : 0;
    }
    problems_->tell();
    if (table_.rows() == 0) fail_without_rows();
    table_.separator = header_.separator;
    table_.decimal = format_.decimal == ',' || problems_->has_comma() ? ',' : '.';
    find_row_numbers();
    find_thousands();
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      if (header_.columns[j].name.empty()) table_.unnamed.push_back(j + 1);
      if (numbers_[j].rounded) table_.rounded.push_back(header_.columns[j].name);
      if (header_.columns[j].use != CsvUse::none) table_.there.push_back(numbers_[j].there);
    }
    return std::move(table_);
  }

  CsvSize foresee(std::uint64_t file_bytes) {
    CsvSize size{0, 0};
    for (const CsvColumn& column : header_.columns) {
      size.columns += column.use == CsvUse::none ? 0 : 1;
    }
    std::size_t bytes = 0;  // of the rows that have been seen
    bool any = header_.has_row;
    while (any && (bytes < 1'000'000 || size.rows == 0)) {
      size.rows += is_blank(row_.text) ? 0 : 1;
      bytes = lines_.bytes() - header_.bytes;
      any = lines_.next(row_);
    }
    if (any && size.rows > 0) {
      const double each = static_cast<double>(bytes) / static_cast<double>(size.rows);
      const auto all = static_cast<double>(file_bytes - std::min(file_bytes, header_.bytes));
      size.rows = std::max(size.rows, static_cast<std::uint64_t>(all / each) + 1);
    }
    return size;
  }

 private:
  /// A line with nothing in it is no row.
  bool is_blank(const std::string& text) const {
    return text.find_first_not_of(" \t") == std::string::npos ||
           text.find_first_not_of(std::string(" \t") + header_.separator) == std::string::npos;
  }

  [[noreturn]] void fail_without_rows() const {
    if (table_.dropped_rows == 0) {
      row_.fail(0, "at least one row of numbers", "the end of the file");
    }
    const std::string found = "the end of the file";
    row_.fail(0, "at least one row without a missing value",
              format_.choose ? found + advice_on_lack() : found);
  }

  /// What to leave out where every row lacks a value: columns without any, or else that which lacks
  /// the most.
  std::string advice_on_lack() const {
    std::vector<std::string> empty;
    std::size_t most = header_.columns.size();
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      const CsvColumn& column = header_.columns[j];
      if (column.use == CsvUse::none) continue;
      if (column.use == CsvUse::read_as_target) {
        if (numbers_[j].there > 0) continue;
        return fmt::format(": the target, column '{}', has no value at all", column.name);
      }
      if (numbers_[j].there == 0) empty.push_back(column.name);
      if (most == header_.columns.size() || numbers_[j].there < numbers_[most].there) most = j;
    }
    if (most == header_.columns.size()) return "";
    const std::string& name = header_.columns[most].name;
    if (empty.empty()) {
      return fmt::format(": column '{}' has values in {} of {} rows only (--without {})", name,
                         numbers_[most].there, table_.file_rows, as_csv_list({name}));
    }
    const std::string list = as_csv_list(empty);
    std::vector<std::string> quoted;
    for (const std::string& column : empty) quoted.push_back("'" + column + "'");
    return fmt::format(": column{} {} {} no value at all (--without {})",
                       empty.size() == 1 ? "" : "s", some_of(quoted),
                       empty.size() == 1 ? "has" : "have",
                       list.size() > 300 ? "leaves out columns" : list);
  }

  void read_row() {
    split(row_, header_.separator, header_.columns.size(), fields_);
    if (fields_.all_empty()) return hold_back_empty_row();  // at the end of a file it is nothing
    if (empty_rows_ > 0) take_empty_rows();
    require_fields();

    bool lacks = false;
    values_.clear();
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      const CsvColumn& column = header_.columns[j];
      if (column.use != CsvUse::none) {
        lacks = !read_field(fields_[j], j) || lacks;
      } else if (column.name.empty() && j < fields_.size() && !fields_[j].text.empty()) {
        if (column.has_to_be_empty) {
          throw std::runtime_error(column.place +
                                   ": expected the name of a column, found an empty field");
        }
        table_.has_index = table_.has_index || j == 0;
      }
    }
    ++table_.file_rows;
    if (lacks) return drop(row_.line);
    if (problems_->any()) return;
    for (std::size_t j = 0; j < values_.size(); ++j) table_.columns[j].push_back(values_[j]);
  }

  void hold_back_empty_row() {
    if (empty_rows_ == 0) {
      first_empty_ = row_.place(0);
      first_is_blank_ = fields_.count() == 1 && !fields_[0].quoted;
    }
    if (empty_lines_.size() < most_lines) empty_lines_.push_back(row_.line);
    ++empty_rows_;
  }

  void take_empty_rows() {
    if (!format_.drop_missing) problems_->add_empty_row(first_empty_, first_is_blank_);
    for (std::size_t i = 0; i < empty_rows_; ++i) {
      drop(i < empty_lines_.size() ? empty_lines_[i] : 0);
    }
    table_.file_rows += empty_rows_;
    for (Numbers& numbers : numbers_) numbers.count_rows = false;
    empty_rows_ = 0;
    empty_lines_.clear();
  }

  void drop(std::size_t line) {
    ++table_.dropped_rows;
    if (table_.dropped_lines.size() < most_lines) table_.dropped_lines.push_back(line);
  }

  void require_fields() {
    const std::size_t there = fields_.count();
    if (there >= header_.fewest_fields && fields_.beyond() == nullptr) return;
    problems_->tell();  // what comes first is told first
    refuse_comment(row_, "a row of numbers");
    row_.fail(fields_.beyond() == nullptr ? row_.text.size() : fields_.beyond()->at,
              fmt::format("{} fields as in the header", header_.columns.size()),
              fmt::format("{}", there));
  }

  /// @returns false if there is no number
  bool read_field(const CsvField& field, std::size_t j) {
    Numbers& numbers = numbers_[j];
    double value = 0;
    if (read_number(field, j, value) && std::isfinite(value)) {
      if (table_.file_rows == 0) numbers.first = value;
      numbers.count_rows = numbers.count_rows && (numbers.first == 0 || numbers.first == 1) &&
                           value == numbers.first + static_cast<double>(table_.file_rows);
      numbers.rounded = numbers.rounded || is_rounded(field.text, value);
      note_point(field, numbers);
      ++numbers.there;
      problems_->add_number(j);
      values_.push_back(value);
      return true;
    }
    numbers.count_rows = false;
    if (!is_missing(field.text)) {
      problems_->add_word(j, field, row_);
    } else if (!format_.drop_missing) {
      problems_->add_missing(j, field, row_);
    }
    return false;
  }

  /// As long as nobody has said which, a number has a point or a comma.
  bool read_number(const CsvField& field, std::size_t j, double& value) {
    if (format_.decimal != '\0') {
      if (read_csv_number(field.text, format_.decimal, value)) return true;
      const bool grouped = read_grouped_number(field.text, format_.decimal, value);
      table_.grouped += grouped ? 1 : 0;
      return grouped;
    }
    if (read_csv_number(field.text, '.', value)) {
      if (field.text.find('.') != std::string_view::npos) problems_->add_point(field);
      return true;
    }
    if (header_.separator == ',' || !read_csv_number(field.text, ',', value)) return false;
    problems_->add_comma(j, field, row_);
    return true;
  }

  /// Only between semicolons: they stand where the comma is the decimal mark.
  void note_point(const CsvField& field, Numbers& numbers) {
    if (header_.separator != ';' || format_.decimal != '\0' || !numbers.grouped_by_points) return;
    numbers.grouped_by_points = !has_ungrouped_thousands(field.text);
    if (!numbers.first_point.empty() || field.text.find('.') == std::string_view::npos) return;
    numbers.first_point = field.text.substr(0, 40);
    numbers.place_of_point = row_.place(field.at);
  }

  void find_thousands() {
    if (problems_->has_certain_point()) return;
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      const Numbers& numbers = numbers_[j];
      if (numbers.first_point.empty() || !numbers.grouped_by_points) continue;
      table_.may_be_thousands.push_back(
          {header_.columns[j].name, numbers.place_of_point, numbers.first_point});
    }
  }

  void find_row_numbers() {
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      const CsvColumn& column = header_.columns[j];
      if (column.use == CsvUse::none) continue;
      const bool counts = numbers_[j].count_rows && table_.file_rows > 2;
      if (column.use == CsvUse::read_as_target || !counts) return;
      table_.row_numbers.push_back({column.name, numbers_[j].first == 0 ? 0U : 1U});
    }
  }

  const CsvFormat& format_;
  CsvLines lines_;
  CsvRecord row_;
  CsvHeader header_;
  std::optional<CsvProblems> problems_;
  CsvFields fields_;
  CsvTable table_;
  std::vector<double> values_;    ///< of a row
  std::vector<Numbers> numbers_;  ///< by column of the file

  // Rows without any value that have not been followed by others yet.
  std::size_t empty_rows_ = 0;
  std::vector<std::size_t> empty_lines_;  ///< of the first few
  std::string first_empty_;               ///< its place
  bool first_is_blank_ = false;
};

/// @throws std::runtime_error
std::ifstream open_file(const std::string& path) {
  std::error_code unknown;  // what else is wrong with the path, opening it will tell
  const auto type = std::filesystem::status(path, unknown).type();
  using Type = std::filesystem::file_type;
  if (type == Type::directory) {
    throw std::runtime_error(path + ": expected a CSV file, found a folder");
  }
  // These may never end, or never begin, and what they take is not known before.
  if (type == Type::fifo || type == Type::character || type == Type::block ||
      type == Type::socket) {
    throw std::runtime_error(
        fmt::format("{}: expected a CSV file, found a {}: write its data to a file first", path,
                    type == Type::fifo     ? "pipe"
                    : type == Type::socket ? "socket"
                                           : "device"));
  }
  std::ifstream input(path, std::ios::binary);
  if (!input) {
    throw std::runtime_error(fmt::format("{}: expected a CSV file that can be read: {}", path,
                                         std::generic_category().message(errno)));
  }
  return input;
}

std::uint64_t size_of(const std::string& path) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  return unknown ? 0 : size;
}

}  // namespace

CsvTable read_csv(std::istream& input, const std::string& name, const CsvFormat& format) {
  return CsvReader(input, name, format).read(0);
}

CsvTable read_csv_file(const std::string& path, const CsvFormat& format) {
  try {
    const CsvSize size = foresee_csv_size(path, format);
    std::ifstream input = open_file(path);
    return CsvReader(input, path, format).read(size.rows);
  } catch (const std::bad_alloc&) {
    throw std::runtime_error(path + ": expected a table that fits into memory, found a larger one");
  }
}

CsvSize foresee_csv_size(const std::string& path, const CsvFormat& format) {
  std::ifstream input = open_file(path);
  return CsvReader(input, path, format).foresee(size_of(path));
}

}  // namespace scalelab
