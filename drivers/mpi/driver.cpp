#include "drivers/mpi/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "drivers/common/board/polite_wait.hpp"
#include "drivers/common/machine/host.hpp"
#include "drivers/common/machine/stops.hpp"
#include "drivers/common/timed/failure.hpp"
#include "drivers/mpi/communicator.hpp"
#include "drivers/mpi/costs.hpp"
#include "drivers/mpi/dealer.hpp"
#include "drivers/mpi/gather.hpp"
#include "drivers/mpi/groups.hpp"
#include "drivers/openmp/team.hpp"
#include "drivers/openmp/thread_probe.hpp"

namespace scalelab::mpi {

namespace {

class Mpi final : public Driver {
 public:
  explicit Mpi(MpiWorld& world) : world_(world) {}

  DriverDescription description() const override {
    return {.name = "mpi",
            .built_on = library_version(),
            .options = {{"threads-per-rank", "1", "OpenMP threads in each rank (hybrid)"}},
            // Ranks that wander between sockets are the classic flaw of a scaling curve.
            .should_be_bound = true};
  }

  World& world() override { return world_; }

  std::size_t workers(std::optional<std::size_t> wanted,
                      const OptionValues& options) const override {
    const std::size_t threads = threads_of(options);
    const std::size_t workers = static_cast<std::size_t>(ranks_.size()) * threads;
    if (wanted.value_or(workers) == workers) return workers;
    const std::string each = threads == 1 ? "" : fmt::format(" times {} threads", threads);
    throw UsageError(
        fmt::format("--workers: expected {}, the number of ranks that were started{}, got {}",
                    workers, each, *wanted));
  }

  /// All ranks try at the same time, as they will have them.
  void require_workers(const Assignment& assignment) override {
    const std::size_t dealers = ranks_.size() > 1 ? 1 : 0;
    const std::size_t watchers = assignment.progress && world_.reports() ? 1 : 0;
    std::string failure;
    std::optional<ThreadProbe> probe;
    try {
      need_openmp(static_cast<std::size_t>(world_.machine().size()));
      probe.emplace(threads_of(assignment.options) - 1 + dealers + watchers);
    } catch (...) {
      failure = what_is_thrown();
    }
    world_.end_if_any_failed(failure);
  }

  void start(const Assignment& assignment) override {
    std::string failure;
    const BoardShape& shape = assignment.shape;
    groups_ = groups_with_room(ranks_, world_.node(), Board::bytes(shape), "the values");
    memory_ = std::make_unique<SharedWindow>(groups_.own, Board::bytes(shape) + Board::alignment);
    // Every rank sees the window at the same offset in a page, so all align alike.
    const auto address = reinterpret_cast<std::uintptr_t>(memory_->get());
    std::byte* aligned = memory_->get() + (Board::alignment - address % Board::alignment);
    if (groups_.leads()) board_ = Board::create(aligned, shape);
    barrier(groups_.own);
    if (!groups_.leads()) board_ = Board::open(aligned, shape);

    const std::size_t threads = threads_of(assignment.options);
    gather_members(threads);
    if (assignment.progress) gather_hosts();
    try {
      team_.emplace(assignment, *board_,
                    Team::Position{
                        .threads = threads,
                        .first_worker = static_cast<std::size_t>(ranks_.rank()) * threads,
                        .first_core = static_cast<std::size_t>(world_.machine().rank()) * threads});
    } catch (...) {
      failure = what_is_thrown();
    }
    world_.end_if_any_failed(failure);
    barrier(groups_.own);  // all have said who they are
    if (groups_.leads() && groups_.count > 1) gather_facts(groups_.leaders, members_, *board_);
  }

  void ready(std::span<const Range> finished) override {
    if (groups_.leads()) {
      board_->clear(finished);
      if (groups_.count == 1) board_->deal();
      for (auto& tasks : progress_) tasks = 0;
    }
    barrier(ranks_);
  }

