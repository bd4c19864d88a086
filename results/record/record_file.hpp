#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "kernels/descriptor.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// Where a run writes its lines: each with one `write`, so that a run that is killed leaves at most
/// one half of a line. One writer per file at a time.
class RecordFile {
 public:
  /// @param path  a file that ends in .jsonl, which is appended to (and made), or a folder (made if
  ///              need be) that gets a new file, named after the run
  /// @throws std::runtime_error naming --record and the file: it cannot be written, or another run
  ///         is writing to it
  RecordFile(const std::string& path, const Run& run);

  const std::string& path() const { return path_; }
  /// @param line  of to_json @throws std::runtime_error naming the file
  void write(const std::string& line);

 private:
  std::string path_;
  Descriptor file_;
};

/// Something in a file of records that is not as it should be, and what to do about it.
struct Finding {
  std::string file;
  std::size_t line;  ///< from 1; 0: the file as a whole
  std::string text;
  std::size_t count = 1;  ///< findings that it stands for
};

/// What is called for each good line, in the order of the lines. Those that are empty are not.
struct RecordHandlers {
  std::function<void(const Run&)> run = {};
  std::function<void(const Run&, const Repetition&)> repetition = {};
  std::function<void(const Run&, const Cost&)> cost = {};
  std::function<void(const Run&, const End&)> end = {};
  std::function<void(const Finding&)> finding = {};
};

/// Reads records, line by line, so that a folder of any size fits: of memory it takes what the
/// `run` lines hold. What is wrong becomes a finding and is left out; the rest is used.
/// @param paths  files; folders, of which all .jsonl files are read, in the order of their names;
///               "-": standard input
/// @throws std::runtime_error if a path does not exist or cannot be read
void read_records(const std::vector<std::string>& paths, const RecordHandlers& handlers);

}  // namespace scalelab
