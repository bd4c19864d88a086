// MPI ranks, on one node or many, each of one thread or several. The ranks of a node share a board
// and the data in MPI windows; between nodes a dealer per node moves chunks, and at the end the
// first rank of each node sends what its node has computed to rank 0. All ranks compute, none is
// reserved.
#include <chrono>
#include <exception>
#include <stdexcept>

#include "drivers/common/output/say.hpp"
#include "drivers/common/run/driver_main.hpp"
#include "drivers/mpi/communicator.hpp"
#include "drivers/mpi/driver.hpp"
#include "drivers/mpi/launcher.hpp"
#include "drivers/mpi/world.hpp"

int main(int argc, char** argv) {
  using namespace scalelab::mpi;
  const Announcement launcher = announcement();
  leave_rank(launcher);
  end_with_launcher(launcher);
  avoid_forbidden_copies();
  try {
    need_shared_memory();
  } catch (const std::exception& error) {
    if (launcher.local_rank == 0) scalelab::say(error.what());
    return 1;
  }
  int provided = MPI_THREAD_SINGLE;
  const auto begin = std::chrono::steady_clock::now();
  // Dealers, and no other thread while they live, call MPI; the threads of a hybrid run never do.
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  const std::chrono::duration<double> init = std::chrono::steady_clock::now() - begin;
  int status = 1;
  bool other_machines = false;
  try {
    refuse_singletons(launcher);
  } catch (const std::exception& error) {
    // One program of many that each believe to be alone: let only the first speak.
    if (launcher.rank == 0) scalelab::say(error.what());
    MPI_Finalize();
    return 1;
  }
  leave_beginning();
  try {
    if (provided < MPI_THREAD_SERIALIZED) {
      throw std::runtime_error(library_version() + " does not offer MPI_THREAD_SERIALIZED");
    }
    MpiWorld world(init.count());
    const std::unique_ptr<scalelab::Driver> driver = make_driver(world);
    other_machines = world.has_other_machines();
    status = scalelab::driver_main(argc, argv, *driver);
  } catch (const std::exception& error) {
    scalelab::say(error.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  status = leave_status(status);
  finalize(status, other_machines);
  return status;
}
