#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "drivers/common/machine/host.hpp"
#include "drivers/common/work/assignment.hpp"
#include "drivers/common/work/chunk_queue.hpp"
#include "drivers/common/work/ending.hpp"
#include "drivers/common/work/events.hpp"
#include "drivers/common/work/schedule.hpp"
#include "drivers/common/work/times.hpp"

namespace scalelab {

/// Who a worker is, as the system sees it.
struct WorkerFacts {
  std::int32_t pid = 0;          ///< 0: it has not said yet
  std::uint32_t cpu_count = 0;   ///< that it may run on,
  std::array<char, 248> cpus{};  ///< and which, as in "0-3,8"; cut if need be
  HostName host{};
};

/// What one worker says of one repetition. Plain bytes, so that it can lie in shared memory and
/// travel in a message.
struct WorkerReport {
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t tasks = 0;  ///< run to the end
  Times times{};            ///< with those of the dead whom it replaced
  Usage usage{};
  double until = 0;  ///< what `times` account for, since the clock of its board began [s]
  std::uint64_t failed_task = none;  ///< the first that threw
  std::array<char, 832> message{};   ///< for the user, of what went wrong; cut if need be

  /// @param task  where it went wrong: of several reports the one with the first task is printed
  void fail(std::uint64_t task, std::string_view what);

  /// Its time from `until` to now was spent on this.
  void charge(double Times::*account, double now);
};

/// What a worker has in hand: enough to go on with its work if it dies at any moment, whoever looks
/// at it then. Written in an order that makes sense wherever it breaks off.
struct alignas(64) Hand {
  std::atomic<std::uint64_t> chunk{0};  ///< its number + 1; 0: none yet
  std::atomic<std::uint64_t> done{0};   ///< tasks run to the end and marked in the ledger
  std::atomic<bool> running{false};     ///< the tasks first <= i < last, which are being run
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t done_before = 0;  ///< `done` when they were begun

  void begin(Range tasks, std::uint64_t before);
  void finish(std::uint64_t after);
};

/// What all workers that share memory have in front of them: the queue, one report each, the ledger
/// and the values. Lies in memory that its driver provides: the heap, a mapping that children
/// share, an MPI window. It takes the values and 1 byte per task, and
/// 1.5 KiB and some bytes per worker; with --trace also its events.
class Board {
 public:
  struct Shape {
    Shape(std::size_t tasks, std::size_t width, std::size_t workers, const Schedule& schedule,
          std::size_t most_events = 0);
    /// @throws UsageError if the schedule has more chunks than can be numbered
    explicit Shape(const Assignment& assignment);

    std::size_t tasks;
    std::size_t width;  ///< values per task
    std::size_t workers;
    Schedule schedule;
    std::size_t most_events;  ///< kept of each worker
    Chunks chunks;

    std::size_t values() const { return tasks * width; }
  };

  static constexpr std::size_t alignment = 64;
  static std::size_t bytes(const Shape& shape);

  /// A board in memory of `bytes(shape)` bytes, aligned to `alignment`, that outlives it.
  /// Exactly one of those who share the memory creates it, the others `open` it afterwards.
  static std::unique_ptr<Board> create(std::byte* memory, const Shape& shape);
  static std::unique_ptr<Board> open(std::byte* memory, const Shape& shape);
  /// In memory of its own, for threads.
  static std::unique_ptr<Board> on_heap(const Shape& shape);

  const Shape& shape() const { return shape_; }
  ChunkQueue& queue() { return header_->queue; }
  WorkerReport& report(std::size_t worker) { return reports_[worker]; }
  WorkerFacts& facts(std::size_t worker) { return facts_[worker]; }
  Hand& hand(std::size_t worker) { return hands_[worker]; }
  EventLog events(std::size_t worker);
  /// So far, by these workers.
  std::uint64_t tasks_done(std::span<const std::size_t> workers) const;
  /// How often each task was run, 0 or 1 if all is well; or that it was `finished_before`.
  std::span<std::uint8_t> ledger() { return ledger_; }
  /// tasks × width, in task order.
  std::span<double> values() { return values_; }

  /// The mark in the ledger of a task that an earlier run has finished.
  static constexpr std::uint8_t finished_before = 0x80;

  /// Before each repetition, while no worker works: no reports, an empty queue, and a ledger that
  /// is empty but for the tasks that were `finished` before.
  void clear(std::span<const Range> finished = {});
  /// Puts all tasks into the queue, if the schedule uses it.
  void deal();

  /// The clock of the repetition, which all who share the board read. It is set when the workers
  /// are let go: by the reporter or, on other nodes, when its word arrives.
  void start_clock();
  /// Since then. [s]
  double seconds() const;

  /// The serial part is done, and what came of it: the tasks may begin.
  void open(double serial_value);
  bool is_open() const { return header_->open.load(std::memory_order_acquire); }
  double serial_value() const { return header_->serial_value; }

  /// Lets those go who `await_release`: for drivers whose workers cannot be started by a call.
  void release() { header_->released.store(true, std::memory_order_release); }
  void await_release() const;

  /// Nobody begins another task. The first reason counts.
  void stop(Stop why);
  bool stopped() const { return why_stopped() != Stop::none; }
  Stop why_stopped() const { return header_->stopped.load(std::memory_order_acquire); }

  /// Some tasks are marked in the ledger before their chunk is run: they are to be left out.
  bool patchy() const { return header_->patchy.load(std::memory_order_acquire); }
  /// Puts a dead worker's hand in order, for another who takes its place.
  /// @returns the tasks of which one was being run when it died
  std::optional<Range> mend(std::size_t worker);
  /// A chunk with a task that is not in the ledger, if there is one. While no worker works.
  std::optional<std::size_t> unfinished_chunk();

  /// Workers that wait for the queue to be filled.
  std::atomic<std::uint32_t>& waiting() { return header_->waiting; }
  /// Workers that have done their part of the repetition.
  std::atomic<std::uint32_t>& finished() { return header_->finished; }

 private:
  struct Header {
    ChunkQueue queue;
    alignas(64) std::atomic<bool> released{false};
    std::atomic<bool> open{false};
    std::atomic<std::int64_t> began{0};  ///< steady clock [ns]
    double serial_value = 0;
    std::atomic<Stop> stopped{Stop::none};
    std::atomic<bool> patchy{false};
    std::atomic<std::uint32_t> waiting{0};
    std::atomic<std::uint32_t> finished{0};
  };
  struct Free {
    void operator()(std::byte* memory) const;
  };

  Board(std::byte* memory, const Shape& shape);

  Shape shape_;
  std::unique_ptr<std::byte, Free> own_;  ///< the memory, when it is the board's
  std::size_t bytes_ = 0;
  Header* header_;
  std::span<WorkerReport> reports_;
  std::span<WorkerFacts> facts_;
  std::span<Hand> hands_;
  std::span<EventLog::State> logs_;
  std::span<Event> events_;
  std::span<std::uint8_t> ledger_;
  std::span<double> values_;
};

}  // namespace scalelab
