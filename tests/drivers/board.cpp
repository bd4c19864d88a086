#include "drivers/common/board.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "drivers/common/digest.hpp"
#include "drivers/common/worker.hpp"
#include "tests/catch.hpp"

using namespace scalelab;
using Kind = Schedule::Kind;

namespace {

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

void in_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

/// One repetition with one thread per worker.
void repeat(const Kernel& kernel, Board& board) {
  board.deal();
  in_threads(board.shape().workers, [&](std::size_t worker) {
    const auto workspace = kernel.workspace();
    work(kernel, board, worker, *workspace);
  });
}

std::unique_ptr<Board> run(const Kernel& kernel, const Schedule& schedule, std::size_t workers) {
  auto board = Board::on_heap(Board::shape_of(kernel, schedule, workers));
  repeat(kernel, *board);
  return board;
}

bool all_runs_are(int n, Board& board) {
  return std::ranges::all_of(board.ledger(), [n](int runs) { return runs == n; });
}

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

std::string text(const WorkerReport& report) { return report.message.data(); }

std::uint64_t fnv1a(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

const Schedule schedules[] = {{Kind::fixed, 0},   {Kind::fixed, 1},   {Kind::fixed, 7},
                              {Kind::dynamic, 0}, {Kind::dynamic, 7}, {Kind::dynamic, 5000}};

}  // namespace

TEST_CASE("board: tasks are cut into chunks, more of them than can be numbered are refused") {
  const std::size_t most = ChunkQueue::most_chunks;
  CHECK(Board::shape_of(Squares(most), {Kind::dynamic, 1}, 2).chunks() == most);
  CHECK_THROWS_AS(Board::shape_of(Squares(most + 1), {Kind::dynamic, 1}, 2), UsageError);
  CHECK(Board::shape_of(Squares(most + 1), {Kind::dynamic, 2}, 2).chunks() == most / 2 + 1);
  CHECK_NOTHROW(Board::shape_of(Squares(most + 1), {Kind::fixed, 1}, 2));
  const Board::Shape shape = Board::shape_of(Squares(10), {Kind::dynamic, 4}, 2);
  CHECK((shape.chunks() == 3 && shape.chunk(0) == Range{0, 4} && shape.chunk(2) == Range{8, 10}));
  try {
    Board::shape_of(Squares(3 * most), {Kind::dynamic, 1}, 2);
  } catch (const UsageError& error) {
    CHECK(std::string(error.what()).find("--chunk: expected at least 3 for") == 0);
  }
}

TEST_CASE("board: those who open the same memory see the same board") {
  const Board::Shape shape = Board::shape_of(Squares(100), {Kind::dynamic, 1}, 3);
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
  theirs->stop();
  CHECK((ours->values().size() == 200 && ours->values().back() == 5));
  CHECK((ours->report(2).failed_task == 7 && text(ours->report(2)) == "why" && ours->stopped()));
  const auto* end = reinterpret_cast<const std::byte*>(ours->values().data() + 200);
  CHECK(end <= memory.front().bytes + Board::bytes(shape));
}

TEST_CASE("worker: every schedule runs every task once and leaves its values in place") {
  for (const std::size_t tasks : {1UL, 5UL, 3000UL}) {
    const Squares kernel(tasks);
    for (const Schedule& schedule : schedules) {
      for (const std::size_t workers : {1UL, 3UL, 8UL}) {
        CAPTURE(tasks, schedule.name(), schedule.chunk, workers);
        const auto board = run(kernel, schedule, workers);
        CHECK(all_runs_are(1, *board));
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < tasks; ++i) {
          const auto x = static_cast<double>(i);
          wrong += board->values()[2 * i] == x && board->values()[2 * i + 1] == x * x ? 0 : 1;
        }
        CHECK(wrong == 0);
        std::uint64_t done = 0;
        for (std::size_t worker = 0; worker < workers; ++worker) {
          done += board->report(worker).tasks;
          CHECK(board->report(worker).failed_task == WorkerReport::none);
        }
        CHECK(done == tasks);
        CHECK((board->finished() == workers && board->waiting() == 0 && !board->stopped()));
      }
    }
  }
}

TEST_CASE("worker: a report counts the tasks of its block") {
  const auto board = run(Squares(11), {Kind::fixed, 0}, 3);
  CHECK(
      (board->report(0).tasks == 4 && board->report(1).tasks == 4 && board->report(2).tasks == 3));
}

