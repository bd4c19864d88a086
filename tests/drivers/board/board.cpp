#include "drivers/common/board/board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <numeric>
#include <vector>

#include "drivers/common/timed/worker.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/timed/team.hpp"

using namespace scalelab;
using Kind = Schedule::Kind;

namespace {

/// What a worker stores while it runs the tasks of `part` in a chunk, one store after the other. It
/// may die between any two of them.
std::vector<std::function<void()>> stores_of(Board& board, std::size_t worker, std::size_t chunk,
                                             Range part) {
  Hand& hand = board.hand(worker);
  const std::uint64_t before = hand.done;
  std::vector<std::function<void()>> stores{
      [&hand, chunk] { hand.chunk = chunk + 1; }, [&hand, part] { hand.first = part.first; },
      [&hand, part] { hand.last = part.last; },   [&hand, before] { hand.done_before = before; },
      [&hand] { hand.running = true; },
  };
  for (std::size_t task = part.first; task < part.last; ++task) {
    stores.push_back([&board, task] {
      const auto x = static_cast<double>(task);
      board.values()[2 * task] = x;
      board.values()[2 * task + 1] = x * x;
    });
  }
  for (std::size_t task = part.first; task < part.last; ++task) {
    stores.push_back([&board, task] { ++board.ledger().marks()[task]; });
  }
  stores.push_back([&hand, before, part] { hand.done = before + part.size(); });
  stores.push_back([&hand] { hand.running = false; });
  return stores;
}

/// Memory that children share.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes)
      : bytes_(bytes),
        memory_(static_cast<std::byte*>(
            mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    REQUIRE(memory_ != MAP_FAILED);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(memory_, bytes_); }
  std::byte* get() const { return memory_; }

 private:
  std::size_t bytes_;
  std::byte* memory_;
};

/// A process that does one worker's part of the repetition.
pid_t hire(const Assignment& assignment, Board& board, std::size_t worker) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  Worker(assignment, board, worker).work();
  _exit(0);
}

/// Lets a worker work until it ends in peace. @returns how often it was killed
int work_until_done(const Assignment& assignment, Board& board, std::size_t worker, int most_kills,
                    const std::function<unsigned()>& microseconds) {
  for (int killed = 0;;) {
    const pid_t child = hire(assignment, board, worker);
    REQUIRE(child > 0);
    if (killed < most_kills) {
      usleep(microseconds());
      kill(child, SIGKILL);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) return killed;
    ++killed;
    board.mend(worker);
  }
}

const Schedule schedules[] = {{Kind::fixed, 0},   {Kind::fixed, 7},  {Kind::dynamic, 0},
                              {Kind::dynamic, 7}, {Kind::guided, 0}, {Kind::guided, 7}};

}  // namespace

TEST_CASE("board: its shape follows from the kernel, the schedule and the workers") {
  const Squares kernel(10);
  const BoardShape shape = shape_of(kernel, {Kind::dynamic, 4}, 2, 5);
  CHECK((shape.tasks == 10 && shape.width == 2 && shape.workers == 2 && shape.values() == 20));
  CHECK((shape.most_events == 5 && shape.schedule.kind == Kind::dynamic));
  CHECK((shape.chunks.count() == 3 && shape.chunks[2] == Range{8, 10}));
  const Squares many(std::size_t{1} << 33);
  CHECK_THROWS_AS(shape_of(many, {Kind::dynamic, 1}, 2), UsageError);
}

