#pragma once

#include <string>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/output/output_file.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// The CSV file of --values: task and its values, 17 significant digits, a header.
class ValuesFile {
 public:
  /// @throws std::runtime_error
  ValuesFile(const std::string& path, const Kernel& kernel);
  void write(Board& board);

 private:
  void write_header();

  std::vector<std::string> columns_;
  OutputFile file_;
};

}  // namespace scalelab
