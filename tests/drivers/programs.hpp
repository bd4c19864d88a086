#pragma once

#include <string>

namespace scalelab::test {

/// The folders that hold drivers/: the kit's own kernels, or the kernel `faulty`.
extern const std::string the_kit;
extern const std::string faulty;

struct Outcome {
  int status;  ///< exit status as the shell reports it; 124 if it ran for more than 2 minutes
  std::string out;
  std::string err;
};

/// Runs a command line of the shell.
Outcome shell(const std::string& command);

/// slurm/launch.sh DRIVER -n WORKERS -- OPTIONS
Outcome launch(const std::string& driver, int workers, const std::string& options,
               const std::string& build = the_kit);

/// "name":"..." or "name":number in the first line that has it; empty if none has.
std::string field(const std::string& json_lines, const std::string& name);

/// Processes of the drivers that are alive.
int drivers_alive();

bool contains(const std::string& text, const std::string& part);
std::size_t lines_in(const std::string& text);

}  // namespace scalelab::test
