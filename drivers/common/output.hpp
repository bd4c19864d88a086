#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "drivers/common/board.hpp"
#include "kernels/kernel.hpp"
#include "results/record.hpp"

namespace scalelab {

/// What people see at the end of a run: a few lines of 80 columns at most.
std::string summary(const Run& run, const std::vector<Repetition>& repetitions);

/// The CSV file of --values: task and its values, 17 significant digits, a header.
class ValuesFile {
 public:
  /// Opens the file, so that a path that cannot be written is found before the first task.
  /// @throws std::runtime_error
  explicit ValuesFile(const std::string& path);
  void write(const Kernel& kernel, Board& board);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace scalelab