TEST_CASE("worker: a cleared board serves the next repetition") {
  const Squares kernel(500);
  auto board = run(kernel, {Kind::dynamic, 3}, 2);
  for (int repetition = 0; repetition < 3; ++repetition) {
    board->clear();
    CHECK(all_runs_are(0, *board));
    repeat(kernel, *board);
    CHECK(all_runs_are(1, *board));
    CHECK(board->report(0).tasks + board->report(1).tasks == 500);
  }
}

TEST_CASE("worker: whoever finds the queue empty waits until it is filled or closed") {
  const Squares kernel(100);
  const auto board = Board::on_heap(Board::shape_of(kernel, {Kind::dynamic, 1}, 3));
  std::uint32_t gone_early = 0;
  in_threads(4, [&](std::size_t thread) {
    if (thread < 3) {
      Workspace workspace;
      work(kernel, *board, thread, workspace);
      return;
    }
    while (board->waiting() < 3) std::this_thread::yield();
    board->queue().fill(0, 60);
    while (board->queue().left() > 0 || board->waiting() < 3) std::this_thread::yield();
    gone_early = board->finished();
    board->queue().fill(60, 100);
    board->queue().close();
  });
  CHECK(gone_early == 0);
  CHECK((all_runs_are(1, *board) && board->finished() == 3));
}

TEST_CASE("worker: a stopped board sends home those who wait") {
  const Squares kernel(100);
  const auto board = Board::on_heap(Board::shape_of(kernel, {Kind::dynamic, 1}, 2));
  in_threads(3, [&](std::size_t thread) {
    Workspace workspace;
    if (thread < 2) return work(kernel, *board, thread, workspace);
    while (board->waiting() < 2) std::this_thread::yield();
    board->stop();
  });
  CHECK(board->finished() == 2);
}

TEST_CASE("worker: a task that throws is named with its message, wherever it stands") {
  for (const Schedule& schedule : schedules) {
    for (const std::size_t culprit : {0UL, 1UL, 1234UL, 2999UL}) {
      CAPTURE(schedule.name(), schedule.chunk, culprit);
      const Squares kernel(3000, [&](std::size_t task) {
        if (task == culprit) throw std::runtime_error("no luck with " + std::to_string(task));
      });
      const auto board = run(kernel, schedule, 3);
      CHECK(failure(*board).failed_task == culprit);
      CHECK(text(failure(*board)) == "no luck with " + std::to_string(culprit));
      CHECK((board->ledger()[culprit] == 0 && board->stopped() && board->finished() == 3));
    }
  }
}

TEST_CASE("worker: after an error the others stop early") {
  for (const Schedule& schedule : {Schedule{Kind::fixed, 0}, Schedule{Kind::dynamic, 100}}) {
    const Squares kernel(4000, [](std::size_t task) {
      if (task == 0) throw std::runtime_error("at once");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    const auto board = run(kernel, schedule, 2);
    CHECK(board->report(0).tasks + board->report(1).tasks < 400);
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
  CHECK(text(failure(*odd)) == "an exception that is no std::exception");
  const auto chatty = run(Squares(10,
                                  [](std::size_t task) {
                                    if (task == 4) throw std::runtime_error(std::string(5000, 'x'));
                                  }),
                          {}, 1);
  CHECK(text(failure(*chatty)) == std::string(1007, 'x'));
}

TEST_CASE("digest: FNV-1a of the bytes of the values, the least significant first") {
  // The reference agrees with the published vectors (RFC 9923, appendix; draft-eastlake-fnv).
  REQUIRE(fnv1a("") == 0xcbf29ce484222325U);
  REQUIRE(fnv1a("a") == 0xaf63dc4c8601ec8cU);
  REQUIRE(fnv1a("foobar") == 0x85944171f73967e8U);
  CHECK(digest({}) == 0xcbf29ce484222325U);
  for (const std::string bytes :
       {"scalelab", "foobarfoobarfoobarfoobar", "\x01\x02\x03\x04\xff\xfe\xfd\xfc"}) {
    std::vector<double> values;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t word = 0;
      for (std::size_t i = 8; i-- > 0;)
        word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
      values.push_back(std::bit_cast<double>(word));
    }
    CHECK(digest(values) == fnv1a(bytes));
  }
}
