#pragma once

#include <cstdint>
#include <optional>

namespace scalelab {

/// What this process may still take by its own limits, ulimit -v and ulimit -d, whatever the
/// machine has left. [bytes] Nothing: there is no limit, or none that is known.
std::optional<std::uint64_t> address_space_left();

/// Of a stack, that kernels may count on: Eigen alone takes 128 KiB at once. [bytes]
constexpr std::uint64_t least_stack = 256 << 10;

/// That the first thread has it: with less (ulimit -s) a kernel ends the program without a word.
/// @throws std::runtime_error
void require_stack();
/// The same of a thread. @param bytes  of its stack
void require_stack(std::uint64_t bytes);

}  // namespace scalelab
