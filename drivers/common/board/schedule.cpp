#include "drivers/common/board/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/common/board/chunk_queue.hpp"

namespace scalelab {

std::string Schedule::name() const {
  switch (kind) {
    case Kind::fixed: return "static";
    case Kind::dynamic: return "dynamic";
    case Kind::guided: return "guided";
  }
  return "";
}

Schedule schedule_of(const OptionValues& options) {
  Schedule schedule;
  schedule.kind =
      static_cast<Schedule::Kind>(options.choice("schedule", {"static", "dynamic", "guided"}));
  if (options.given("chunk")) schedule.chunk = options.whole("chunk", 1, 1ULL << 40);
  return schedule;
}

namespace {

std::size_t rounded_up(std::size_t a, std::size_t b) { return (a - 1) / b + 1; }

std::vector<std::size_t> guided_begins(std::size_t tasks, std::size_t workers, std::size_t least) {
  std::vector<std::size_t> begins;
  for (std::size_t first = 0; first < tasks;) {
    begins.push_back(first);
    const std::size_t rest = tasks - first;
    first += std::min(rest, std::max(least, rounded_up(rest, 2 * workers)));
  }
  return begins;
}

}  // namespace

Chunks::Chunks(const Schedule& schedule, std::size_t tasks, std::size_t workers) : tasks_(tasks) {
  const std::size_t step = std::max<std::size_t>(schedule.chunk, 1);
  if (schedule.kind == Schedule::Kind::guided) {
    begins_ = std::make_shared<std::vector<std::size_t>>(guided_begins(tasks, workers, step));
    count_ = begins_->size();
  } else if (schedule.is_fixed() && schedule.chunk == 0) {
    length_ = tasks / workers;
    longer_ = tasks % workers;
    count_ = std::min(tasks, workers);
  } else {
    step_ = step;
    count_ = rounded_up(tasks, step);
  }
  if (!schedule.is_fixed() && count_ > ChunkQueue::most_chunks) {
    throw UsageError(fmt::format("--chunk: expected at least {} for {} tasks",
                                 rounded_up(tasks, ChunkQueue::most_chunks), tasks));
  }
}

Range Chunks::operator[](std::size_t number) const {
  if (step_ > 0) {
    const std::size_t first = number * step_;
    return {first, first + std::min(tasks_ - first, step_)};
  }
  if (begins_) {
    const bool final = number + 1 == count_;
    return {(*begins_)[number], final ? tasks_ : (*begins_)[number + 1]};
  }
  const std::size_t first = number * length_ + std::min(number, longer_);
  return {first, first + length_ + (number < longer_ ? 1 : 0)};
}

std::size_t Chunks::holding(std::size_t task) const {
  if (step_ > 0) return task / step_;
  if (begins_) {
    const auto after = std::upper_bound(begins_->begin(), begins_->end(), task);
    return static_cast<std::size_t>(after - begins_->begin()) - 1;
  }
  const std::size_t in_longer = longer_ * (length_ + 1);
  return task < in_longer ? task / (length_ + 1) : longer_ + (task - in_longer) / length_;
}

}  // namespace scalelab
