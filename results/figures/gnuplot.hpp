#pragma once

#include <filesystem>
#include <string>

namespace scalelab {

/// Runs `gnuplot script` in a folder, without the user's settings. It ends with this program, or
/// when its time is over.
/// @throws std::runtime_error  one line: there is no gnuplot, what it said before it failed, or
/// that it took too long
void run_gnuplot(const std::filesystem::path& folder, const std::string& script, double seconds);

}  // namespace scalelab
