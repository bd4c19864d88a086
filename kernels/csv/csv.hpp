#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace scalelab {

/// A table of finite numbers under a header, as read from a CSV file.
struct CsvTable {
  std::vector<std::string> header;           ///< names of the columns that were read
  std::vector<std::vector<double>> columns;  ///< one vector per name, all of the same length

  // How the file is written, and what was left out of it.
  char separator = ',';
  char decimal = '.';
  std::vector<std::size_t> unnamed;  ///< numbers, from 1, of columns left out: without a name
  bool has_index = false;            ///< the first of these has values
  /// A column that is 1, 2, ..., n or 0, 1, ..., n - 1 over all n rows of the file.
  struct RowNumbers {
    std::string name;
    std::size_t first;  ///< 0 or 1
  };
  std::vector<RowNumbers> row_numbers;  ///< as many columns as begin the table so
  std::vector<std::string> rounded;     ///< columns with whole numbers that no double is
  std::size_t grouped = 0;  ///< numbers that were read without the other mark between thousands
  /// Between semicolons, and where no point of the file is certainly a decimal one: a column whose
  /// numbers may as well have points between thousands.
  struct MayBeThousands {
    std::string name;
    std::string place;  ///< of the first such number: name:line:column
    std::string text;   ///< that
  };
  std::vector<MayBeThousands> may_be_thousands;
  std::vector<std::size_t> there;          ///< by column: numbers in the file, of dropped rows, too
  std::size_t file_rows = 0;               ///< those dropped included
  std::size_t dropped_rows = 0;            ///< that lack a value
  std::vector<std::size_t> dropped_lines;  ///< of the first few of these

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

/// What to do with a column.
enum class CsvUse { none, read, read_as_target };

/// How to read a file.
struct CsvFormat {
  char separator = '\0';  ///< ' ': any blanks; NUL: as the header and the first row tell
  /// '.' or ',', and the other one may stand between thousands; NUL: '.', but for unmistakable
  /// commas, and nothing stands there.
  char decimal = '\0';
  bool drop_missing = false;  ///< leave out rows that lack a value, instead of an error
  /// Says what to do with each of these columns; a name is empty where the header has none. Where
  /// there is somebody who chooses, messages name the options that help: --without, --na,
  /// --decimal. Empty: all are read. @throws any exception
  std::function<std::vector<CsvUse>(const std::vector<std::string>& names)> choose = {};
};

/// Separated values (RFC 4180): a header with different names, then one row per line; fields may be
/// quoted, and hold line breaks then; CRLF, spaces around fields, a byte order mark, separators
/// behind the last field and blank lines at the end are fine, and so is a first line "sep=;".
/// A column without a name is left out if it is the first, an index as R and pandas write it (also
/// where the header has no place for it), or if it is empty.
/// In names line breaks are blanks, other control characters are shown, and what is too long is
/// cut.
/// @param name  what messages call the input
/// @throws std::runtime_error "name:line:column: expected ..., found ..." for the first problem;
///         columns of words are named all at once. "name: expected CSV text, found ..." for a file
///         of another kind, or that never ends.
CsvTable read_csv(std::istream& input, const std::string& name, const CsvFormat& format = {});

/// @throws std::runtime_error also if the file cannot be opened, or is no file: a device, a pipe
CsvTable read_csv_file(const std::string& path, const CsvFormat& format = {});

/// How large a table will be, by the first of its rows and the size of the file.
struct CsvSize {
  std::uint64_t rows;
  std::size_t columns;  ///< that are read
};

/// @throws as read_csv_file
CsvSize foresee_csv_size(const std::string& path, const CsvFormat& format);

}  // namespace scalelab
