#pragma once

#include <string>

#include "drivers/common/board/ending.hpp"

namespace scalelab::mpi {

/// What the launcher says of this process.
struct Announcement {
  std::string variable;  ///< of the environment; empty: nothing is said
  std::string whose;     ///< "Open MPI's mpirun"
  int ranks = 1;
  int rank = 0;
  int local_rank = 0;  ///< among the ranks of this machine
};

/// Has to be called before MPI_Init, which changes the environment.
Announcement announcement();

/// Another MPI's mpirun, or srun without PMIx, starts N programs of one rank each: N times the same
/// work, and a curve that is flat. @throws std::runtime_error
void refuse_singletons(const Announcement& launcher);

/// `lab run` says which rank was killed; MPICH's launcher tells it the process only. Each rank of
/// its host leaves a line for it. Before MPI_Init, in which a rank may be killed, too.
void leave_rank(const Announcement& launcher);

/// A rank whose launcher is killed would go on for ever: from now on it is killed too.
void end_with_launcher(const Announcement& launcher);

/// Ranks of a machine copy large messages out of one another's memory. Where that is forbidden (by
/// a container's seccomp profile), Open MPI tries it nevertheless, and says "Read -1" for each
/// message: then it is told not to. Before MPI_Init.
void avoid_forbidden_copies();

/// `lab run` wants to know whether MPI has started. After MPI_Init.
void leave_beginning();

/// `lab run` turns every signal into SIGUSR1, the only one that mpirun passes on and does no more;
/// it leaves word of what it was. @param why  by this process's own signal
Stop asked_by_launcher(Stop why);

/// Where standard output (1) or error (2) ends: of the launcher, or of `lab run` around it, as a
/// path to what that process has open. Empty: it is on another machine, or nobody knows.
std::string stream_of_launcher(int number);

/// `lab run` owns the launcher and wants the exit status from rank 0 in a file: launchers replace
/// it or add banners. @returns the status to exit with
int leave_status(int status);

}  // namespace scalelab::mpi
