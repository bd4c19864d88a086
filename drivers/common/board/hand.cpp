#include "drivers/common/board/hand.hpp"

#include <algorithm>

namespace scalelab {

void Hand::clear() {
  chunk = 0;
  done = 0;
  running = false;
}

void Hand::begin(Range tasks, std::uint64_t before) {
  std::atomic_signal_fence(std::memory_order_seq_cst);  // not before `running` is false
  first = tasks.first;
  last = tasks.last;
  done_before = before;
  running.store(true, std::memory_order_release);
}

void Hand::finish(std::uint64_t after) {
  done.store(after, std::memory_order_release);
  running.store(false, std::memory_order_release);
}

std::optional<Range> Hand::mend(std::span<const std::uint8_t> marks) {
  if (!running.load(std::memory_order_acquire)) return std::nullopt;
  // It may have died while it marked them, before or after it counted them.
  const auto own = marks.subspan(first, last - first);
  const auto left = static_cast<std::uint64_t>(std::count(own.begin(), own.end(), 0));
  finish(done_before + (own.size() - left));
  if (left == 0) return std::nullopt;
  return Range{last - left, last};
}

}  // namespace scalelab
