#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

// Reading what the system tells in its small files, as in /proc and /sys. What is not there, or not
// as expected, is nothing; none of these throws.

/// All lines. Empty if the file cannot be read.
std::vector<std::string> lines_of(const std::string& path);
/// The first line, without blanks around it, if it has only printing characters.
std::optional<std::string> line_of(const std::string& path);
/// That line as a whole number.
std::optional<std::uint64_t> whole_of(const std::string& path);

/// The whole text as a number. Nothing if it is none, too large or negative.
std::optional<std::uint64_t> whole_in(std::string_view text);
/// The same for a number with a point, finite and not negative.
std::optional<double> real_in(std::string_view text);
/// The words of a text with blanks between.
std::vector<std::string_view> words_of(std::string_view text);
/// Without blanks around it. Nothing if that is empty or has other than printing characters.
std::optional<std::string> printing(std::string_view text);

}  // namespace scalelab
