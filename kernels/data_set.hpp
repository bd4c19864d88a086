#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace scalelab {

/// A read-only table of doubles, shared by all workers that share memory. Copying it copies a
/// pointer, not the values.
struct DataSet {
  std::string name;
  std::vector<std::string> columns;  ///< names; for linear models the last is the response
  std::size_t rows = 0;
  std::shared_ptr<const double[]> values;  ///< rows × columns.size(), column-major
  std::vector<std::string> warnings = {};  ///< what its user should know
  /// How a file was read, where that is not what everybody expects: what was left out of it.
  std::vector<std::string> notes = {};

  std::size_t size() const { return rows * columns.size(); }
  std::span<const double> column(std::size_t j) const { return {values.get() + j * rows, rows}; }
};

}  // namespace scalelab
