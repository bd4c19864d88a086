#pragma once

#include <vector>

#include "drivers/common/board.hpp"
#include "drivers/mpi/mpi.hpp"

namespace scalelab::mpi {

/// Collective over the leaders. Adds what each node's board holds (ledger, values of the tasks that
/// were run there, reports of its workers) to the board of leader 0. In pieces, so that neither
/// messages nor buffers grow with the number of tasks.
/// @param members  the ranks of this node, which are the numbers of its workers
void gather(const Communicator& leaders, const std::vector<int>& members, Board& board);

}  // namespace scalelab::mpi
