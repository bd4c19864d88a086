#include "drivers/common/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/polite_wait.hpp"

namespace scalelab {

std::string what_is_thrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

void Pace::looked_up(Clock::time_point now) {
  const auto took = now - last_;
  last_ = now;
  if (took < std::chrono::microseconds(50)) {
    tasks_ = std::min<std::size_t>(tasks_ * 2, 1 << 16);
  } else if (took > std::chrono::microseconds(200)) {
    tasks_ = std::max<std::size_t>(tasks_ / 2, 1);
  }
}

Worker::Worker(const Assignment& assignment, Board& board, std::size_t number, std::size_t core)
    : kernel_(assignment.kernel),
      board_(board),
      number_(number),
      hand_(board.hand(number)),
      events_(board.events(number)) {
  try {
    if (assignment.bind) bind_worker(core);
    workspace_ = kernel_.workspace();
    if (!assignment.journal.empty()) {
      journal_.emplace(assignment.journal, assignment.journal_identity, number);
    }
  } catch (...) {
    throw std::runtime_error(fmt::format("worker {} cannot start: {}", number, what_is_thrown()));
  }
}

void Worker::work() noexcept {
  const Clock::time_point begin = Clock::now();
  waited_ = {};
  introduce();
  take_tasks();
  if (journal_) write_journal();
  WorkerReport& report = board_.report(number_);
  report.tasks = done_;
  report.busy_seconds = std::chrono::duration<double>(Clock::now() - begin - waited_).count();
  ++board_.finished();
}

/// Who works here, as the system sees it.
void Worker::introduce() {
  WorkerReport& report = board_.report(number_);
  report.pid = getpid();
  report.core = only_core();
  report.cores = static_cast<std::uint32_t>(allowed_cores());
  report.host = host_name();
}

void Worker::take_tasks() {
  const Board::Shape& shape = board_.shape();
  done_ = hand_.done;
  if (const std::uint64_t chunk = hand_.chunk; chunk > 0) {  // of one who died
    careful_ = true;
    run_chunk(chunk - 1);
    careful_ = false;
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
  if (const Stop why = asked_to_end(); why != Stop::none) board_.stop(why);
  return board_.stopped();
}

std::optional<std::size_t> Worker::next_chunk() {
  if (stopped()) return std::nullopt;
  if (const auto chunk = board_.queue().take()) return chunk;
  return wait_for_chunk();
}

std::optional<std::size_t> Worker::wait_for_chunk() {
  if (journal_) write_journal();
  const Clock::time_point begin = Clock::now();
  ++board_.waiting();
  std::optional<std::size_t> chunk;
  for (PoliteWait wait; !stopped(); wait.pause()) {
    const bool last_look = board_.queue().closed();
    chunk = board_.queue().take();
    if (chunk || last_look) break;
  }
  --board_.waiting();
  waited_ += Clock::now() - begin;
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
  if (board_.patchy()) {
    const auto marks = board_.ledger().subspan(rest.first, rest.size());
    const auto first = std::find(marks.begin(), marks.end(), 0);
    const auto last = std::find_if(first, marks.end(), [](auto mark) { return mark != 0; });
    rest.last = rest.first + static_cast<std::size_t>(last - marks.begin());
    rest.first += static_cast<std::size_t>(first - marks.begin());
  }
  return {rest.first, rest.first + std::min(rest.size(), careful_ ? 1 : budget_)};
}

void Worker::run_part(Range part) {
  const std::size_t width = board_.shape().width;
  const auto values = board_.values().subspan(part.first * width, part.size() * width);
  hand_.begin(part, done_);
  try {
    kernel_.run(part.first, part.last, *workspace_, values);
  } catch (...) {
    fail(part);
    return;
  }
  for (auto& runs : board_.ledger().subspan(part.first, part.size())) ++runs;
  done_ += part.size();
  hand_.finish(done_);
  if (journal_) journal_->add(part);
  budget_ -= part.size();
  if (budget_ == 0) look_up();
}

void Worker::look_up() {
  const Clock::time_point now = Clock::now();
  pace_.looked_up(now);
  budget_ = pace_.tasks();
  if (journal_ && journal_->due(now)) write_journal();
}

void Worker::write_journal() {
  const Clock::time_point begin = Clock::now();
  try {
    const std::size_t bytes = journal_->flush(board_.values(), board_.shape().width);
    if (events_.wanted() && bytes > 0) log(Event::Kind::journal, begin, {0, bytes});
  } catch (...) {
    give_up(WorkerReport::none - 1, what_is_thrown());
  }
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
    message += fmt::format(" (or another task before {}: run again, none of them failed)", part.last);
  }
  give_up(culprit, fmt::format("task {} failed: {}", culprit, message));
}

void Worker::give_up(std::uint64_t task, const std::string& message) {
  WorkerReport& report = board_.report(number_);
  if (report.failed_task == WorkerReport::none) report.fail(task, message);  // the first counts
  board_.stop(Stop::failure);
  end_after_grace(message);
}

}  // namespace scalelab
