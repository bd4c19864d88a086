#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace scalelab {

/// Cores that this process may use: its affinity mask when the program started.
std::size_t allowed_cores();

/// Those that the calling thread may use now, as in "0-3,8". Empty where the system does not tell.
/// @throws std::system_error
std::string allowed_cpus();

/// A checksum of which cores these are.
std::uint64_t allowed_mask();

/// Binds the calling thread to the n-th core that this process was allowed when the program
/// started; beyond the last it goes round. @throws std::system_error
void bind_worker(std::size_t n);

/// The core that the calling thread is bound to, or -1 if it may run on several.
int only_core();

}  // namespace scalelab
