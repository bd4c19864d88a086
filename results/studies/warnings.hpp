#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

/// Why the figures of some runs may be wrong, as whoever prints those figures tells it.
class Warnings {
 public:
  /// Of a run whose figures are used; no matter how often. Without what is about its single
  /// repetitions, which stands in its last line.
  void add(const Run& run);

  struct Item {
    std::string text;
    std::string whom;  ///< it is about: "mpi 2, 4; openmp 2"
  };

  /// Each warning once.
  std::vector<Item> items() const;

  /// An empty line, then each warning once, and whom it is about. Nothing if there is none.
  std::string text() const;

 private:
  using Workers = std::set<std::pair<std::uint64_t, std::string>>;  ///< number, and as text

  std::map<std::string, std::map<std::string, Workers>> drivers_;  ///< by warning, by name
};

}  // namespace scalelab
