#include "drivers/common/board/ledger.hpp"

#include <algorithm>

namespace scalelab {

void Ledger::clear(std::span<const Range> finished) {
  std::ranges::fill(marks_, std::uint8_t{0});
  for (const Range& range : finished) {
    std::ranges::fill(marks_.subspan(range.first, range.size()), finished_before);
  }
  patchy_->store(!finished.empty(), std::memory_order_relaxed);
}

Range Ledger::unmarked(Range tasks, std::size_t most) const {
  std::span<const std::uint8_t> marks = marks_.subspan(tasks.first, tasks.size());
  tasks.first += static_cast<std::size_t>(std::ranges::find(marks, 0) - marks.begin());
  marks = marks_.subspan(tasks.first, std::min(tasks.last - tasks.first, most));
  const auto marked = std::ranges::find_if(marks, [](auto mark) { return mark != 0; });
  return {tasks.first, tasks.first + static_cast<std::size_t>(marked - marks.begin())};
}

std::optional<std::size_t> Ledger::gap() const {
  const auto found = std::ranges::find(marks_, 0);
  if (found == marks_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - marks_.begin());
}

}  // namespace scalelab
