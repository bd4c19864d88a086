#include "drivers/common/machine/process_limits.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "drivers/common/machine/system_file.hpp"

namespace scalelab {

namespace {

/// "VmSize:	    5432 kB" in the process's own status. [bytes]
std::uint64_t taken(const std::string& name) {
  for (const std::string& line : lines_of("/proc/self/status")) {
    const auto words = words_of(line);
    if (words.size() == 3 && words[0] == name) return 1024 * whole_in(words[1]).value_or(0);
  }
  return 0;
}

/// @param name  of what has been taken of it
std::optional<std::uint64_t> left_of(const rlimit& limit, const std::string& name) {
  if (limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  const std::uint64_t all = limit.rlim_cur;
  return all - std::min(all, taken(name));
}

}  // namespace

void require_stack(std::uint64_t bytes) {
  if (bytes >= least_stack) return;
  throw std::runtime_error(
      fmt::format("a stack has {} KiB only, and kernels need {}: another limit would help "
                  "(ulimit -s, OMP_STACKSIZE)",
                  bytes >> 10, least_stack >> 10));
}

void require_stack() {
  rlimit stack{};
  if (getrlimit(RLIMIT_STACK, &stack) == 0) require_stack(stack.rlim_cur);
}

std::optional<std::uint64_t> address_space_left() {
  rlimit of_all{};
  rlimit of_data{};
  if (getrlimit(RLIMIT_AS, &of_all) != 0 || getrlimit(RLIMIT_DATA, &of_data) != 0) {
    return std::nullopt;
  }
  const auto all = left_of(of_all, "VmSize:");
  const auto data = left_of(of_data, "VmData:");
  if (all && data) return std::min(*all, *data);
  return all ? all : data;
}

}  // namespace scalelab
