#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/mpi/communicator.hpp"

namespace scalelab::mpi {

/// Moves chunks between nodes, and the news that the serial part is done or a worker has failed.
/// One thread per node, beside the node's first rank, for one repetition; it sleeps most of the
/// time.
///
/// Why a thread: a rank that computes serves nobody, so whoever owned the pile of chunks could hold
/// up all others with one long task, and reserving a rank for it would waste a core. While the
/// dealers run no other thread of their processes calls MPI (MPI_THREAD_SERIALIZED).
///
/// The dealer of the first node has the pile. The others ask it for chunks when their node's queue
/// would soon be empty, and for as many as the node uses up in some milliseconds: tasks that last
/// longer are fetched one by one, when a worker waits for them, so that no node hoards what another
/// could do.
class Dealer {
 public:
  /// @param leaders   the first ranks of all nodes
  /// @param members   the numbers of this node's workers
  /// @param progress  how many tasks each node has done; kept up to date on leader 0, some times
  ///                  a second. Empty: not wanted
  Dealer(const Communicator& leaders, Board& board, const std::vector<std::size_t>& members,
         std::span<std::atomic<std::uint64_t>> progress);
  /// Waits until the workers of all nodes have done their part.
  ~Dealer() { thread_.join(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Message {
    enum class Kind : std::uint64_t { open, want, grant, stop, progress, done, farewell };
    Kind kind;
    /// grant: chunks first <= c < last, or none any more; want: how many; stop: why; progress:
    /// tasks done
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };

  void keep_pile();
  void fetch();
  bool progress_due();
  Message stop_message() const;
  bool node_done() const { return board_.gate().left() == members_.size(); }
  std::uint64_t appetite();
  Message grant(std::uint64_t wanted);
  void accept(const Message& grant);
  bool arrived(int& source) const;
  Message next_from(int source) const;
  void tell(int leader, const Message& message) const;
  void tell_all(const Message& message) const;

  const Communicator& leaders_;
  Board& board_;
  const std::vector<std::size_t>& members_;
  std::span<std::atomic<std::uint64_t>> progress_;
  Clock::time_point progress_told_ = Clock::now();
  std::uint64_t pile_first_ = 0;  ///< the first node's: chunks that no node has yet
  std::uint64_t pile_last_ = 0;
  std::uint64_t received_ = 0;              ///< chunks that this node has been given
  std::uint64_t used_before_ = 0;           ///< how many of these were done when it last asked,
  Clock::time_point asked_ = Clock::now();  ///< and when that was
  double answer_time_ = 0;                  ///< from asking to having [s]
  std::thread thread_;                      ///< last, since it uses all others
};

}  // namespace scalelab::mpi
