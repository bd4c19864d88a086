#include "drivers/common/board/events.hpp"

#include <algorithm>

namespace scalelab {

void EventLog::add(const Event& event) {
  const bool is_chunk = event.kind == Event::Kind::tasks;
  const std::uint64_t number = is_chunk ? state_.seen++ : 0;
  if (number % state_.stride != 0) return;
  if (state_.count == events_.size()) thin_out();
  if (number % state_.stride != 0) return;
  if (state_.count < events_.size()) events_[state_.count++] = event;
}

void EventLog::thin_out() {
  bool keep = false;
  const auto kept = events_.first(state_.count);
  const auto end = std::remove_if(kept.begin(), kept.end(), [&](const Event& event) {
    if (event.kind != Event::Kind::tasks) return false;
    keep = !keep;
    return !keep;
  });
  if (end == kept.end()) return;  // nothing but events that are kept
  state_.count = static_cast<std::uint64_t>(end - kept.begin());
  state_.stride *= 2;
}

}  // namespace scalelab
