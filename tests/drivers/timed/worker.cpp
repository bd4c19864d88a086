#include "drivers/common/timed/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"
#include "tests/drivers/timed/team.hpp"

using namespace scalelab;
using Kind = Schedule::Kind;

namespace {

/// The report of the worker whose task failed; fails the test if it is not exactly one.
const WorkerReport& failure(Board& board) {
  const WorkerReport* found = nullptr;
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    if (board.report(worker).failed_task == WorkerReport::none) continue;
    REQUIRE(found == nullptr);
    found = &board.report(worker);
  }
  REQUIRE(found != nullptr);
  return *found;
}

const Schedule schedules[] = {{Kind::fixed, 0},   {Kind::fixed, 1},   {Kind::fixed, 7},
                              {Kind::dynamic, 0}, {Kind::dynamic, 7}, {Kind::dynamic, 5000},
                              {Kind::guided, 0},  {Kind::guided, 7},  {Kind::guided, 5000}};

}  // namespace

TEST_CASE("worker: every schedule runs every task once and leaves its values in place") {
  for (const std::size_t tasks : {1UL, 5UL, 3000UL}) {
    const Squares kernel(tasks);
    for (const Schedule& schedule : schedules) {
      for (const std::size_t workers : {1UL, 3UL, 8UL}) {
        CAPTURE(tasks, schedule.name(), schedule.chunk, workers);
        const auto board = run(kernel, schedule, workers);
        CHECK(all_runs_are(1, *board));
        CHECK(wrong_squares(board->values()) == 0);
        CHECK(tasks_reported(*board) == tasks);
        for (std::size_t worker = 0; worker < workers; ++worker) {
          CHECK(board->report(worker).failed_task == WorkerReport::none);
          CHECK(board->hand(worker).done == board->report(worker).tasks);
          CHECK_FALSE(board->hand(worker).running);
        }
        CHECK((board->gate().left() == workers && board->queue().waiting() == 0 &&
               !board->gate().stopped()));
      }
    }
  }
}

TEST_CASE("worker: a report counts the tasks of its block and says who worked") {
  const auto board = run(Squares(11), {Kind::fixed, 0}, 3);
  CHECK(
      (board->report(0).tasks == 4 && board->report(1).tasks == 4 && board->report(2).tasks == 3));
  HostName name{};
  gethostname(name.data(), name.size() - 1);
  CHECK((board->facts(2).pid == getpid() && board->facts(2).host == name));
  CHECK(board->facts(2).cpu_count == std::thread::hardware_concurrency());
}

TEST_CASE("worker: one that is bound reports its core") {
  const Squares kernel(10);
  Assignment assignment = assignment_of(kernel, {}, 2);
  assignment.bind = true;
  const auto board = run(assignment);
  CHECK((board->facts(0).cpu_count == 1 && board->facts(1).cpu_count == 1));
  if (std::thread::hardware_concurrency() > 1) {
    CHECK(std::string(board->facts(0).cpus.data()) != board->facts(1).cpus.data());
  }
}

TEST_CASE("worker: a cleared board serves the next repetition") {
  const Squares kernel(500);
  for (const Schedule& schedule :
       {Schedule{Kind::dynamic, 3}, {Kind::guided, 0}, {Kind::fixed, 3}}) {
    const Assignment assignment = assignment_of(kernel, schedule, 2);
    const auto board = Board::on_heap(assignment.shape);
    std::deque<Worker> team;  // the same workers, as in a driver
    for (const std::size_t worker : {0UL, 1UL}) team.emplace_back(assignment, *board, worker);
    for (int repetition = 0; repetition < 3; ++repetition) {
      board->clear();
      CHECK(all_runs_are(0, *board));
      board->deal();
      in_threads(2, [&](std::size_t worker) { team[worker].work(); });
      CHECK(all_runs_are(1, *board));
      CHECK(tasks_reported(*board) == 500);
    }
  }
}

