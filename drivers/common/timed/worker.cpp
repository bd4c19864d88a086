#include "drivers/common/timed/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "drivers/common/board/polite_wait.hpp"
#include "drivers/common/machine/affinity.hpp"
#include "drivers/common/machine/stops.hpp"
#include "drivers/common/machine/usage.hpp"
#include "drivers/common/timed/failure.hpp"
#include "kernels/contract.hpp"
#include "results/record/cpu_list.hpp"

namespace scalelab {

Pace::Clock::duration Pace::looked_up(Clock::time_point now) {
  const auto took = now - last_;
  last_ = now;
  if (took < std::chrono::microseconds(50)) {
    tasks_ = std::min(tasks_ * 2, most_tasks);
  } else if (took > std::chrono::microseconds(200)) {
    tasks_ = std::max<std::size_t>(1, tasks_ * 100'000 / static_cast<std::size_t>(took.count()));
  }
  return took;
}

Worker::Worker(const Assignment& assignment, Board& board, std::size_t number, std::size_t core)
    : kernel_(assignment.kernel),
      board_(board),
      number_(number),
      hand_(board.hand(number)),
      events_(board.events(number)),
      has_serial_part_(kernel_.work().value_or(Work{}).serial > 0),
      stopwatch_(assignment.accounting) {
  try {
    if (assignment.bind) bind_worker(core);
    workspace_ = workspace_of(assignment.kernel_name, kernel_);
    if (!assignment.journal.empty()) {
      journal_.emplace(assignment.journal, assignment.journal_identity, number);
    }
  } catch (...) {
    throw std::runtime_error(fmt::format("worker {} cannot start: {}", number, what_is_thrown()));
  }
  interruption();  // what was before is nobody's business
  introduce();
}

namespace {

/// A list that does not fit is cut behind a comma, and says so.
void leave_in(std::span<char> room, const std::string& list) {
  std::string text = list;
  if (text.size() >= room.size()) {
    const std::string mark = "...";
    text.resize(text.rfind(',', room.size() - mark.size() - 2) + 1);
    text += mark;
  }
  text.copy(room.data(), room.size() - 1);
}

}  // namespace

void Worker::introduce() {
  WorkerFacts& facts = board_.facts(number_);
  const std::vector<int> cpus = cpus_of_thread();
  const std::string list = cpu_list(cpus);
  leave_in(facts.cpus, list);
  facts.cpu_count = static_cast<std::uint32_t>(cpus.size());
  facts.host = host_name();
  facts.pid = getpid();
}

void Worker::work() noexcept {
  begin();
  if (has_serial_part_) do_serial_part();
  take_tasks();
  if (journal_) write_journal();
  finish();
  board_.gate().leave();
}

void Worker::begin() {
  look_whether_stopped();
  WorkerReport& report = board_.report(number_);
  if (stopwatch_.is_on()) {
    usage_before_ = thread_usage();
    migrations_ = 0;
    cpu_ = current_cpu();
    // One who replaces a dead worker was not waiting to begin.
    if (report.until == 0) report.charge(&Times::idle, board_.gate().seconds());
  }
  stopwatch_.start(report.times);
}

void Worker::finish() {
  board_.report(number_).tasks = done_;
  board_.report(number_).interruption |= interruption();
  if (!stopwatch_.is_on()) return;
  stopwatch_.leave();
  publish();
  Usage& usage = board_.report(number_).usage;
  const Usage now = thread_usage();
  usage.cpu_seconds += now.cpu_seconds - usage_before_.cpu_seconds;
  usage.voluntary_switches += now.voluntary_switches - usage_before_.voluntary_switches;
  usage.involuntary_switches += now.involuntary_switches - usage_before_.involuntary_switches;
  usage.migrations += migrations_;
}

/// Leaves the accounts on the board, where they outlive this worker.
void Worker::publish() {
  WorkerReport& report = board_.report(number_);
  report.times = stopwatch_.times();
  report.until = board_.gate().seconds();
}

/// Worker 0 does it, the others wait.
void Worker::do_serial_part() {
  if (board_.gate().is_open()) return;  // done by one who then died
  stopwatch_.leave();
  if (number_ > 0) {
    for (PoliteWait wait; !board_.gate().is_open() && !stopped();) wait.pause();
    return stopwatch_.spend(&Times::idle);
  }
  try {
    const double value = kernel_.run_serial(*workspace_);
    stopwatch_.spend(&Times::serial);
    board_.gate().open(value);
  } catch (...) {
    give_up(0, "the serial part failed: " + what_is_thrown());
  }
}

void Worker::take_tasks() {
  const BoardShape& shape = board_.shape();
  done_ = hand_.done;
  if (const std::uint64_t chunk = hand_.chunk; chunk > 0) {  // of one who died
    careful_ = {hand_.first, hand_.last};
    run_chunk(chunk - 1);
    careful_ = {};
  }
  if (shape.schedule.is_fixed()) {
    for (std::size_t n = number_; n < shape.chunks.count() && !stopped(); n += shape.workers) {
      run_chunk(n);
    }
  } else {
    while (const auto chunk = next_chunk()) run_chunk(*chunk);
  }
}

bool Worker::stopped() {
  if (const Stop why = asked_to_end(); why != Stop::none) board_.gate().stop(why);
  return board_.gate().stopped();
}

std::optional<std::size_t> Worker::next_chunk() {
  if (stopped()) return std::nullopt;
  if (const auto chunk = board_.queue().take()) return chunk;
  return wait_for_chunk();
}

std::optional<std::size_t> Worker::wait_for_chunk() {
  if (journal_) write_journal();
  stopwatch_.leave();
  ++board_.queue().waiting();
  std::optional<std::size_t> chunk;
  for (PoliteWait wait; !stopped(); wait.pause()) {
    const bool last_look = board_.queue().closed();
    chunk = board_.queue().take();
    if (chunk || last_look) break;
  }
  --board_.queue().waiting();
  stopwatch_.spend(&Times::communication);
  return chunk;
}

void Worker::run_chunk(std::size_t number) {
  hand_.chunk.store(number + 1, std::memory_order_relaxed);
  const Range chunk = board_.shape().chunks[number];
  const Clock::time_point begin = events_.wanted() ? Clock::now() : Clock::time_point{};
  Range rest = chunk;
  Range ran{chunk.last, chunk.first};  // it may be stopped, or hold tasks that are left out
  do {
    const Range part = next_part(rest);
    if (part.size() == 0) break;
    run_part(part);
    rest.first = part.last;
    ran = {std::min(ran.first, part.first), part.last};
  } while (rest.size() > 0 && !stopped());
  if (events_.wanted() && ran.first < ran.last) log(Event::Kind::tasks, begin, ran);
}

/// The first tasks of a chunk that are to be run, as many as there is time for until the next look
/// at the clock.
Range Worker::next_part(Range rest) {
  if (board_.ledger().patchy()) rest = board_.ledger().unmarked(rest, budget_);
  const bool careful = careful_.first <= rest.first && rest.first < careful_.last;
  return {rest.first, rest.first + std::min(rest.size(), careful ? 1 : budget_)};
}

void Worker::run_part(Range part) {
  const std::size_t width = board_.shape().width;
  const auto values = board_.values().subspan(part.first * width, part.size() * width);
  hand_.begin(part, done_);
  try {
    stopwatch_.before_part();
    kernel_.run(part.first, part.last, *workspace_, values);
    stopwatch_.after_part();
  } catch (...) {
    fail(part);
    return;
  }
  board_.ledger().mark(part);
  done_ += part.size();
  hand_.finish(done_);
  if (journal_) journal_->add(part);
  budget_ -= part.size();
  if (budget_ == 0) look_up();
}

void Worker::look_up() {
  const Clock::time_point now = Clock::now();
  const Clock::duration took = pace_.looked_up(now);
  budget_ = pace_.tasks();
  look_whether_stopped(now);
  if (stopwatch_.is_on()) {
    publish();
    const int cpu = current_cpu();
    if (cpu != std::exchange(cpu_, cpu)) ++migrations_;
  }
  // What lasted long is written at once: who knows how long the next task lasts.
  if (journal_ && (journal_->due(now) || took > std::chrono::milliseconds(5))) write_journal();
}

void Worker::write_journal() {
  stopwatch_.leave();
  const Clock::time_point begin = Clock::now();
  try {
    const std::size_t bytes = journal_->flush(board_.values(), board_.shape().width);
    if (events_.wanted() && bytes > 0) log(Event::Kind::journal, begin, {0, bytes});
  } catch (...) {
    give_up(WorkerReport::none - 1, what_is_thrown());
  }
  stopwatch_.spend(&Times::dispatch);
}

void Worker::log(Event::Kind kind, Clock::time_point begin, Range what) {
  const auto nanoseconds = [](Clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
  };
  events_.add({nanoseconds(begin), nanoseconds(Clock::now()), what.first, what.last, kind});
}

/// Called while an exception is being handled. Tasks are pure, so running them one by one finds the
/// one that throws.
void Worker::fail(Range part) {
  std::string message = what_is_thrown();
  std::uint64_t culprit = part.first;
  if (part.size() > 1) {
    std::vector<double> values(board_.shape().width);
    for (; culprit < part.last; ++culprit) {
      try {
        kernel_.run(culprit, culprit + 1, *workspace_, values);
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
  give_up(culprit, fmt::format("task {} failed: {}", culprit, message));
}

void Worker::give_up(std::uint64_t task, const std::string& message) {
  WorkerReport& report = board_.report(number_);
  if (report.failed_task == WorkerReport::none) report.fail(task, message);  // the first counts
  board_.gate().stop(Stop::failure);
  end_after_grace(report.message.data());
}

void work_once(const Assignment& assignment, Board& board, std::size_t number) noexcept {
  std::optional<Worker> worker;
  try {
    worker.emplace(assignment, board, number);
  } catch (...) {
    board.report(number).fail(0, what_is_thrown());
    board.gate().stop(Stop::failure);
    return;
  }
  worker->work();
}

}  // namespace scalelab
