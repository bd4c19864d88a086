#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/data_set.hpp"
#include "kernels/kernel.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// All that the rest of the kit knows of a kernel before it is built.
struct KernelDescription {
  std::string name;     ///< as typed after --kernel
  std::string summary;  ///< one line

  /// The kernel's own options. "tasks" and "seed" are there for every kernel.
  std::vector<Option> options = {};

  /// Builds the kernel. Every worker that does not share memory with the reporter calls it with the
  /// same arguments. @throws UsageError
  std::unique_ptr<Kernel> (*make)(const OptionValues& options, const DataSet& data);

  /// Reads or draws the data set; called by the reporter only, the others get a copy.
  /// nullptr: the kernel needs no data. @throws UsageError, std::runtime_error
  DataSet (*load)(const OptionValues& options) = nullptr;

  /// Gives options that depend on the machine their text, if they have none; called by the reporter
  /// only, before `load` and `make`. nullptr: there are none. @throws UsageError
  void (*resolve)(OptionValues& options, std::uint64_t last_level_cache_bytes) = nullptr;

  /// Its tasks wait rather than compute, so that more workers than cores are no mistake.
  bool waits = false;

  /// What its tasks use up, if workers share it: "memory" (its bandwidth), "disk". Empty: a core,
  /// or nobody knows.
  std::string bound_by = "";

  /// Dummy work: how long one unit of --task-units lasts [s]; nothing: it has to be measured.
  std::optional<double> seconds_per_unit = std::nullopt;

  /// How much one unit moves through memory, or to and from files. [bytes]
  std::optional<std::uint64_t> bytes_per_unit = std::nullopt;
};

}  // namespace scalelab
