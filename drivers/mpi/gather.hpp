#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/mpi/communicator.hpp"

namespace scalelab::mpi {

// Collective over the leaders: what each node's board holds is added to the board of leader 0.
// @param members  the numbers of this node's workers

/// Who the workers are.
void gather_facts(const Communicator& leaders, const std::vector<std::size_t>& members,
                  Board& board);

/// The ledger, and the values of the tasks that were run there. In pieces, so that neither messages
/// nor buffers grow with the number of tasks.
void gather_values(const Communicator& leaders, Board& board);

/// Reports and events of the workers.
void gather_reports(const Communicator& leaders, const std::vector<std::size_t>& members,
                    Board& board);

/// A text of each leader, on leader 0.
std::vector<std::string> gather_texts(const Communicator& leaders, const std::string& own);

}  // namespace scalelab::mpi
