#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// Text of somebody else's, as it may enter a message: control characters (of a terminal, of a
/// line, of the direction of writing) are shown as ?, and of a long text only the beginning and
/// `tail` bytes of the end are left. UTF-8 is not cut within a character.
/// @returns at most `most` bytes, of which `tail` and 3 more have to be less
std::string printable(std::string_view text, std::size_t most, std::size_t tail = 0);

/// "a, b, c", or of many "a, b, c and 2997 more": the first `most` of them, fewer if they are long.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 12);

}  // namespace scalelab
