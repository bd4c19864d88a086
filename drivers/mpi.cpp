// MPI ranks, on one node or many. The ranks of a node share a board in an MPI window; between nodes
// a dealer per node moves chunks, and at the end the first rank of each node sends what its node
// has computed to rank 0. All ranks compute, none is reserved.
#include "drivers/mpi/mpi.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/driver.hpp"
#include "drivers/common/driver_main.hpp"
#include "drivers/common/polite_wait.hpp"
#include "drivers/common/share.hpp"
#include "drivers/common/worker.hpp"
#include "drivers/mpi/dealer.hpp"
#include "drivers/mpi/gather.hpp"

namespace scalelab::mpi {

namespace {

class Mpi final : public Driver {
 public:
  Mpi() : world_(Communicator::copy_of(MPI_COMM_WORLD)) {}

  std::string name() const override { return "mpi"; }
  std::string built_on() const override { return library_version(); }

  std::size_t workers(std::optional<std::size_t> wanted) const override {
    const auto ranks = static_cast<std::size_t>(world_.size());
    if (wanted.value_or(ranks) != ranks) {
      throw UsageError(fmt::format(
          "--workers: expected {}, the number of ranks that were started, got {}", ranks, *wanted));
    }
    return ranks;
  }

  bool reports() const override { return world_.rank() == 0; }

  void broadcast(std::span<std::byte> bytes) override {
    constexpr std::size_t most = std::size_t{1} << 30;  // MPI 3 counts in int
    for (std::size_t at = 0; at < bytes.size(); at += most) {
      const auto part = bytes.subspan(at, std::min(most, bytes.size() - at));
      MPI_Request request = MPI_REQUEST_NULL;
      check(MPI_Ibcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, 0, world_.get(),
                       &request));
      wait_politely(request);
    }
  }

  void start(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
             bool bind) override {
    kernel_ = &kernel;
    const Board::Shape shape = Board::shape_of(kernel, schedule, workers);
    form_groups(Board::bytes(shape));
    memory_ = std::make_unique<SharedWindow>(group_, Board::bytes(shape) + Board::alignment);
    // Every rank sees the window at the same offset in a page, so all align alike.
    const auto address = reinterpret_cast<std::uintptr_t>(memory_->get());
    std::byte* aligned = memory_->get() + (Board::alignment - address % Board::alignment);
    if (leads()) board_ = Board::create(aligned, shape);
    barrier(group_);
    if (!leads()) board_ = Board::open(aligned, shape);

    std::string failure;
    try {
      if (bind) bind_worker(static_cast<std::size_t>(rank_on_node_));
      workspace_ = kernel.workspace();
    } catch (...) {
      failure = fmt::format("worker {} cannot start: {}", world_.rank(), what_is_thrown());
    }
    end_if_any_failed(failure);
  }

  void ready() override {
    if (leads()) {
      board_->clear();
      if (!leaders_.exists()) board_->deal();
    }
    barrier(world_);
  }

  void run() override {
    // A barrier alone would not do: the others could leave it, and work, before rank 0 has left it
    // and started the clock. With 64 ranks on 2 cores that made a speed-up of 2.16.
    if (leads()) {
      if (leaders_.exists()) broadcast_release();
      board_->release();
    }
    board_->await_release();
    {
      std::optional<Dealer> dealer;
      const auto group_size = static_cast<std::size_t>(group_.size());
      if (leaders_.exists() && leads()) dealer.emplace(leaders_, *board_, group_size);
      work(*kernel_, *board_, static_cast<std::size_t>(world_.rank()), *workspace_);
      if (!leads()) return;
      // One rank per node waits here while the clock runs: more often awake than politeness asks.
      for (PoliteWait wait(std::chrono::microseconds(100)); board_->finished() < group_size;) {
        wait.pause();
      }
    }
    if (leaders_.exists()) gather(leaders_, members_, *board_);
  }

  Board& board() override { return *board_; }

  void abandon() override { MPI_Abort(MPI_COMM_WORLD, 1); }

 private:
  bool leads() const { return group_.rank() == 0; }

  /// Leader 0 lets the other leaders go.
  void broadcast_release() {
    char go = 1;
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibcast(&go, 1, MPI_CHAR, 0, leaders_.get(), &request));
    wait_politely(request);
  }

