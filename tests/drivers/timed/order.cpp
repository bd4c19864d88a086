// Which worker runs which tasks, in which order: what a schedule is.
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

using Tasks = std::vector<std::size_t>;

/// Remembers which tasks each worker ran, in which order.
class Recorder final : public Kernel {
 public:
  explicit Recorder(std::size_t tasks) : tasks_(tasks) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 1; }
  std::unique_ptr<Workspace> workspace() const override {
    auto list = std::make_unique<List>(lists_.emplace_back());
    return list;
  }
  void run(std::size_t first, std::size_t last, Workspace& workspace,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      dynamic_cast<List&>(workspace).tasks.push_back(task);
      values[task - first] = 0;
      if (task % 16 == 0) std::this_thread::yield();
    }
  }

  /// By worker, if they were made one after the other.
  const std::deque<Tasks>& lists() const { return lists_; }

 private:
  struct List final : Workspace {
    explicit List(Tasks& tasks_of_worker) : tasks(tasks_of_worker) {}
    Tasks& tasks;
  };

  std::size_t tasks_;
  mutable std::deque<Tasks> lists_;
};

/// The tasks that each worker ran, in order.
std::vector<Tasks> recorded(std::size_t tasks, const Schedule& schedule, std::size_t workers,
                            bool one_thread) {
  const Recorder kernel(tasks);
  const Assignment assignment = assignment_of(kernel, schedule, workers);
  const auto board = Board::on_heap(assignment.shape);
  std::deque<Worker> team;
  for (std::size_t w = 0; w < workers; ++w) team.emplace_back(assignment, *board, w);
  board->deal();
  if (one_thread) {
    for (Worker& worker : team) worker.work();
  } else {
    in_threads(workers, [&](std::size_t w) { team[w].work(); });
  }
  return {kernel.lists().begin(), kernel.lists().end()};
}

Tasks from_to(std::size_t first, std::size_t last) {
  Tasks tasks;
  for (; first < last; ++first) tasks.push_back(first);
  return tasks;
}

}  // namespace

TEST_CASE("worker: static gives each worker its tasks in order, whatever the others do") {
  for (const bool one_thread : {true, false}) {
    CHECK(recorded(10, {Kind::fixed, 0}, 3, one_thread) ==
          std::vector{from_to(0, 4), from_to(4, 7), from_to(7, 10)});
    CHECK(recorded(10, {Kind::fixed, 2}, 3, one_thread) ==
          std::vector<Tasks>{{0, 1, 6, 7}, {2, 3, 8, 9}, {4, 5}});
    CHECK(recorded(2, {Kind::fixed, 0}, 4, one_thread) == std::vector<Tasks>{{0}, {1}, {}, {}});
    // Round robin, worked out task by task: block i / 5 belongs to worker (i / 5) mod 4.
    std::vector<Tasks> expected(4);
    for (std::size_t task = 0; task < 20'000; ++task) expected[task / 5 % 4].push_back(task);
    CHECK(recorded(20'000, {Kind::fixed, 5}, 4, one_thread) == expected);
  }
}

TEST_CASE("worker: without static the first that comes runs all, in order") {
  for (const Schedule& schedule :
       {Schedule{Kind::dynamic, 0}, {Kind::dynamic, 7}, {Kind::guided, 0}, {Kind::guided, 7}}) {
    CAPTURE(schedule.name(), schedule.chunk);
    CHECK(recorded(1000, schedule, 3, true) == std::vector<Tasks>{from_to(0, 1000), {}, {}});
  }
}

TEST_CASE("worker: without static each worker gets whole chunks, in order, each only once") {
  for (const Schedule& schedule : {Schedule{Kind::dynamic, 7}, {Kind::guided, 0}}) {
    CAPTURE(schedule.name(), schedule.chunk);
    const std::size_t tasks = 20'000;
    const std::size_t workers = 4;
    Tasks begins{0};  // by the design's formula
    while (begins.back() < tasks) {
      const std::size_t rest = tasks - begins.back();
      const std::size_t share = (rest + 2 * workers - 1) / (2 * workers);
      begins.push_back(std::min(tasks, begins.back() + (schedule.chunk > 0 ? 7 : share)));
    }
    std::vector<int> times(tasks, 0);
    for (const Tasks& list : recorded(tasks, schedule, workers, false)) {
      CHECK(std::is_sorted(list.begin(), list.end()));
      for (std::size_t at = 0; at < list.size();) {
        const auto begin = std::find(begins.begin(), begins.end(), list[at]);
        REQUIRE((begin != begins.end() && *begin < tasks));
        for (std::size_t task = *begin; task < *std::next(begin); ++task, ++at) {
          REQUIRE((at < list.size() && list[at] == task));
          ++times[task];
        }
      }
    }
    CHECK(std::count(times.begin(), times.end(), 1) == static_cast<std::ptrdiff_t>(tasks));
  }
}
