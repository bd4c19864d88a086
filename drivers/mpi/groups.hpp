#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "drivers/mpi/communicator.hpp"

namespace scalelab::mpi {

/// All ranks, in groups that share memory.
struct Groups {
  Communicator own;      ///< the group of this rank
  Communicator leaders;  ///< the first ranks of all groups, on these
  int count = 1;

  bool leads() const { return own.rank() == 0; }
};

/// The ranks of the machine that this rank runs on; SCALELAB_RANKS_PER_NODE cuts it into several,
/// for trying that. Collective.
Communicator node_of(const Communicator& machine);

/// Whether so much memory can be shared on this machine. Open MPI and MPICH both keep windows in
/// /dev/shm; a system without it has them elsewhere.
bool has_room(std::uint64_t bytes);

/// One group per node, or, where the node has no room for so much shared memory, one per rank: MPI
/// would abort the job. Then the user is told of what every rank keeps its own. Collective.
/// @param what  as in "the data"
Groups groups_with_room(const Communicator& world, const Communicator& node, std::size_t bytes,
                        const std::string& what);

}  // namespace scalelab::mpi