  void run() override {
    // A barrier alone would not do: the others could leave it, and work, before rank 0 has left it
    // and started the clock. With 64 ranks on 2 cores that made a speed-up of 2.16.
    if (groups_.leads()) {
      if (groups_.count > 1) broadcast_release();
      if (!world_.reports()) board_->gate().start_clock();
      board_->gate().release();
    }
    board_->gate().await_release();
    {
      std::optional<Dealer> dealer;
      if (groups_.count > 1 && groups_.leads()) {
        dealer.emplace(groups_.leaders, *board_, members_, progress_);
      }
      try {
        team_->work();
      } catch (...) {
        give_up(what_is_thrown());
      }
      if (!groups_.leads()) return;
      // One rank per node waits here while the clock runs: more often awake than politeness asks.
      PoliteWait wait(std::chrono::microseconds(100));
      while (board_->gate().left() < members_.size()) {
        look_whether_stopped();
        wait.pause();
      }
    }
    if (groups_.count > 1) gather();
  }

  Board& board() override { return *board_; }

  std::vector<NodeProgress> progress() override {
    std::vector<NodeProgress> nodes;
    for (std::size_t node = 0; node < hosts_.size(); ++node) {
      nodes.push_back(
          {hosts_[node], node == 0 ? board_->tasks_done(members_) : progress_[node].load()});
    }
    return nodes;
  }

  std::vector<Cost> costs() override { return costs_of(ranks_); }

 private:
  static std::size_t threads_of(const OptionValues& options) {
    return options.whole("threads-per-rank", 1, most_workers);
  }

  /// None of this rank's workers has begun, and none will. The others, and the dealers, hear of it
  /// from the board, so that all end as after any failure.
  void give_up(const std::string& why) {
    const std::size_t threads = team_->size();
    board_->report(static_cast<std::size_t>(ranks_.rank()) * threads).fail(0, why);
    board_->gate().stop(Stop::failure);
    for (std::size_t thread = 0; thread < threads; ++thread) board_->gate().leave();
  }

  /// Leader 0 lets the other leaders go.
  void broadcast_release() {
    std::byte go{1};
    mpi::broadcast(groups_.leaders, std::span(&go, 1));
  }

  void gather_members(std::size_t threads) {
    std::vector<int> ranks(static_cast<std::size_t>(groups_.own.size()));
    const int rank = ranks_.rank();
    check(MPI_Gather(&rank, 1, MPI_INT, ranks.data(), 1, MPI_INT, 0, groups_.own.get()));
    for (const int member : ranks) {
      for (std::size_t thread = 0; thread < threads; ++thread) {
        members_.push_back(static_cast<std::size_t>(member) * threads + thread);
      }
    }
  }

  /// What it takes is the leaders' own time, so their reports come last.
  void gather() {
    WorkerReport& own = board_->report(members_.front());
    own.charge(&Times::idle, board_->gate().seconds());
    // Values of a run that was stopped are not wanted; all leaders know the same of that.
    if (!board_->gate().stopped()) gather_values(groups_.leaders, *board_);
    if (!world_.reports()) own.charge(&Times::communication, board_->gate().seconds());
    own.interruption |= interruption();
    gather_reports(groups_.leaders, members_, *board_);
    if (world_.reports()) own.charge(&Times::communication, board_->gate().seconds());
  }

  /// The names of the leaders' machines, on all leaders.
  void gather_hosts() {
    if (!groups_.leads()) return;
    const auto leaders = static_cast<std::size_t>(groups_.leaders.size());
    std::vector<HostName> names(leaders);
    const HostName own = host_name();
    const int size = static_cast<int>(own.size());
    check(MPI_Allgather(own.data(), size, MPI_CHAR, names.data(), size, MPI_CHAR,
                        groups_.leaders.get()));
    for (const HostName& name : names) hosts_.emplace_back(name.data());
    progress_ = std::vector<std::atomic<std::uint64_t>>(leaders);
  }

  MpiWorld& world_;
  const Communicator& ranks_ = world_.ranks();
  Groups groups_;  ///< those who share a board
  std::unique_ptr<SharedWindow> memory_;
  std::unique_ptr<Board> board_;
  std::vector<std::size_t> members_;                  ///< on a leader: its group's workers
  std::vector<std::string> hosts_;                    ///< on a leader, for progress: of all leaders
  std::vector<std::atomic<std::uint64_t>> progress_;  ///< the same: tasks done
  std::optional<Team> team_;
};

}  // namespace

std::unique_ptr<Driver> make_driver(MpiWorld& world) { return std::make_unique<Mpi>(world); }

}  // namespace scalelab::mpi
