#pragma once

#include <string>
#include <vector>

#include "drivers/common/board.hpp"
#include "drivers/common/output_file.hpp"
#include "kernels/kernel.hpp"
#include "results/record.hpp"

namespace scalelab {

/// What people see at the end of a run: a few lines of 80 columns at most.
std::string summary(const Run& run, const std::vector<Repetition>& repetitions);

/// The CSV file of --values: task and its values, 17 significant digits, a header.
class ValuesFile {
 public:
  /// @param data  path of the file with the data, which must not be overwritten
  /// @throws UsageError, std::runtime_error
  ValuesFile(const std::string& path, const std::string& data, const Kernel& kernel);
  void write(Board& board);

 private:
  void write_header();

  std::vector<std::string> columns_;
  OutputFile file_;
};

}  // namespace scalelab
