#pragma once

#include <string>
#include <vector>

#include "drivers/common/board.hpp"
#include "kernels/kernel.hpp"
#include "results/record.hpp"

namespace scalelab {

/// What people see at the end of a run: a few lines of 80 columns at most.
std::string summary(const Run& run, const std::vector<Repetition>& repetitions);

/// The CSV file of --values, or standard output for "-": task and its values, 17 significant
/// digits, a header.
class ValuesFile {
 public:
  /// Tries the path, so that one that cannot be written is found before the first task. What the
  /// file held stays until `write`.
  /// @param data  path of the file with the data, which must not be overwritten
  /// @throws UsageError, std::runtime_error
  ValuesFile(const std::string& path, const std::string& data);
  void write(const Kernel& kernel, Board& board);

 private:
  std::string path_;
};

}  // namespace scalelab
