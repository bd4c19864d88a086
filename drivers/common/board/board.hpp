#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "drivers/common/board/board_shape.hpp"
#include "drivers/common/board/chunk_queue.hpp"
#include "drivers/common/board/events.hpp"
#include "drivers/common/board/gate.hpp"
#include "drivers/common/board/hand.hpp"
#include "drivers/common/board/ledger.hpp"
#include "drivers/common/board/worker_report.hpp"

namespace scalelab {

/// What all workers that share memory have in front of them: the queue, the gate, the ledger and
/// the values, and of each worker its hand, its report and its events. Lies in memory that its
/// driver provides: the heap, a mapping that children share, an MPI window. It takes the values and
/// 1 byte per task, and 1.5 KiB and some bytes per worker; with --trace also its events.
class Board {
 public:
  static constexpr std::size_t alignment = 64;
  static std::size_t bytes(const BoardShape& shape);

  /// A board in memory of `bytes(shape)` bytes, aligned to `alignment`, that outlives it.
  /// Exactly one of those who share the memory creates it, the others `open` it afterwards.
  static std::unique_ptr<Board> create(std::byte* memory, const BoardShape& shape);
  static std::unique_ptr<Board> open(std::byte* memory, const BoardShape& shape);
  /// In memory of its own, for threads.
  static std::unique_ptr<Board> on_heap(const BoardShape& shape);

  const BoardShape& shape() const { return shape_; }
  ChunkQueue& queue() { return parts_.header->queue; }
  Gate& gate() { return parts_.header->gate; }
  const Gate& gate() const { return parts_.header->gate; }
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  /// Of all tasks, in task order: tasks × width.
  std::span<double> values() { return parts_.values; }

  // Of each worker.
  Hand& hand(std::size_t worker) { return parts_.hands[worker]; }
  WorkerReport& report(std::size_t worker) { return parts_.reports[worker]; }
  WorkerFacts& facts(std::size_t worker) { return parts_.facts[worker]; }
  EventLog events(std::size_t worker);
  /// So far, by these workers.
  std::uint64_t tasks_done(std::span<const std::size_t> workers) const;

  /// What the run is for: rows of `width` values.
  struct Result {
    std::span<const double> values;
    std::size_t width;

    std::size_t rows() const { return values.size() / width; }
  };
  /// Once a repetition is done: of independent tasks the values of each. This, not `values`, is
  /// digested and written to --values.
  Result result() const { return {parts_.values, shape_.width}; }

  /// Before each repetition, while no worker works: no reports, an empty queue, a closed gate, and
  /// a ledger that is empty but for the tasks that were `finished` before.
  void clear(std::span<const Range> finished = {});
  /// Puts all tasks into the queue, if the schedule uses it.
  void deal();

  /// Puts a dead worker's hand in order, for another who takes its place.
  /// @returns the tasks of which one was being run when it died
  std::optional<Range> mend(std::size_t worker);
  /// How often a dead worker was replaced in this repetition, as its driver counts.
  std::atomic<std::uint32_t>& retries() { return parts_.header->retries; }
  /// A chunk with a task that is not in the ledger, if there is one. While no worker works.
  std::optional<std::size_t> unfinished_chunk() const;

 private:
  struct Header {
    ChunkQueue queue;
    alignas(64) Gate gate;
    std::atomic<bool> patchy{false};
    std::atomic<std::uint32_t> retries{0};
  };
  /// Where in the memory everything lies.
  struct Parts {
    Header* header;
    std::span<WorkerReport> reports;
    std::span<WorkerFacts> facts;
    std::span<Hand> hands;
    std::span<EventLog::State> logs;
    std::span<Event> events;
    std::span<std::uint8_t> marks;
    std::span<double> values;
    std::size_t bytes;  ///< all of it
  };
  struct Free {
    void operator()(std::byte* memory) const;
  };

  static Parts lay_out(std::byte* memory, const BoardShape& shape);
  Board(const Parts& parts, const BoardShape& shape);

  BoardShape shape_;
  std::unique_ptr<std::byte, Free> own_;  ///< the memory, when it is the board's
  Parts parts_;
  Ledger ledger_;
};

}  // namespace scalelab
