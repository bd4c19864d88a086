#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace scalelab {

/// A kernel's name, or another's, as a part of the names of files: what is not a letter, a digit,
/// '_' or '-' is '-'. Records may come from anywhere.
std::string name_for_files(const std::string& name);

/// The name, or where that is taken, "name-2", "name-3" and so on.
std::string unique_name(const std::string& name, std::set<std::string>& taken);

/// Two steps through a name of a known form: std::regex warns, and costs, more than it is worth.
/// Cuts a text off the front, if it is there.
bool cut_text(std::string_view& name, std::string_view text);

/// Cuts off all characters at the front that are among these. @returns how many
std::size_t cut_any_of(std::string_view& name, std::string_view characters);

inline constexpr std::string_view decimal_digits = "0123456789";

}  // namespace scalelab
