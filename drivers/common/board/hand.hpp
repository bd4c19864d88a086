#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "kernels/range.hpp"

namespace scalelab {

/// What a worker has in hand: enough to go on with its work if it dies at any moment, whoever looks
/// at it then. Written in an order that makes sense wherever it breaks off.
struct alignas(64) Hand {
  std::atomic<std::uint64_t> chunk{0};  ///< its number + 1; 0: none yet
  std::atomic<std::uint64_t> done{0};   ///< tasks run to the end and marked in the ledger
  std::atomic<bool> running{false};     ///< the tasks first <= i < last, which are being run
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t done_before = 0;  ///< `done` when they were begun

  /// Empty, before a repetition.
  void clear();
  void begin(Range tasks, std::uint64_t before);
  void finish(std::uint64_t after);

  /// Of a worker that has died: puts it in order, for another who takes its place. May be called
  /// again. @param marks  of all tasks in the ledger
  /// @returns the tasks of which one was being run when it died
  std::optional<Range> mend(std::span<const std::uint8_t> marks);
};

}  // namespace scalelab
