#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "drivers/common/schedule.hpp"
#include "kernels/description.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// What the user asks for.
struct Request {
  std::string answer;    ///< --help and the like: print this and end; all else is empty then
  std::string kernel;    ///< name
  OptionValues options;  ///< the common ones and the kernel's own, resolved
};

/// Reads the command line and the file that --config names.
/// @param program   its name, for --help
/// @param built_on  for --version
/// @throws UsageError, std::runtime_error if the file of --config cannot be read
Request read_command_line(int argc, const char* const* argv, const std::string& program,
                          const std::string& built_on);

constexpr std::size_t most_tasks = std::size_t{1} << 48;
constexpr std::size_t most_workers =
    10000;  // of threads or processes; thread libraries crash later

/// The common options, typed. @throws UsageError
struct RunOptions {
  explicit RunOptions(const OptionValues& options);

  std::optional<std::size_t> workers;
  std::optional<std::size_t> tasks_per_worker;
  std::size_t tasks;
  Schedule schedule;
  bool bind;
  std::size_t repetitions;
  std::size_t warmup;
  bool json;
  bool quiet;
  std::string values_path;  ///< empty: not wanted
};

/// The kernel's own options, as they go into the record.
std::map<std::string, std::string> own_options(const KernelDescription& kernel,
                                               const OptionValues& options);

}  // namespace scalelab
