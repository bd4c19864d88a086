#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "drivers/common/chunk_queue.hpp"
#include "drivers/common/schedule.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// What one worker says of one repetition. Plain bytes, so that it can lie in shared memory and
/// travel in a message.
struct WorkerReport {
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t tasks = 0;           ///< run to the end
  std::uint64_t failed_task = none;  ///< the first that threw
  std::array<char, 1008> message{};  ///< of what it threw, cut if need be

  void fail(std::uint64_t task, std::string_view what);
};

/// What all workers that share memory have in front of them: the queue, one report each, the ledger
/// and the values. Lies in memory that its driver provides: the heap, a mapping that children
/// share, an MPI window. It takes the values and 1 byte per task, and 1 KiB per worker.
class Board {
 public:
  struct Shape {
    std::size_t tasks;
    std::size_t width;  ///< values per task
    std::size_t workers;
    Schedule schedule;

    std::size_t values() const { return tasks * width; }
    /// What `dynamic` hands out.
    std::size_t chunks() const { return (tasks - 1) / schedule.step() + 1; }
    Range chunk(std::size_t number) const;
  };

  /// @throws UsageError if the schedule has more chunks than can be numbered
  static Shape shape_of(const Kernel& kernel, const Schedule& schedule, std::size_t workers);

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
  /// How often each task was run: 0 or 1 if all is well.
  std::span<std::uint8_t> ledger() { return ledger_; }
  /// tasks × width, in task order.
  std::span<double> values() { return values_; }

  /// Before each repetition, while no worker works: no reports, an empty ledger, an empty queue.
  void clear();
  /// Puts all tasks into the queue, if the schedule uses it.
  void deal();

  /// Lets those go who `await_release`: for drivers whose workers cannot be started by a call.
  void release() { header_->released.store(true, std::memory_order_release); }
  void await_release() const;

  /// Nobody begins another chunk.
  void stop() { header_->stopped.store(true, std::memory_order_release); }
  bool stopped() const { return header_->stopped.load(std::memory_order_acquire); }

  /// Workers that wait for the queue to be filled.
  std::atomic<std::uint32_t>& waiting() { return header_->waiting; }
  /// Workers that have done their part of the repetition.
  std::atomic<std::uint32_t>& finished() { return header_->finished; }

 private:
  struct Header {
    ChunkQueue queue;
    alignas(64) std::atomic<bool> released{false};
    std::atomic<bool> stopped{false};
    std::atomic<std::uint32_t> waiting{0};
    std::atomic<std::uint32_t> finished{0};
  };
  struct Free {
    void operator()(std::byte* memory) const;
  };

  Board(std::byte* memory, const Shape& shape);

  Shape shape_;
  std::unique_ptr<std::byte, Free> own_;  ///< the memory, when it is the board's
  Header* header_;
  std::span<WorkerReport> reports_;
  std::span<std::uint8_t> ledger_;
  std::span<double> values_;
};

}  // namespace scalelab
