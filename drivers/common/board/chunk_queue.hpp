#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace scalelab {

/// Hands out numbered chunks, each exactly once, to all threads or processes that share its memory.
/// Lock-free and free of addresses, so it may lie in shared memory. One party fills it, any number
/// take from it. There are two slots for runs of consecutive chunks: while workers empty one, the
/// other can be filled.
class ChunkQueue {
 public:
  /// Chunk numbers are below this; the rest of 32 bits is for workers that look into an empty
  /// slot.
  static constexpr std::uint64_t most_chunks = 0xFF000000U;

  /// Empty and open. Nobody else may be using the queue.
  void reset() {
    for (Slot& slot : slots_) slot.next_and_end.store(0, std::memory_order_relaxed);
    waiting_.store(0, std::memory_order_relaxed);
    closed_.store(false, std::memory_order_release);
  }

  /// The next chunk, or nothing if the queue is empty at present.
  std::optional<std::uint64_t> take() {
    for (Slot& slot : slots_) {
      // Look before taking, so that an empty slot is not counted up for ever.
      if (empty(slot.next_and_end.load(std::memory_order_acquire))) continue;
      const std::uint64_t word = slot.next_and_end.fetch_add(one_chunk, std::memory_order_acq_rel);
      if (!empty(word)) return next(word);
    }
    return std::nullopt;
  }

  /// Puts the chunks first <= c < end into an empty slot. @returns false if there is none
  bool fill(std::uint64_t first, std::uint64_t end) {
    for (Slot& slot : slots_) {
      // Workers that come too late may still count an empty slot up; replacing the whole word at
      // once makes them see either the old run, which is over, or the new one.
      if (!empty(slot.next_and_end.load(std::memory_order_acquire))) continue;
      slot.next_and_end.store(first << 32 | end, std::memory_order_release);
      return true;
    }
    return false;
  }

  /// Whether a run of chunks could be put in.
  bool has_room() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
      return empty(slot.next_and_end.load(std::memory_order_acquire));
    });
  }

  /// Chunks that nobody has taken yet.
  std::uint64_t left() const {
    std::uint64_t sum = 0;
    for (const Slot& slot : slots_) {
      const std::uint64_t word = slot.next_and_end.load(std::memory_order_acquire);
      if (!empty(word)) sum += end(word) - next(word);
    }
    return sum;
  }

  /// Says that nothing more will be put in.
  void close() { closed_.store(true, std::memory_order_release); }
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  /// Workers that wait for it to be filled.
  std::atomic<std::uint32_t>& waiting() { return waiting_; }

 private:
  static constexpr std::uint64_t one_chunk = std::uint64_t{1} << 32;
  static std::uint64_t next(std::uint64_t word) { return word >> 32; }
  static std::uint64_t end(std::uint64_t word) { return word & 0xFFFFFFFFU; }
  static bool empty(std::uint64_t word) { return next(word) >= end(word); }

  /// The next chunk to be taken in the upper half, the end of the run in the lower: one addition
  /// takes a chunk. A cache line of its own, or neighbours would slow it down.
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> next_and_end{0};
  };
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

  std::array<Slot, 2> slots_;
  alignas(64) std::atomic<bool> closed_{false};
  std::atomic<std::uint32_t> waiting_{0};
};

}  // namespace scalelab
