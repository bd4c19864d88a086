#include "drivers/mpi/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "drivers/common/machine/shared_memory.hpp"
#include "drivers/common/output/say.hpp"

namespace scalelab::mpi {

bool has_room(std::uint64_t bytes) {
  const auto free = free_shared_memory();
  const std::uint64_t to_spare = std::uint64_t{1} << 20;
  return !free || (*free > to_spare && *free - to_spare > bytes);
}

Communicator node_of(const Communicator& machine) {
  const char* ranks = std::getenv("SCALELAB_RANKS_PER_NODE");
  const int colour = ranks == nullptr ? 0 : machine.rank() / std::max(1, std::atoi(ranks));
  return Communicator::split(machine, colour);
}

Groups groups_with_room(const Communicator& world, const Communicator& node, std::size_t bytes,
                        const std::string& what) {
  int room = node.rank() > 0 || node.size() == 1 || has_room(bytes) ? 1 : 0;
  check(MPI_Bcast(&room, 1, MPI_INT, 0, node.get()));
  if (room == 0 && node.rank() == 0) {
    say(fmt::format("warning: /dev/shm has no room for {} MB: every rank keeps a copy of {}",
                    bytes / 1000000, what));
  }
  Groups groups;
  groups.own = Communicator::split(node, room == 1 ? 0 : node.rank());
  groups.leaders = Communicator::split(world, groups.leads() ? 0 : MPI_UNDEFINED);
  groups.count = groups.leads() ? 1 : 0;
  check(MPI_Allreduce(MPI_IN_PLACE, &groups.count, 1, MPI_INT, MPI_SUM, world.get()));
  return groups;
}

}  // namespace scalelab::mpi
