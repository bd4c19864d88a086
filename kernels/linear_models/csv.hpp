#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace scalelab {

/// A table of finite numbers under a header, as read from a CSV file.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<double>> columns;  ///< one vector per name, all of the same length

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

/// Comma-separated values (RFC 4180): a header with different names, then one row per line; fields
/// may be quoted; CRLF, spaces around fields, a byte order mark and blank lines at the end are
/// fine.
/// @param name  what messages call the input
/// @throws std::runtime_error "name:line:column: expected ..., found ..." for the first problem
CsvTable read_csv(std::istream& input, const std::string& name);

/// @throws std::runtime_error also if the file cannot be opened
CsvTable read_csv_file(const std::string& path);

}  // namespace scalelab
