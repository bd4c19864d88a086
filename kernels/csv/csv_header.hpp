#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/csv/csv.hpp"
#include "kernels/csv/csv_lines.hpp"

namespace scalelab {

/// A column of a file, by its header.
struct CsvColumn {
  std::string name;   ///< empty: it has none
  std::string place;  ///< of that: name:line:column
  CsvUse use = CsvUse::read;
  bool has_to_be_empty = false;  ///< nobody has said what is in it
};

/// What header and first row tell together.
struct CsvHeader {
  char separator = ',';
  std::vector<CsvColumn> columns;
  std::size_t fewest_fields = 0;  ///< of a row: columns up to the last that has a name
  std::size_t bytes = 0;          ///< of the file, up to the first row
  bool has_row = false;           ///< there is a first row; it is in `row`
};

/// Reads the header of a file and its first row. @throws std::runtime_error as read_csv
CsvHeader read_csv_header(CsvLines& lines, CsvRecord& row, const CsvFormat& format);

/// @throws std::runtime_error if quotes are wrong
void split(const CsvRecord& record, char separator, std::size_t most, CsvFields& fields);

/// @throws std::runtime_error if this is a comment
void refuse_comment(const CsvRecord& record, const std::string& expected);

}  // namespace scalelab
