#pragma once

#include <set>
#include <string>

namespace scalelab {

/// A kernel's name, or another's, as a part of the names of files: what is not a letter, a digit,
/// '_' or '-' is '-'. Records may come from anywhere.
std::string name_for_files(const std::string& name);

/// The name, or where that is taken, "name-2", "name-3" and so on.
std::string unique_name(const std::string& name, std::set<std::string>& taken);

}  // namespace scalelab
