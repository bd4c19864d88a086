#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "drivers/common/board/board.hpp"
#include "drivers/common/journal/journal.hpp"
#include "drivers/common/timed/assignment.hpp"
#include "drivers/common/timed/stopwatch.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// How many tasks to run before looking up: about 100 µs' worth, so that a stop is seen soon and
/// yet short tasks do not pay for the clock. Never more than a thousand: those that follow may be
/// much longer.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most_tasks = 1024;

  std::size_t tasks() const { return tasks_; }
  /// @returns the time since the last look
  Clock::duration looked_up(Clock::time_point now);

 private:
  std::size_t tasks_ = 1;
  Clock::time_point last_ = Clock::now();
};

/// A worker in every driver: takes tasks as the board's schedule says, runs them, and leaves
/// values, ledger and report on the board.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  /// Called by the thread that will work: binds it if that is wanted, makes its workspace and opens
  /// its journal. @param core  for --bind, counted as in `bind_worker`
  /// @throws whatever goes wrong, saying which worker cannot start
  Worker(const Assignment& assignment, Board& board, std::size_t number, std::size_t core);
  Worker(const Assignment& assignment, Board& board, std::size_t number)
      : Worker(assignment, board, number, number) {}

  /// Its part of one repetition. Never throws: a task that does is named in the report, and stops
  /// the board.
  void work() noexcept;

 private:
  void begin();
  void finish();
  void introduce();
  void do_serial_part();
  void take_tasks();
  bool stopped();
  std::optional<std::size_t> next_chunk();
  std::optional<std::size_t> wait_for_chunk();
  void run_chunk(std::size_t number);
  Range next_part(Range rest);
  void run_part(Range part);
  void look_up();
  void publish();
  void write_journal();
  void log(Event::Kind kind, Clock::time_point begin, Range what);
  void fail(Range part);
  void give_up(std::uint64_t task, const std::string& message);

  const Kernel& kernel_;
  Board& board_;
  std::size_t number_;
  Hand& hand_;
  EventLog events_;
  bool has_serial_part_;
  std::unique_ptr<Workspace> workspace_;
  std::optional<Journal> journal_;
  Pace pace_;
  std::size_t budget_ = pace_.tasks();  ///< tasks until the next look at the clock
  std::size_t done_ = 0;
  Range careful_{};  ///< to be run one after the other: who ran these at once has died
  Stopwatch stopwatch_;
  Usage usage_before_{};  ///< when the repetition began
  std::uint64_t migrations_ = 0;
  int cpu_ = -1;  ///< where it was last seen
};

/// The whole life of a worker that lasts for one repetition only. Never throws: one that cannot
/// start says so in its report, and stops the board.
void work_once(const Assignment& assignment, Board& board, std::size_t number) noexcept;

}  // namespace scalelab
