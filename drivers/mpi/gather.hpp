#pragma once

#include <cstddef>
#include <vector>

#include "drivers/common/board.hpp"
#include "drivers/mpi/mpi.hpp"

namespace scalelab::mpi {

/// Collective over the leaders. Adds what each node's board holds (ledger, values of the tasks that
/// were run there, reports and events of its workers) to the board of leader 0. In pieces, so that
/// neither messages nor buffers grow with the number of tasks.
/// @param members  the numbers of this node's workers
void gather(const Communicator& leaders, const std::vector<std::size_t>& members, Board& board);

}  // namespace scalelab::mpi
