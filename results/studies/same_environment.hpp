#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "results/record/record.hpp"

namespace scalelab {

/// Finds out whether all runs come from the same environment, as of record/identity.hpp.
class SameEnvironment {
 public:
  /// @param merged  fields that may differ
  explicit SameEnvironment(std::set<std::string> merged) : merged_(std::move(merged)) {}

  /// @param file  that its record is in
  void add(const Run& run, const std::string& file);

  /// "cpu: 'A' (host1), 'B' (host2); commit: '1a2b' (one.jsonl), '3c4d' (two.jsonl and 1 more)";
  /// empty if they do. Of machines it names hosts, of all else files.
  std::string differences() const { return text_of(false); }
  /// The same of fields that may differ.
  std::string merged_differences() const { return text_of(true); }
  /// The fields that differ, as in "cpu,cores"
  std::string fields() const;
  /// All fields, differing or not.
  std::set<std::string> known() const { return known_; }

 private:
  std::string text_of(bool merged) const;

  std::set<std::string> merged_;
  std::set<std::string> known_;
  /// Where a value was seen.
  struct Seen {
    std::string host;   ///< first
    std::string file;   ///< first
    std::string last;   ///< file
    std::size_t files;  ///< number
  };

  std::map<std::string, std::map<std::string, Seen>> seen_;  ///< field, value
};

}  // namespace scalelab
