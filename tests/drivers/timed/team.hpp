#pragma once

#include <sys/time.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/timed/assignment.hpp"
#include "drivers/common/timed/worker.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// Values i and i², after something happens.
class Squares final : public Kernel {
 public:
  using Event = std::function<void(std::size_t task)>;
  explicit Squares(std::size_t tasks, Event event = {}) : tasks_(tasks), event_(std::move(event)) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 2; }
  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      if (event_) event_(task);
      const auto x = static_cast<double>(task);
      values[2 * (task - first)] = x;
      values[2 * (task - first) + 1] = x * x;
    }
  }

 private:
  std::size_t tasks_;
  Event event_;
};

/// How many values are not those of Squares.
inline std::size_t wrong_squares(std::span<const double> values) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < values.size() / 2; ++i) {
    const auto x = static_cast<double>(i);
    if (values[2 * i] != x || values[2 * i + 1] != x * x) ++wrong;
  }
  return wrong;
}

inline void in_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

inline Assignment assignment_of(const Kernel& kernel, const Schedule& schedule,
                                std::size_t workers) {
  static const OptionValues no_options;
  return {.kernel = kernel, .shape = shape_of(kernel, schedule, workers), .options = no_options};
}

/// A failure arms a timer that would end this program: nobody abandons the tests.
inline void forget_grace() {
  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
}

/// One repetition on a board that was cleared, with one thread per worker.
inline void repeat(const Assignment& assignment, Board& board) {
  board.deal();
  in_threads(board.shape().workers,
             [&](std::size_t worker) { Worker(assignment, board, worker).work(); });
  forget_grace();
}

inline std::unique_ptr<Board> run(const Assignment& assignment) {
  auto board = Board::on_heap(assignment.shape);
  repeat(assignment, *board);
  return board;
}

inline std::unique_ptr<Board> run(const Kernel& kernel, const Schedule& schedule,
                                  std::size_t workers) {
  return run(assignment_of(kernel, schedule, workers));
}

inline bool all_runs_are(int n, Board& board) {
  return std::ranges::all_of(board.ledger().marks(), [n](int runs) { return runs == n; });
}

inline std::uint64_t tasks_reported(Board& board) {
  std::uint64_t sum = 0;
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    sum += board.report(worker).tasks;
  }
  return sum;
}

inline std::string text(const WorkerReport& report) { return report.message.data(); }

}  // namespace scalelab
