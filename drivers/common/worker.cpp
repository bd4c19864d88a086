#include "drivers/common/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/polite_wait.hpp"

namespace scalelab {

namespace {

using Clock = std::chrono::steady_clock;

/// How many tasks to run before looking up: about 100 µs' worth, so that a stop is seen soon and
/// yet short tasks do not pay for the clock.
class Pace {
 public:
  std::size_t tasks() const { return tasks_; }

  void looked_up(Clock::time_point now) {
    const auto took = now - last_;
    last_ = now;
    if (took < std::chrono::microseconds(50)) {
      tasks_ = std::min<std::size_t>(tasks_ * 2, 1 << 16);
    } else if (took > std::chrono::microseconds(200)) {
      tasks_ = std::max<std::size_t>(tasks_ / 2, 1);
    }
  }

 private:
  std::size_t tasks_ = 1;
  Clock::time_point last_ = Clock::now();
};

class Shift {
 public:
  Shift(const Kernel& kernel, Board& board, std::size_t worker, Workspace& workspace)
      : kernel_(kernel), board_(board), worker_(worker), workspace_(workspace) {}

  void run() {
    const Board::Shape& shape = board_.shape();
    if (shape.schedule.kind == Schedule::Kind::fixed) {
      for (std::size_t k = 0; !board_.stopped(); ++k) {
        const auto range = fixed_range(shape.schedule, shape.tasks, shape.workers, worker_, k);
        if (!range) break;
        run_range(*range);
      }
    } else {
      while (const auto chunk = next_chunk()) run_range(shape.chunk(*chunk));
    }
    board_.report(worker_).tasks = done_;
  }

 private:
  std::optional<std::size_t> next_chunk() {
    if (board_.stopped()) return std::nullopt;
    if (const auto chunk = board_.queue().take()) return chunk;
    return wait_for_chunk();
  }

  std::optional<std::size_t> wait_for_chunk() {
    ++board_.waiting();
    std::optional<std::size_t> chunk;
    for (PoliteWait wait; !board_.stopped(); wait.pause()) {
      const bool last_look = board_.queue().closed();
      chunk = board_.queue().take();
      if (chunk || last_look) break;
    }
    --board_.waiting();
    return chunk;
  }

  void run_range(Range range) {
    while (range.size() > 0 && !board_.stopped()) {
      const Range part{range.first, range.first + std::min(range.size(), budget_)};
      run_part(part);
      range.first = part.last;
      budget_ -= part.size();
      if (budget_ == 0) {
        pace_.looked_up(Clock::now());
        budget_ = pace_.tasks();
      }
    }
  }

  void run_part(Range part) {
    const std::size_t width = board_.shape().width;
    const auto values = board_.values().subspan(part.first * width, part.size() * width);
    try {
      kernel_.run(part.first, part.last, workspace_, values);
    } catch (...) {
      fail(part);
      return;
    }
    for (auto& runs : board_.ledger().subspan(part.first, part.size())) ++runs;
    done_ += part.size();
  }

  const Kernel& kernel_;
  Board& board_;
  std::size_t worker_;
  Workspace& workspace_;
  Pace pace_;
  std::size_t budget_ = pace_.tasks();  ///< tasks until the next look at the clock
  std::size_t done_ = 0;

  /// Called while an exception is being handled. Tasks are pure, so running them one by one finds
  /// the one that throws.
  void fail(Range part) {
    std::string message = what_is_thrown();
    std::uint64_t culprit = part.first;
    if (part.size() > 1) {
      std::vector<double> values(board_.shape().width);
      for (; culprit < part.last; ++culprit) {
        try {
          kernel_.run(culprit, culprit + 1, workspace_, values);
        } catch (...) {
          message = what_is_thrown();
          break;
        }
      }
    }
    if (culprit == part.last) {  // nothing that the kernel does by itself: out of memory, say
      culprit = part.first;
      message +=
          fmt::format(" (or another task before {}: run again, none of them failed)", part.last);
    }
    board_.report(worker_).fail(culprit, message);
    board_.stop();
  }
};

}  // namespace

std::string what_is_thrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

void work(const Kernel& kernel, Board& board, std::size_t worker, Workspace& workspace) noexcept {
  Shift(kernel, board, worker, workspace).run();
  ++board.finished();
}

}  // namespace scalelab
