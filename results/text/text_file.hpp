#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace scalelab {

/// All of a file, or of what comes through a pipe: within 2 s if nobody is at its other end, else
/// as long as it is not silent for a minute. @param most  bytes: some files never end
/// @throws std::runtime_error naming it
std::string read_text(const std::filesystem::path& path, std::size_t most = std::size_t{1} << 28);

/// Replaces the file, all at once: nobody ever reads half of it. A link is replaced, too, and not
/// written through. @throws std::runtime_error naming it, also if the disk is full
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace scalelab
