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

/// For kernels whose tasks are as long as the user wants: two of their options say how long, one as
/// a time, the other in units of the kernel's own work, and the run turns the first into the
/// second.
struct Calibration {
  std::string time;      ///< the option with the mean time of a task, as in 50us; no fallback
  std::string units;     ///< the option with its mean work, a whole number; no fallback
  std::string fallback;  ///< the time, if neither is given

  /// The options of a kernel with one task of so many units, all of them its own: it is timed. The
  /// workspace of one such kernel must do for all of them.
  OptionValues (*probe)(OptionValues options, std::uint64_t units);

  /// How long one unit lasts [s]; nothing: it has to be measured.
  std::optional<double> seconds_per_unit = std::nullopt;
};

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

  /// The memory that `load` takes at the most, as far as the options tell; 0: they do not. A run
  /// for whose data there is no room is not begun. Pure. [bytes] nullptr: not known. @throws
  /// UsageError
  std::uint64_t (*load_bytes)(const OptionValues& options) = nullptr;

  /// Those of its options that make its data or workspaces larger or smaller: what a user without
  /// the memory for them is told of. nullptr: there are none.
  std::vector<std::string> (*size_options)(const OptionValues& options) = nullptr;

  /// Gives options that depend on the machine their text, if they have none; called by the reporter
  /// only, before `load` and `make`. nullptr: there are none. @throws UsageError
  void (*resolve)(OptionValues& options, std::uint64_t last_level_cache_bytes) = nullptr;

  /// Its tasks wait rather than compute, so that more workers than cores are no mistake.
  bool waits = false;

  /// What its tasks use up, if workers share it: "memory" (its bandwidth), "disk". Empty: a core,
  /// or nobody knows.
  std::string bound_by = "";

  /// Where the length of a task can be chosen as a time.
  std::optional<Calibration> calibration = std::nullopt;

  /// How much one unit of `Work` moves through memory, or to and from files. [bytes]
  std::optional<std::uint64_t> bytes_per_unit = std::nullopt;
};

}  // namespace scalelab
