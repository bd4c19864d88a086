#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// Text from somewhere else (an option, a file, a record, the name of a host) for one line of a
/// message: control characters are shown, as in \x1b or \n, and so are bytes that are no UTF-8 and
/// what turns the direction of writing; all else stays as it is. Here, in the room that everybody
/// sees, since everybody tells what was found.
/// @param most  bytes of it that are shown; of a longer one is said how long it is
/// @param tail  or so many of its last bytes are shown, too, among those `most`, behind "..."
std::string printable(std::string_view text, std::size_t most = 2000, std::size_t tail = 0);

/// "a, b, c", or of many "a, b, c and 2997 more": the first `most` of them, fewer if they are long.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 12);

}  // namespace scalelab