TEST_CASE("board: those who open the same memory see the same board") {
  for (const std::size_t most_events : {0UL, 3UL}) {
    const BoardShape shape(100, 2, 3, {Kind::dynamic, 1}, most_events);
    struct alignas(Board::alignment) Line {
      std::byte bytes[Board::alignment];
    };
    std::vector<Line> memory(Board::bytes(shape) / sizeof(Line) + 1);
    const auto ours = Board::create(memory.front().bytes, shape);
    const auto theirs = Board::open(memory.front().bytes, shape);
    ours->deal();
    CHECK(theirs->queue().left() == 100);
    theirs->values().back() = 5;
    theirs->report(2).fail(7, "why");
    theirs->hand(2).begin({3, 5}, 1);
    theirs->ledger().marks()[99] = 1;
    for (std::uint64_t i = 0; i < 2; ++i) {
      theirs->events(2).add({i, i, i, i + 1, Event::Kind::tasks});
    }
    theirs->gate().stop(Stop::failure);
    CHECK((ours->values().size() == 200 && ours->values().back() == 5));
    CHECK((ours->report(2).failed_task == 7 && text(ours->report(2)) == "why"));
    CHECK((ours->hand(2).running && ours->hand(2).first == 3 && ours->hand(2).last == 5));
    CHECK((ours->gate().stopped() && ours->ledger().marks()[99] == 1));
    CHECK(ours->events(2).events().size() == (most_events == 0 ? 0 : 2));
    CHECK(ours->events(1).events().empty());
    const auto* end = reinterpret_cast<const std::byte*>(ours->values().data() + 200);
    CHECK(end <= memory.front().bytes + Board::bytes(shape));
  }
}

TEST_CASE("board: a cleared board remembers nothing but the tasks that are to be left out") {
  const auto board = Board::on_heap({10, 1, 2, {Kind::dynamic, 3}, 4});
  board->deal();
  board->queue().take();
  board->gate().release();
  board->report(1).fail(3, "why");
  board->hand(1).begin({3, 6}, 0);
  board->hand(1).chunk = 2;
  board->hand(0).finish(8);
  board->ledger().marks()[3] = 1;
  board->events(1).add({0, 0, 0, 0, Event::Kind::journal});
  board->gate().leave();
  ++board->queue().waiting();
  ++board->retries();
  CHECK_FALSE(board->ledger().patchy());
  const std::vector<Range> finished{{0, 2}, {5, 6}};
  board->clear(finished);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(board->ledger().marks()[i] == (i < 2 || i == 5 ? Ledger::finished_before : 0));
  }
  CHECK((board->ledger().patchy() && board->gate().left() == 0));
  CHECK((board->queue().waiting() == 0 && board->retries() == 0));
  CHECK((board->report(1).failed_task == WorkerReport::none && text(board->report(1)).empty()));
  CHECK((!board->hand(1).running && board->hand(1).chunk == 0 && board->hand(0).done == 0));
  CHECK((board->events(1).events().empty() && board->queue().left() == 0));
  CHECK_FALSE(board->queue().closed());
  board->clear();
  CHECK((all_runs_are(0, *board) && !board->ledger().patchy()));
}

TEST_CASE("board: a chunk with a gap is found, wherever the gap is") {
  for (const Schedule& schedule : schedules) {
    const auto board = Board::on_heap({100, 1, 3, schedule});
    const Chunks& chunks = board->shape().chunks;
    for (std::size_t number = 0; number < chunks.count(); ++number) {
      for (std::size_t task = chunks[number].first; task < chunks[number].last; ++task) {
        std::ranges::fill(board->ledger().marks(), std::uint8_t{1});
        board->ledger().marks()[0] = task == 0 ? 0 : Ledger::finished_before;
        board->ledger().marks()[task] = 0;
        REQUIRE(board->unfinished_chunk() == std::optional(number));
      }
    }
    board->ledger().marks()[99] = 1;
    board->ledger().marks()[0] = Ledger::finished_before;
    CHECK_FALSE(board->unfinished_chunk().has_value());
  }
}

