#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scalelab {

/// A line on standard error, whatever is in the text. Never throws, as fmt::print does if that is
/// closed.
void say(const std::string& text) noexcept;

/// On standard output, at once. @throws std::runtime_error if that cannot be written, Ended if the
/// run was told to end, its grace is over, and nobody reads it
void print(std::string_view text);

/// Of a run that was told to end: what it had to write is not all written. @throws Ended saying so
[[noreturn]] void end_unwritten(const std::string& what);

/// How much that was, by this program till now. [bytes]
std::size_t printed();

}  // namespace scalelab
