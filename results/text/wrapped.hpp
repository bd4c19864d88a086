#pragma once

#include <cstddef>
#include <string>

namespace scalelab {

/// Words of a text in lines of at most 80 columns, for a terminal.
/// @param first_column  where the text begins in its first line, and its other lines are indented
/// to
std::string wrapped(const std::string& text, std::size_t first_column);

}  // namespace scalelab
