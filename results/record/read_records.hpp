#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

/// Something in a file of records that is not as it should be, and what to do about it.
struct Finding {
  std::string file;
  std::size_t line;  ///< from 1; 0: the file as a whole
  std::string text;
  std::size_t count = 1;  ///< findings that it stands for
};

/// "records.jsonl:12: cut off, as by a kill: skipped"
std::string text_of(const Finding& finding);

/// What is called for each good line, in the order of the lines. Those that are empty are not.
struct RecordHandlers {
  /// The file, as messages call it, that what follows is from.
  std::function<void(const std::string& file)> file = {};
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