TEST_CASE("board: wherever a worker dies, another goes on, and every task was run once") {
  const std::size_t tasks = 40;
  const Squares kernel(tasks);
  for (const Schedule& schedule :
       {Schedule{Kind::fixed, 0}, {Kind::fixed, 9}, {Kind::dynamic, 9}, {Kind::guided, 5}}) {
    const Assignment assignment = assignment_of(kernel, schedule, 2);
    for (std::size_t died_after = 0;; ++died_after) {
      CAPTURE(schedule.name(), schedule.chunk, died_after);
      const auto board = Board::on_heap(assignment.shape);
      std::ranges::fill(board->values(), -1.0);
      board->deal();
      // Worker 1 has run two tasks of its first chunk, and dies while it runs three more.
      std::size_t number = 1;
      if (!schedule.is_fixed()) number = board->queue().take().value();
      const std::size_t first = board->shape().chunks[number].first;
      for (const auto& store : stores_of(*board, 1, number, {first, first + 2})) store();
      const Range part{first + 2, first + 5};
      const auto stores = stores_of(*board, 1, number, part);
      if (died_after > stores.size()) break;
      for (std::size_t i = 0; i < died_after; ++i) stores[i]();
      const auto marked = static_cast<std::size_t>(
          std::ranges::count(board->ledger().marks().subspan(part.first, 3), std::uint8_t{1}));

      const std::optional<Range> in_hand = board->mend(1);
      const bool was_running = board->hand(1).first == part.first && died_after >= 5;
      if (was_running && marked < 3) {
        CHECK(in_hand == std::optional(Range{part.first + marked, part.last}));
      } else {
        CHECK_FALSE(in_hand.has_value());
      }
      CHECK((board->hand(1).done == 2 + marked && !board->hand(1).running &&
             board->ledger().patchy()));
      CHECK_FALSE(board->mend(1).has_value());  // it may happen twice
      CHECK(board->hand(1).done == 2 + marked);

      in_threads(2, [&](std::size_t worker) { Worker(assignment, *board, worker).work(); });
      CHECK(all_runs_are(1, *board));
      CHECK(wrong_squares(board->values()) == 0);
      CHECK(tasks_reported(*board) == tasks);
      const std::size_t both[] = {0, 1};
      CHECK(board->tasks_done(both) == tasks);
      CHECK_FALSE(board->unfinished_chunk().has_value());
    }
  }
}

TEST_CASE("board: a chunk that was taken without a word is found and given to another") {
  const Squares kernel(40);
  for (const Schedule& schedule : {Schedule{Kind::dynamic, 9}, {Kind::guided, 5}}) {
    const Assignment assignment = assignment_of(kernel, schedule, 2);
    const auto board = Board::on_heap(assignment.shape);
    board->deal();
    board->queue().take();
    const std::size_t lost = board->queue().take().value();
    CHECK_FALSE(board->mend(1).has_value());
    in_threads(2, [&](std::size_t worker) { Worker(assignment, *board, worker).work(); });
    for (const std::size_t expected : {std::size_t{0}, lost}) {
      REQUIRE(board->unfinished_chunk() == std::optional(expected));
      board->hand(0).chunk = expected + 1;
      Worker(assignment, *board, 0).work();
    }
    CHECK_FALSE(board->unfinished_chunk().has_value());
    CHECK((all_runs_are(1, *board) && wrong_squares(board->values()) == 0));
    CHECK(tasks_reported(*board) == 40);
  }
}

TEST_CASE("board: processes that are killed at any moment lose and double no task") {
  const std::size_t tasks = 3000;
  // About 10 us each, so that most are killed while they work.
  const Squares kernel(tasks, [](std::size_t task) {
    volatile double x = static_cast<double>(task);
    for (int i = 0; i < 3000; ++i) x = x * 0.5 + 1;
  });
  int kills = 0;
  unsigned random = 1;
  for (const Schedule& schedule : schedules) {
    CAPTURE(schedule.name(), schedule.chunk);
    const Assignment assignment = assignment_of(kernel, schedule, 2);
    const SharedMemory memory(Board::bytes(assignment.shape));
    const auto board = Board::create(memory.get(), assignment.shape);
    board->deal();
    for (const std::size_t worker : {0UL, 1UL}) {
      kills += work_until_done(assignment, *board, worker, 25, [&] {
        random = random * 1103515245U + 12345U;
        return 200 + (random >> 16) % 1500;
      });
    }
    while (const auto lost = board->unfinished_chunk()) {
      board->hand(0).chunk = *lost + 1;
      work_until_done(assignment, *board, 0, 0, [] { return 0; });
    }
    CHECK((all_runs_are(1, *board) && wrong_squares(board->values()) == 0));
    CHECK(tasks_reported(*board) == tasks);
  }
  CHECK(kills > 20);
}
