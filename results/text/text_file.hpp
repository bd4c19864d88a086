#pragma once

#include <filesystem>
#include <string>

namespace scalelab {

/// All of a file. @throws std::runtime_error naming it
std::string read_text(const std::filesystem::path& path);

/// Replaces the file, all at once: nobody ever reads half of it. @throws std::runtime_error naming
/// it, also if the disk is full
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace scalelab
