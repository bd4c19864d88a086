#pragma once

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

  void add(const Run& run);

  /// "cpu: 'A' (host1), 'B' (host2); cores: ..."; empty if they do.
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
  std::map<std::string, std::map<std::string, std::string>> seen_;  ///< field, value, first host
};

}  // namespace scalelab
