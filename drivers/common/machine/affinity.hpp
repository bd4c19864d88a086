#pragma once

#include <cstddef>
#include <vector>

namespace scalelab {

/// CPUs that this process may use: its affinity mask when the program started.
std::size_t allowed_cpus();

/// Binds the calling thread to the n-th CPU, in the order of topology.hpp, that this process was
/// allowed when the program started; beyond the last it goes round. @throws std::system_error
void bind_worker(std::size_t n);

/// The CPUs that the calling thread may run on now. Empty where the system does not tell.
std::vector<int> cpus_of_thread();

}  // namespace scalelab
