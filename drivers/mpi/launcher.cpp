#include "drivers/mpi/launcher.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#if __has_include(<sys/prctl.h>)
#include <sys/prctl.h>
#endif
#if __has_include(<sys/uio.h>)
#include <sys/uio.h>
#endif

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "drivers/common/machine/host.hpp"
#include "drivers/mpi/communicator.hpp"
#include "kernels/file_descriptor.hpp"

namespace scalelab::mpi {

namespace {

int number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::atoi(text);
}

/// What srun --mpi has to speak; others than Open MPI descend from MPICH.
#ifdef OPEN_MPI
constexpr const char* srun_mpi = "pmix";
#else
constexpr const char* srun_mpi = "pmi2";
#endif

}  // namespace

Announcement announcement() {
  struct Names {
    const char* ranks;
    const char* rank;
    const char* local_rank;
    const char* whose;
  };
  // Inside an allocation SLURM_NTASKS is there for whatever is started: what mpirun says, and then
  // srun of its own step, comes first.
  for (const Names& names : {Names{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
                                   "OMPI_COMM_WORLD_LOCAL_RANK", "Open MPI's mpirun"},
                             Names{"PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID", "MPICH's mpirun"},
                             Names{"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID", "srun"},
                             Names{"SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID", "Slurm"}}) {
    if (std::getenv(names.ranks) == nullptr) continue;
    Announcement said{names.ranks, names.whose, number_in(names.ranks), number_in(names.rank),
                      number_in(names.local_rank)};
    // srun --mpi=pmi2 speaks as MPICH's mpirun does, but for the ranks of a machine.
    if (said.variable == "PMI_SIZE" && std::getenv("MPI_LOCALNRANKS") == nullptr) {
      const bool by_srun = std::getenv("SLURM_PROCID") != nullptr;
      said.whose = by_srun ? "srun" : "the launcher";
      said.local_rank = number_in(by_srun ? "SLURM_LOCALID" : "PMI_RANK");
    }
    return said;
  }
  return {};
}

void refuse_singletons(const Announcement& launcher) {
  int ranks = 0;
  check(MPI_Comm_size(MPI_COMM_WORLD, &ranks));
  if (launcher.ranks <= ranks) return;
  throw std::runtime_error(fmt::format(
      "{} ({}) announces {} ranks, but MPI sees {}: expected a start by ./lab run, by srun "
      "--mpi={}, or by the mpirun of the MPI that this program was built with ({})",
      launcher.whose, launcher.variable, launcher.ranks, ranks, srun_mpi, library_version()));
}

void leave_rank(const Announcement& launcher) {
  const char* path = std::getenv("SCALELAB_STATUS_FILE");
  if (path == nullptr) return;
  // Where there is no such file, this is another host. One write for a line: ranks take turns.
  const FileDescriptor file(
      open((std::string(path) + ".ranks").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!file) return;
  const std::string line = fmt::format("{} {} {}\n", getpid(), launcher.rank, host_name().data());
  if (write(file.get(), line.data(), line.size()) < 0) errno = 0;  // then the process is named
}

void end_with_launcher(const Announcement& launcher) {
#ifdef PR_SET_PDEATHSIG
  if (!launcher.variable.empty()) prctl(PR_SET_PDEATHSIG, SIGKILL);
#else
  static_cast<void>(launcher);
#endif
}

void avoid_forbidden_copies() {
#if __has_include(<sys/uio.h>)
  char from = 0;
  char to = 0;
  const iovec source{&from, 1};
  const iovec target{&to, 1};
  // What is forbidden at all is forbidden for one's own memory, too.
  if (process_vm_readv(getpid(), &target, 1, &source, 1, 0) == 1) return;
  errno = 0;
  setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);  // Open MPI 4
  setenv("OMPI_MCA_smsc", "^cma", 0);                             // 5
#endif
}

void leave_beginning() {
  const char* path = std::getenv("SCALELAB_STATUS_FILE");
  if (path != nullptr) std::ofstream(std::string(path) + ".begun");
}

Stop asked_by_launcher(Stop why) {
  const char* path = std::getenv("SCALELAB_STATUS_FILE");
  if (path == nullptr || why != Stop::terminate) return why;
  int status = 0;
  std::ifstream(std::string(path) + ".asked") >> status;
  for (const Stop other : {Stop::interrupt, Stop::hangup}) {
    if (status_of(other) == status) return other;
  }
  return why;
}

namespace {

/// The name of a process, and its parent's number. Empty: there is none.
std::pair<std::string, int> process_of(int number) {
  std::ifstream file(fmt::format("/proc/{}/stat", number));
  std::string text;
  std::getline(file, text);
  const auto begin = text.find('(');
  const auto end = text.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end + 4 > text.size()) return {};
  return {text.substr(begin + 1, end - begin - 1), std::atoi(text.c_str() + end + 4)};
}

bool is_one_of(const std::string& name, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

}  // namespace

std::string stream_of_launcher(int number) {
  // `lab run` is on this machine if its files are, and its process.
  const char* streams = std::getenv("SCALELAB_STREAMS");
  const char* status = std::getenv("SCALELAB_STATUS_FILE");
  if (streams != nullptr && status != nullptr) {
    if (access((std::string(status) + ".ranks").c_str(), F_OK) != 0) return "";
    std::istringstream words(streams);
    std::string path;
    for (int i = 0; i < number; ++i) words >> path;
    // Hosts may have one folder for their files, but not one process.
    std::string command;
    std::getline(std::ifstream(path.substr(0, path.find("/fd/")) + "/cmdline"), command);
    return command.find("launch.sh") == std::string::npos ? "" : path;
  }
  int process = getppid();
  auto [name, parent] = process_of(process);
  // Between a launcher and its ranks there may be a daemon of it; over the network it has no
  // launcher above it.
  while (is_one_of(name, {"orted", "prted", "hydra_pmi_proxy"})) {
    process = parent;
    std::tie(name, parent) = process_of(process);
    if (name.empty() || name.starts_with("ssh") || name == "slurmstepd") return "";
  }
  if (is_one_of(name, {"mpirun", "mpiexec", "prterun", "orterun"})) {
    return fmt::format("/proc/{}/fd/{}", process, number);
  }
  return name == "slurmstepd" ? "" : fmt::format("/proc/self/fd/{}", number);
}

int leave_status(int status) {
  const char* path = std::getenv("SCALELAB_STATUS_FILE");
  if (path == nullptr) return status;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    std::ofstream file(path);
    file << status << std::endl;
    if (!file) return status;
  }
  return 0;
}

}  // namespace scalelab::mpi
