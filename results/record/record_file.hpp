#pragma once

#include <string>

#include "kernels/file_descriptor.hpp"
#include "results/record/pipes.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// Where a run writes its lines: each with one `write`, so that a run that is killed leaves at most
/// one half of a line. One writer per file at a time.
class RecordFile {
 public:
  /// @param path  a file that ends in .jsonl, which is appended to (and made), or a folder (made if
  ///              need be) that gets a new file, named after the run
  /// @param give_up  of a named pipe: whether to wait no more until somebody reads it
  /// @throws std::runtime_error naming --record and the file: it cannot be written, or another run
  ///         is writing to it; std::system_error of std::errc::operation_canceled: it was given up
  RecordFile(const std::string& path, const Run& run, GiveUp give_up = {});

  const std::string& path() const { return path_; }
  /// @param line  of to_json @throws as the constructor
  void write(const std::string& line);

 private:
  std::string path_;
  GiveUp give_up_;
  FileDescriptor file_;
};

}  // namespace scalelab