  static void barrier(const Communicator& ranks) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(ranks.get(), &request));
    wait_politely(request);
  }

  /// Who shares a board: the ranks of a node, or every rank alone where that much memory cannot be
  /// shared. Sets group_, leaders_ and members_.
  void form_groups(std::size_t bytes) {
    group_ = Communicator::of_node(world_);
    rank_on_node_ = group_.rank();
    // For trying several nodes on one machine.
    if (const char* ranks = std::getenv("SCALELAB_RANKS_PER_NODE")) {
      group_ = Communicator::split(group_, group_.rank() / std::max(1, std::atoi(ranks)));
    }
    int room = leads() && group_.size() > 1 ? room_to_share(bytes) : 1;
    check(MPI_Bcast(&room, 1, MPI_INT, 0, group_.get()));
    if (room == 0) {
      if (leads()) {
        fmt::print(stderr,
                   "scalelab: warning: /dev/shm has no room for {} MB: every rank keeps values of "
                   "its own\n",
                   bytes >> 20);
      }
      group_ = Communicator::split(group_, group_.rank());
    }
    int groups = leads() ? 1 : 0;
    check(MPI_Allreduce(MPI_IN_PLACE, &groups, 1, MPI_INT, MPI_SUM, world_.get()));
    if (groups > 1) leaders_ = Communicator::split(world_, leads() ? 0 : MPI_UNDEFINED);

    members_.resize(static_cast<std::size_t>(group_.size()));
    const int rank = world_.rank();
    check(MPI_Gather(&rank, 1, MPI_INT, members_.data(), 1, MPI_INT, 0, group_.get()));
  }

  /// MPI would abort the job if it ran out of it.
  static int room_to_share(std::size_t bytes) {
    struct statvfs memory {};
    if (statvfs("/dev/shm", &memory) != 0) return 1;  // not where this system keeps it
    const std::size_t page = 1 << 20;
    return memory.f_bavail * memory.f_frsize > bytes + page ? 1 : 0;
  }

  /// Collective.
  void end_if_any_failed(const std::string& failure) {
    int first = failure.empty() ? world_.size() : world_.rank();
    check(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, world_.get()));
    if (first < world_.size()) throw Ended{1, first == world_.rank() ? failure : ""};
  }

  const Kernel* kernel_ = nullptr;
  Communicator world_;
  Communicator group_;    ///< the ranks that share this board
  Communicator leaders_;  ///< the first ranks of all groups; none if there is one group
  int rank_on_node_ = 0;
  std::vector<int> members_;  ///< on the leader: the group's ranks, as in world_
  std::unique_ptr<SharedWindow> memory_;
  std::unique_ptr<Board> board_;
  std::unique_ptr<Workspace> workspace_;
};

/// Another MPI's mpirun, or srun without PMIx, starts N programs of one rank each: N times the same
/// work, and a curve that is flat. @param ranks  of MPI_COMM_WORLD
void refuse_singletons(const std::string& launched_by, int announced, int ranks) {
  if (announced <= ranks) return;
  throw std::runtime_error(
      fmt::format("{} announces {} ranks, but MPI sees {}: the launcher is of another MPI than the "
                  "one this program was built with ({}), or srun lacks --mpi=pmix",
                  launched_by, announced, ranks, library_version()));
}

struct Announcement {
  std::string variable;
  int ranks;
  int rank;
};

/// What the launcher says, read before MPI_Init changes it. Inside an allocation SLURM_NTASKS is
/// there for mpirun too: what mpirun itself says comes first.
Announcement announcement() {
  struct Names {
    const char* ranks;
    const char* rank;
  };
  for (const Names& names :
       {Names{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"}, Names{"PMI_SIZE", "PMI_RANK"},
        Names{"SLURM_NTASKS", "SLURM_PROCID"}}) {
    const char* ranks = std::getenv(names.ranks);
    if (ranks == nullptr) continue;
    const char* rank = std::getenv(names.rank);
    return {names.ranks, std::atoi(ranks), rank == nullptr ? 0 : std::atoi(rank)};
  }
  return {"", 1, 0};
}

/// `lab run` owns the launcher and wants the exit status from rank 0 in a file: launchers replace
/// it or add banners.
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

}  // namespace

}  // namespace scalelab::mpi

int main(int argc, char** argv) {
  using namespace scalelab::mpi;
  const Announcement launcher = announcement();
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  int status = 1;
  try {
    int ranks = 0;
    check(MPI_Comm_size(MPI_COMM_WORLD, &ranks));
    refuse_singletons(launcher.variable, launcher.ranks, ranks);
    if (provided < MPI_THREAD_SERIALIZED) {
      throw std::runtime_error(library_version() + " does not offer MPI_THREAD_SERIALIZED");
    }
    Mpi driver;
    status = scalelab::driver_main(argc, argv, driver);
  } catch (const std::exception& error) {
    // One program of many that each believe to be alone: let only the first speak.
    if (launcher.rank == 0) fmt::print(stderr, "scalelab: {}\n", error.what());
  }
  status = leave_status(status);
  MPI_Finalize();
  return status;
}
