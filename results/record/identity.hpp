#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "results/record/record.hpp"

namespace scalelab {

// What makes two runs alike: the work, the configuration, the environment.

/// What a run computes, whoever does it and how. Of equal ones, from kernels of the same code, the
/// values are the same bits, and times can be compared.
struct Computation {
  std::string kernel;
  /// Without the option that says a task's time, which is only a way of saying its units, and
  /// without the file of data, which are the same wherever they lie.
  std::map<std::string, std::string> options;
  std::string data;  ///< its digest or, of a record without it, its name; empty: none
  std::uint64_t tasks = 0;
  double serial_units = 0;  ///< with --tasks-per-worker, another part of the same tasks is serial

  bool operator==(const Computation&) const = default;
};

Computation computation_of(const Run& run);

/// The option with the work of a task, as the run says; empty: its kernel has none.
std::string units_option_of(const Run& run);

/// Field, as --merge names it, and value.
using Fields = std::map<std::string, std::string>;

/// What the runs of one curve have in common with those of others in its figure: the computation
/// or, of weak scaling, each worker's share of it. Another work is another study.
Fields work_of(const Run& run);

/// Who computed it and how. Another configuration is another curve.
Fields configuration_of(const Run& run);

/// The machine, the build and the cluster. They must be the same in all that is analysed together.
Fields environment_of(const Run& run);

}  // namespace scalelab
