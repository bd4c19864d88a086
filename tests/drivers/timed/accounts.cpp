// Where workers say that their time went, against what the tests know that they did.
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

#include "drivers/common/timed/stopwatch.hpp"
#include "drivers/common/timed/worker.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/timed/team.hpp"

using namespace scalelab;
using namespace std::chrono_literals;
using Kind = Schedule::Kind;

namespace {

/// Burns CPU time, watching the clock.
void burn(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

/// Squares with a serial part.
class Uneven final : public Kernel {
 public:
  Uneven(std::size_t tasks, std::chrono::milliseconds serial) : tasks_(tasks), serial_(serial) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 1; }
  std::optional<Work> work() const override {
    return Work{static_cast<double>(tasks_), 1, static_cast<double>(serial_.count())};
  }
  double run_serial(Workspace&) const override {
    std::this_thread::sleep_for(serial_);
    return 42;
  }
  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t i = first; i < last; ++i) {
      std::this_thread::sleep_for(1ms);
      values[i - first] = static_cast<double>(i);
    }
  }

 private:
  std::size_t tasks_;
  std::chrono::milliseconds serial_;
};

std::unique_ptr<Board> timed_run(const Assignment& assignment) {
  auto board = Board::on_heap(assignment.shape);
  board->gate().start_clock();
  repeat(assignment, *board);
  return board;
}

}  // namespace

TEST_CASE("accounts: long tasks are timed one by one, and compute is the time that they take") {
  const Squares kernel(20, [](std::size_t) { std::this_thread::sleep_for(5ms); });
  const auto board = timed_run(assignment_of(kernel, {Kind::dynamic, 1}, 2));
  const Times& a = board->report(0).times;
  const Times& b = board->report(1).times;
  CHECK(a.parts + b.parts == 20);
  CHECK(a.timed_parts == a.parts);
  CHECK(a.compute + b.compute >= 0.100);
  CHECK(a.compute + b.compute <= board->report(0).until + board->report(1).until);
  CHECK(a.dispatch < 0.010);
  CHECK(a.serial == 0);
}

TEST_CASE("accounts: of short tasks some are timed, and what they took together is known") {
  const std::size_t tasks = 20'000;
  const Squares kernel(tasks, [](std::size_t) { burn(1us); });
  const auto board = timed_run(assignment_of(kernel, {Kind::dynamic, 1}, 1));
  const Times& times = board->report(0).times;
  CHECK(times.parts == tasks);
  CHECK(times.timed_parts > tasks / 100);
  CHECK(times.timed_parts < tasks / 2);
  // A task takes a microsecond and what it costs to look at the clock; others may have interrupted.
  CHECK(times.compute > 0.9e-6 * tasks);
  CHECK(times.dispatch < 0.5 * times.compute);
  CHECK(times.sum() <= board->report(0).until);
  CHECK(times.sum() > 0.9 * board->report(0).until);
}

TEST_CASE("accounts: a long task among short ones is compute, whether it was timed or not") {
  const Squares kernel(50'000, [](std::size_t task) {
    if (task % 10'000 == 5'000) std::this_thread::sleep_for(20ms);
  });
  for (const Schedule& schedule : {Schedule{Kind::dynamic, 1}, Schedule{Kind::fixed, 0}}) {
    const auto board = timed_run(assignment_of(kernel, schedule, 1));
    const Times& times = board->report(0).times;
    CHECK(times.compute >= 0.099);
    CHECK(times.dispatch < 0.050);
  }
}

TEST_CASE("accounts: waiting for chunks is communication, neither compute nor dispatch") {
  const Squares kernel(20, [](std::size_t) { std::this_thread::sleep_for(2ms); });
  const Assignment assignment = assignment_of(kernel, {Kind::dynamic, 1}, 1);
  const auto board = Board::on_heap(assignment.shape);
  board->gate().start_clock();
  in_threads(2, [&](std::size_t thread) {
    if (thread == 0) return Worker(assignment, *board, 0).work();
    while (board->queue().waiting() == 0) std::this_thread::yield();
    std::this_thread::sleep_for(300ms);
    board->deal();
  });
  const Times& times = board->report(0).times;
  CHECK(times.communication >= 0.299);
  CHECK(times.compute >= 0.040);
  CHECK(times.compute + times.dispatch <= board->report(0).until - 0.299);
}

TEST_CASE("accounts: worker 0 does the serial part while the others wait") {
  const Uneven kernel(8, 50ms);
  for (const Schedule& schedule : {Schedule{Kind::dynamic, 1}, Schedule{Kind::fixed, 0}}) {
    const auto board = timed_run(assignment_of(kernel, schedule, 3));
    CHECK(board->gate().serial_value() == 42);
    CHECK(all_runs_are(1, *board));
    CHECK(board->report(0).times.serial >= 0.050);
    CHECK(board->report(0).times.idle < 0.040);
    for (const std::size_t other : {1UL, 2UL}) {
      CHECK(board->report(other).times.serial == 0);
      CHECK(board->report(other).times.idle >= 0.045);
    }
  }
}

TEST_CASE("accounts: a worker that starts late has been idle") {
  const Squares kernel(1);
  const Assignment assignment = assignment_of(kernel, {Kind::fixed, 0}, 1);
  const auto board = Board::on_heap(assignment.shape);
  board->gate().start_clock();
  std::this_thread::sleep_for(30ms);
  repeat(assignment, *board);
  CHECK(board->report(0).times.idle >= 0.030);
  CHECK(board->report(0).times.compute < 0.010);
}

TEST_CASE("accounts: one who replaces a dead worker was not idle while that one worked") {
  const Squares kernel(10, [](std::size_t) { std::this_thread::sleep_for(1ms); });
  const Assignment assignment = assignment_of(kernel, {Kind::fixed, 0}, 1);
  const auto board = Board::on_heap(assignment.shape);
  board->gate().start_clock();
  board->report(0).until = board->gate().seconds();  // the dead one had begun, and had no chunk yet
  std::this_thread::sleep_for(30ms);
  repeat(assignment, *board);
  CHECK(board->report(0).times.idle == 0);
  CHECK(board->report(0).times.compute >= 0.010);
}

TEST_CASE("accounts: CPU time is that of computing, not that of sleeping") {
  const Squares burning(10, [](std::size_t) { burn(5ms); });
  const Squares sleeping(10, [](std::size_t) { std::this_thread::sleep_for(5ms); });
  const auto busy = timed_run(assignment_of(burning, {}, 1));
  const auto idle = timed_run(assignment_of(sleeping, {}, 1));
  CHECK(busy->report(0).usage.cpu_seconds > 0.010);  // somebody else may have had the core
  CHECK(idle->report(0).usage.cpu_seconds < 0.010);
  CHECK(idle->report(0).usage.voluntary_switches >= 10);
}

TEST_CASE("accounts: without accounting there are none") {
  const Squares kernel(100);
  Assignment assignment = assignment_of(kernel, {Kind::dynamic, 1}, 1);
  assignment.accounting = false;
  const auto board = timed_run(assignment);
  CHECK(board->report(0).tasks == 100);
  CHECK(board->report(0).times.sum() == 0);
  CHECK(board->report(0).times.parts == 0);
  CHECK(board->report(0).usage.cpu_seconds == 0);
}
