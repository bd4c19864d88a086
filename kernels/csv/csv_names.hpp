#pragma once

#include <string>
#include <vector>

namespace scalelab {

/// A name of a column as a header gives it, made fit for messages, records and other headers: line
/// breaks are blanks, other control characters are shown as in \x1b, the middle of a long one is
/// cut, and a checksum of all of it at its end: names that are different stay so. What is given
/// back is its own name.
std::string csv_name(const std::string& text);

/// Names in a list as an option has it: a,b,"c, d". @throws std::runtime_error
std::vector<std::string> csv_list(const std::string& text);

/// That list, to be typed behind an option in a shell.
std::string as_csv_list(const std::vector<std::string>& names);

}  // namespace scalelab
