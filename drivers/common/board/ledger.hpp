#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernels/range.hpp"

namespace scalelab {

/// The proof that every task is run exactly once: a mark for each of them, in memory that its
/// workers share.
class Ledger {
 public:
  /// The mark of a task that an earlier run has finished; others count how often it was run.
  static constexpr std::uint8_t finished_before = 0x80;

  /// @param marks   one byte per task
  /// @param patchy  shared as they are
  Ledger(std::span<std::uint8_t> marks, std::atomic<bool>& patchy)
      : marks_(marks), patchy_(&patchy) {}

  /// In task order: 1 if all is well, or `finished_before`.
  std::span<const std::uint8_t> marks() const { return marks_; }
  std::span<std::uint8_t> marks() { return marks_; }

  /// No task was run, and these need not be. While no worker works.
  void clear(std::span<const Range> finished);

  /// These tasks have been run, once more.
  void mark(Range tasks) {
    for (std::uint8_t& runs : marks_.subspan(tasks.first, tasks.size())) ++runs;
  }

  /// Some tasks are marked before their chunk is run: they are to be left out.
  bool patchy() const { return patchy_->load(std::memory_order_acquire); }
  /// A worker has died: its chunk has marks.
  void become_patchy() { patchy_->store(true, std::memory_order_release); }

  /// The first of the tasks in a row that are not marked, at most so many.
  Range unmarked(Range tasks, std::size_t most) const;

  /// The first task without a mark.
  std::optional<std::size_t> gap() const;

 private:
  std::span<std::uint8_t> marks_;
  std::atomic<bool>* patchy_;
};

}  // namespace scalelab
