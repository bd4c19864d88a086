#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "results/record/record.hpp"

namespace scalelab {

// What runs must have in common so that their times can be put on one curve, one line for each
// field.

/// Field, as --merge names it, and value.
using Fields = std::map<std::string, std::string>;

/// The machine, the build and the cluster. They must be the same in all that is analysed together.
Fields environment_of(const Run& run);

/// What was computed: kernel, data, how many tasks (strong scaling) or tasks per worker (weak), and
/// the kernel's options. Another work is another study.
Fields work_of(const Run& run);

/// Who computed it and how. Another configuration is another curve.
Fields configuration_of(const Run& run);

/// 1 where nothing, or no number, is told.
std::uint64_t threads_per_rank(const Run& run);

/// On how many machines its workers were; 0: not known.
std::size_t hosts_of(const Run& run);

/// A kernel's name, or another's, as a part of the names of files: what is not a letter, a digit,
/// '_' or '-' is '-'. Records may come from anywhere.
std::string name_for_files(const std::string& name);

/// The name, or where that is taken, "name-2", "name-3" and so on.
std::string unique_name(const std::string& name, std::set<std::string>& taken);

/// How the workers of a run sit on the cores of its machines. Of workers that share a core, or wait
/// for one, no law of scaling speaks; neither of workers of which some are on slower cores.
struct Seats {
  /// Physical, of all machines together: those that the run could use. Of bound workers that have
  /// one each these cannot be told from the others: all that the machines have.
  std::uint64_t cores = 0;
  bool shared = false;  ///< on some machine workers cannot but share a core
  bool mixed = false;   ///< some workers are on slower cores than others
};

/// By the CPUs on which each worker was allowed, as it saw them. What is not known is not held
/// against a run: 0 cores, not shared.
Seats seats_of(const Run& run);

/// Finds out whether all runs come from the same environment.
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
