#pragma once

#include <vector>

#include "drivers/mpi/communicator.hpp"
#include "results/record/record.hpp"

namespace scalelab::mpi {

/// Collective. What MPI costs, on rank 0: `barrier`, MPI_Barrier; `polite-barrier`, the kit's own,
/// that burns no core; `broadcast`, MPI_Bcast from rank 0 and an MPI_Barrier, so that rank 0 knows
/// of its end; `ping-pong`, one way between rank 0 and the last rank, half of there and back. The
/// messages have 8 bytes to 16 MiB; the largest are left out where they would take seconds.
/// Nothing if there is one rank only.
std::vector<Cost> costs_of(const Communicator& ranks);

}  // namespace scalelab::mpi
