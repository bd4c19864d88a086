#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// One field of a record.
struct CsvField {
  std::string_view text;  ///< without its quotes and the blanks around it
  std::size_t at;         ///< where in the record it begins
  bool quoted;
};

/// The fields of one record (RFC 4180): separated by `separator`, in quotes or not; two quotes
/// inside stand for one. With ' ' as separator any blanks between two fields are one.
class CsvFields {
 public:
  /// @param most  how many fields to keep: a line of nothing but separators has millions
  /// @returns where the record breaks the rule of quotes; npos: nowhere
  std::size_t split(std::string_view record, char separator, std::size_t most);

  /// Of a record that breaks the rule: it lacks a closing quote, rather than a separator behind
  /// one.
  bool lacks_quote() const { return lacks_quote_; }

  std::size_t count() const { return count_; }  ///< of the record, those not kept included
  std::size_t size() const { return fields_.size(); }
  /// Valid until the next record, as is the record's own text.
  const CsvField& operator[](std::size_t j) const { return fields_[j]; }
  /// The first field behind those kept that is not empty.
  const CsvField* beyond() const { return has_beyond_ ? &beyond_ : nullptr; }
  bool all_empty() const;

 private:
  std::vector<CsvField> fields_;
  std::string unescaped_;
  CsvField beyond_{};
  std::size_t count_ = 0;
  bool has_beyond_ = false;
  bool lacks_quote_ = false;
};

/// A line, or some where line breaks stand in quotes, without its end.
struct CsvRecord {
  std::string text;
  std::string name;      ///< of the input
  std::size_t line = 0;  ///< that it begins in, from 1

  /// Of this byte: "name:line:column". Cheap if `at` is not before that of the last call.
  std::string place(std::size_t at) const;

  /// @throws std::runtime_error "name:line:column: expected ..., found ..."
  [[noreturn]] void fail(std::size_t at, const std::string& expected,
                         const std::string& found) const;

  // What `place` knows already: up to `seen`, so many line breaks, and where the last line begins.
  mutable std::size_t seen = 0;
  mutable std::size_t breaks = 0;
  mutable std::size_t last_line = 0;
};

/// Reads records. What is in memory is one of them, and its length has a limit.
class CsvLines {
 public:
  static constexpr std::size_t longest = 16'000'000;  ///< record [bytes]

  CsvLines(std::istream& input, const std::string& name) : input_(input), name_(name) {}

  /// The first 64 KiB of the input, before any record is read. Skips a byte order mark.
  std::string_view beginning();

  /// Which characters separate fields, and so may stand before a quote that opens one.
  void set_separators(std::string_view separators) { separators_ = separators; }

  /// @returns false at the end of the input, with the line behind the last
  /// @throws std::runtime_error as CsvRecord::fail
  bool next(CsvRecord& record);

  std::size_t bytes() const { return bytes_; }  ///< of all records so far

 private:
  bool fill();
  bool append_line(CsvRecord& record);

  std::istream& input_;
  std::string name_;
  std::string separators_ = ",;\t|";
  std::string buffer_;
  std::size_t at_ = 0;     ///< in the buffer
  std::size_t lines_ = 0;  ///< so far
  std::size_t bytes_ = 0;
};

/// The separator that makes a table of these two records: as many fields in both, and the most
/// numbers in the second. Blanks only where that has nothing but numbers, and nothing else
/// separates; a comma where they do not.
char recognise_separator(std::string_view header, std::string_view row);

/// A short and printable piece of a field, in quotes.
std::string quoted_field(std::string_view text);

}  // namespace scalelab
