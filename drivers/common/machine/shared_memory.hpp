#pragma once

#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <optional>

namespace scalelab {

/// How much of /dev/shm this process may take, 0 where it may not write. [bytes]
/// @returns nothing where there is no such folder
inline std::optional<std::uint64_t> free_shared_memory() {
  struct statvfs memory {};
  if (statvfs("/dev/shm", &memory) != 0) return std::nullopt;
  if (access("/dev/shm", W_OK) != 0) return 0;
  return std::uint64_t{memory.f_bavail} * memory.f_frsize;
}

}  // namespace scalelab