TEST_CASE("worker: tasks that were finished before are left out, and so are their values") {
  const Squares kernel(300);
  const std::vector<Range> finished{{0, 3}, {17, 18}, {50, 211}, {299, 300}};
  for (const Schedule& schedule : schedules) {
    for (const std::size_t workers : {1UL, 3UL}) {
      CAPTURE(schedule.name(), schedule.chunk, workers);
      const Assignment assignment = assignment_of(kernel, schedule, workers);
      const auto board = Board::on_heap(assignment.shape);
      board->clear(finished);
      std::ranges::fill(board->values(), -1.0);
      repeat(assignment, *board);
      CHECK(tasks_reported(*board) == 300 - 3 - 1 - 161 - 1);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < 300; ++i) {
        const bool before = i < 3 || i == 17 || (i >= 50 && i < 211) || i == 299;
        if (board->ledger().marks()[i] != (before ? 0x80 : 1)) ++wrong;
        if (board->values()[2 * i] != (before ? -1.0 : static_cast<double>(i))) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("worker: whoever finds the queue empty waits until it is filled or closed") {
  const Squares kernel(100);
  const Assignment assignment = assignment_of(kernel, {Kind::dynamic, 1}, 3);
  const auto board = Board::on_heap(assignment.shape);
  std::uint32_t gone_early = 0;
  in_threads(4, [&](std::size_t thread) {
    if (thread < 3) return Worker(assignment, *board, thread).work();
    while (board->queue().waiting() < 3) std::this_thread::yield();
    board->queue().fill(0, 60);
    while (board->queue().left() > 0 || board->queue().waiting() < 3) std::this_thread::yield();
    gone_early = board->gate().left();
    board->queue().fill(60, 100);
    board->queue().close();
  });
  CHECK(gone_early == 0);
  CHECK((all_runs_are(1, *board) && board->gate().left() == 3));
}

TEST_CASE("worker: a stopped board sends home those who wait, and those who come later") {
  const Squares kernel(100);
  const Assignment assignment = assignment_of(kernel, {Kind::dynamic, 1}, 2);
  const auto board = Board::on_heap(assignment.shape);
  in_threads(3, [&](std::size_t thread) {
    if (thread < 2) return Worker(assignment, *board, thread).work();
    while (board->queue().waiting() < 2) std::this_thread::yield();
    board->gate().stop(Stop::terminate);
  });
  CHECK((board->gate().left() == 2 && board->queue().waiting() == 0 && all_runs_are(0, *board)));
  for (const Schedule& schedule : schedules) {
    const Assignment late = assignment_of(kernel, schedule, 2);
    const auto stopped = Board::on_heap(late.shape);
    stopped->gate().stop(Stop::interrupt);
    repeat(late, *stopped);
    CHECK((all_runs_are(0, *stopped) && stopped->gate().why_stopped() == Stop::interrupt));
  }
}

TEST_CASE("worker: a stop is obeyed in the middle of a chunk, and no task is cut") {
  Board* board = nullptr;
  const Squares kernel(4000, [&](std::size_t task) {
    if (task == 100) board->gate().stop(Stop::terminate);
    if (task >= 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  const auto own = Board::on_heap({4000, 2, 1, {Kind::fixed, 0}});
  board = own.get();
  repeat(assignment_of(kernel, {Kind::fixed, 0}, 1), *board);
  const std::uint64_t done = board->report(0).tasks;
  CHECK((done > 100 && done < 2500));
  for (std::size_t i = 0; i < 4000; ++i) REQUIRE(board->ledger().marks()[i] == (i < done ? 1 : 0));
  CHECK(wrong_squares(board->values().first(2 * done)) == 0);
}

TEST_CASE("worker: a task that throws is named with its message, wherever it stands") {
  for (const Schedule& schedule : schedules) {
    for (const std::size_t culprit : {0UL, 1UL, 1234UL, 2999UL}) {
      CAPTURE(schedule.name(), schedule.chunk, culprit);
      const Squares kernel(3000, [&](std::size_t task) {
        if (task == culprit) throw std::runtime_error("no luck with " + std::to_string(task));
      });
      const auto board = run(kernel, schedule, 3);
      const std::string number = std::to_string(culprit);
      CHECK(failure(*board).failed_task == culprit);
      CHECK(text(failure(*board)) == "task " + number + " failed: no luck with " + number);
      CHECK(
          (board->ledger().marks()[culprit] == 0 && board->gate().why_stopped() == Stop::failure));
      CHECK(board->gate().left() == 3);
    }
  }
}

TEST_CASE("worker: of a part that fails only together the first task is named, and that is said") {
  class Together final : public Kernel {
   public:
    std::size_t tasks() const override { return 1000; }
    std::size_t width() const override { return 1; }
    void run(std::size_t first, std::size_t last, Workspace&, std::span<double>) const override {
      if (last - first > 1) throw std::runtime_error("too much at once");
    }
  };
  const Together kernel;
  const auto board = run(kernel, {Kind::fixed, 0}, 1);
  CHECK(text(failure(*board)).find("failed: too much at once (or another task before ") !=
        std::string::npos);
}

TEST_CASE("worker: after an error the others stop early") {
  for (const Schedule& schedule :
       {Schedule{Kind::fixed, 0}, {Kind::dynamic, 100}, {Kind::guided, 100}}) {
    const Squares kernel(4000, [](std::size_t task) {
      if (task == 0) throw std::runtime_error("at once");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    const auto board = run(kernel, schedule, 2);
    CHECK(tasks_reported(*board) < 400);
    CHECK(failure(*board).failed_task == 0);
  }
}

TEST_CASE("worker: what is thrown need be no std::exception, and may say too much") {
  const auto odd = run(Squares(10,
                               [](std::size_t task) {
                                 if (task == 4) throw 42;
                               }),
                       {}, 1);
  CHECK(failure(*odd).failed_task == 4);
  CHECK(text(failure(*odd)) == "task 4 failed: an exception that is no std::exception");
  const auto chatty = run(Squares(10,
                                  [](std::size_t task) {
                                    if (task == 4) throw std::runtime_error(std::string(5000, 'x'));
                                  }),
                          {}, 1);
  const std::string whole = "task 4 failed: " + std::string(5000, 'x');
  const std::string told = text(failure(*chatty));
  const std::string end = "... (5015 bytes)";
  REQUIRE(told.ends_with(end));
  CHECK(whole.starts_with(told.substr(0, told.size() - end.size())));
  CHECK(told.size() > sizeof(WorkerReport::message) - 100);
}

TEST_CASE("worker: one that cannot start says which it is and why") {
  const Folder folder;
  const Squares kernel(10);
  Assignment assignment = assignment_of(kernel, {}, 4);
  assignment.journal = folder.file("not-there");
  const auto board = Board::on_heap(assignment.shape);
  std::string message;
  try {
    Worker(assignment, *board, 3);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message.find("worker 3 cannot start: --journal: ") == 0);
  CHECK(message.find("No such file or directory") != std::string::npos);
}

TEST_CASE("worker: one of a single repetition that cannot start says so on the board") {
  const Folder folder;
  const Squares kernel(10);
  Assignment assignment = assignment_of(kernel, {}, 2);
  const auto board = Board::on_heap(assignment.shape);
  board->deal();
  in_threads(2, [&](std::size_t worker) { work_once(assignment, *board, worker); });
  CHECK((all_runs_are(1, *board) && !board->gate().stopped()));
  board->clear();
  assignment.journal = folder.file("not-there");
  work_once(assignment, *board, 1);
  CHECK(board->gate().why_stopped() == Stop::failure);
  CHECK(board->report(1).failed_task == 0);
  CHECK(text(board->report(1)).find("worker 1 cannot start: --journal: ") == 0);
}

TEST_CASE("worker: its events are the chunks that it ran, one after the other") {
  const Squares kernel(1000);
  for (const Schedule& schedule :
       {Schedule{Kind::fixed, 30}, {Kind::dynamic, 30}, {Kind::guided, 0}}) {
    Assignment assignment = assignment_of(kernel, schedule, 3);
    assignment.shape.most_events = 1000;
    const auto board = run(assignment);
    std::vector<int> times(1000, 0);
    for (std::size_t worker = 0; worker < 3; ++worker) {
      std::uint64_t before = 0;
      for (const Event& event : board->events(worker).events()) {
        REQUIRE((event.kind == Event::Kind::tasks && event.last <= 1000));
        CHECK((before <= event.begin && event.begin <= event.end));
        before = event.end;
        for (std::size_t task = event.first; task < event.last; ++task) ++times[task];
      }
    }
    CHECK(std::count(times.begin(), times.end(), 1) == 1000);
  }
}

TEST_CASE("worker: what it did not run is no event") {
  const Squares kernel(100, [](std::size_t task) {
    if (task == 25) throw std::runtime_error("why");
  });
  Assignment assignment = assignment_of(kernel, {Kind::fixed, 10}, 1);
  assignment.shape.most_events = 100;
  const auto board = Board::on_heap(assignment.shape);
  const std::vector<Range> finished{{0, 10}};
  board->clear(finished);
  repeat(assignment, *board);
  std::vector<int> times(100, 0);
  for (const Event& event : board->events(0).events()) {
    for (std::size_t task = event.first; task < event.last; ++task) ++times[task];
  }
  CHECK(std::count(times.begin(), times.begin() + 10, 0) == 10);  // by an earlier run
  CHECK(std::count(times.begin() + 10, times.begin() + 20, 1) == 10);
  CHECK(std::count(times.begin() + 30, times.end(), 0) == 70);  // after the failure
}
