#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kernels/csv/csv_header.hpp"
#include "kernels/csv/csv_lines.hpp"

namespace scalelab {

/// What keeps a table from being one of numbers. It is told when enough of the file has been seen
/// to say what the matter is, and all columns of words at once: whoever has ten of them and is told
/// of one has to try ten times.
class CsvProblems {
 public:
  /// @param columns  of the file; they have to outlive this
  /// @param decimal  '.' or ',' as somebody has said, else NUL  @param advise  name the options
  /// that help
  CsvProblems(const std::vector<CsvColumn>& columns, char decimal, bool advise)
      : columns_(columns),
        decimal_(decimal),
        advise_(advise),
        numbers_(columns.size()),
        words_(columns.size()) {}

  void add_number(std::size_t column) { ++numbers_[column]; }
  void add_word(std::size_t column, const CsvField& field, const CsvRecord& row);
  void add_missing(std::size_t column, const CsvField& field, const CsvRecord& row);
  /// Rows without any value, the first of them here, and others behind them.
  void add_empty_row(const std::string& place, bool is_blank);
  /// A number with a decimal comma, or point, where nobody has said what it is.
  void add_comma(std::size_t column, const CsvField& field, const CsvRecord& row);
  void add_point(const CsvField& field);

  bool has_comma() const { return comma_.has_value(); }
  bool has_certain_point() const { return certain_point_; }

  /// There is what will be told.
  bool any() const { return failed_; }

  /// @throws std::runtime_error if there is a problem
  void tell() const;

 private:
  /// A field that cannot be used.
  struct Problem {
    std::string place;  ///< name:line:column
    std::size_t line = 0;
    std::string text;
    std::string column;
  };

  struct Words {
    std::size_t count = 0;
    std::optional<Problem> first = {};
  };

  Problem problem(std::size_t column, const CsvField& field, const CsvRecord& row) const;
  void tell_words() const;
  void tell_marks() const;
  std::string advice_on_number(const std::string& text) const;
  [[noreturn]] void fail(const Problem& problem, const std::string& advice) const;

  const std::vector<CsvColumn>& columns_;
  char decimal_;
  bool advise_;
  std::vector<std::size_t> numbers_;  ///< by column, as what follows
  std::vector<Words> words_;          ///< fields that are neither numbers nor missing
  std::optional<Problem> missing_;    ///< the first
  std::optional<std::string> empty_;  ///< the place of the first row without any value
  bool is_blank_ = false;
  std::optional<Problem> comma_;  ///< the first
  bool certain_comma_ = false;
  bool has_point_ = false;
  bool certain_point_ = false;
  bool failed_ = false;
};

}  // namespace scalelab
