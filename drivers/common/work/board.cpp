#include "drivers/common/work/board.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>

#include "drivers/common/work/polite_wait.hpp"

namespace scalelab {

namespace {

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + Board::alignment - 1) / Board::alignment * Board::alignment;
}

}  // namespace

void WorkerReport::fail(std::uint64_t task, std::string_view what) {
  failed_task = task;
  const std::size_t length = std::min(what.size(), message.size() - 1);
  std::memcpy(message.data(), what.data(), length);
  message[length] = '\0';
}

void WorkerReport::charge(double Times::*account, double now) {
  if (now <= until) return;
  times.*account += now - until;
  until = now;
}

void Hand::begin(Range tasks, std::uint64_t before) {
  std::atomic_signal_fence(std::memory_order_seq_cst);  // not before `running` is false
  first = tasks.first;
  last = tasks.last;
  done_before = before;
  running.store(true, std::memory_order_release);
}

void Hand::finish(std::uint64_t after) {
  done.store(after, std::memory_order_release);
  running.store(false, std::memory_order_release);
}

Board::Shape::Shape(std::size_t tasks_, std::size_t width_, std::size_t workers_,
                    const Schedule& schedule_, std::size_t most_events_)
    : tasks(tasks_),
      width(width_),
      workers(workers_),
      schedule(schedule_),
      most_events(most_events_),
      chunks(schedule_, tasks_, workers_) {}

Board::Shape::Shape(const Assignment& assignment)
    : Shape(assignment.kernel.tasks(), assignment.kernel.width(), assignment.workers,
            assignment.schedule, assignment.most_events) {}

namespace {

/// Cuts memory into arrays, one after the other. Counts in numbers, so that it can also be asked
/// how much memory there should be.
class Layout {
 public:
  explicit Layout(std::byte* memory)
      : begin_(reinterpret_cast<std::uintptr_t>(memory)), next_(begin_) {}

  template <class T>
  std::span<T> array(std::size_t count) {
    auto* first = reinterpret_cast<T*>(next_);
    next_ += padded(count * sizeof(T));
    return {first, count};
  }

  std::size_t bytes() const { return next_ - begin_; }

 private:
  std::uintptr_t begin_;
  std::uintptr_t next_;
};

}  // namespace

Board::Board(std::byte* memory, const Shape& shape) : shape_(shape) {
  Layout layout(memory);
  header_ = layout.array<Header>(1).data();
  reports_ = layout.array<WorkerReport>(shape.workers);
  facts_ = layout.array<WorkerFacts>(shape.workers);
  hands_ = layout.array<Hand>(shape.workers);
  logs_ = layout.array<EventLog::State>(shape.workers);
  events_ = layout.array<Event>(shape.workers * shape.most_events);
  ledger_ = layout.array<std::uint8_t>(shape.tasks);
  values_ = layout.array<double>(shape.values());
  bytes_ = layout.bytes();
}

std::size_t Board::bytes(const Shape& shape) { return Board(nullptr, shape).bytes_; }

std::unique_ptr<Board> Board::create(std::byte* memory, const Shape& shape) {
  new (memory) Header;
  std::unique_ptr<Board> board = open(memory, shape);
  std::fill(board->facts_.begin(), board->facts_.end(), WorkerFacts{});
  std::uninitialized_default_construct(board->hands_.begin(), board->hands_.end());
  board->clear();
  return board;
}

std::unique_ptr<Board> Board::open(std::byte* memory, const Shape& shape) {
  return std::unique_ptr<Board>(new Board(memory, shape));
}

std::unique_ptr<Board> Board::on_heap(const Shape& shape) {
  // The values are left untouched: the pages of each go to the worker that first writes them.
  auto* memory =
      static_cast<std::byte*>(::operator new (bytes(shape), std::align_val_t{alignment}));
  std::unique_ptr<Board> board = create(memory, shape);
  board->own_.reset(memory);
  return board;
}

void Board::Free::operator()(std::byte* memory) const {
  ::operator delete (memory, std::align_val_t{alignment});
}

EventLog Board::events(std::size_t worker) {
  return {logs_[worker], events_.subspan(worker * shape_.most_events, shape_.most_events)};
}

std::uint64_t Board::tasks_done(std::span<const std::size_t> workers) const {
  std::uint64_t sum = 0;
  for (const std::size_t worker : workers) sum += hands_[worker].done;
  return sum;
}

void Board::clear(std::span<const Range> finished) {
  std::fill(reports_.begin(), reports_.end(), WorkerReport{});
  std::fill(logs_.begin(), logs_.end(), EventLog::State{});
  for (Hand& hand : hands_) {
    hand.chunk = 0;
    hand.done = 0;
    hand.running = false;
  }
  std::fill(ledger_.begin(), ledger_.end(), std::uint8_t{0});
  for (const Range& range : finished) {
    std::ranges::fill(ledger_.subspan(range.first, range.size()), finished_before);
  }
  header_->patchy.store(!finished.empty(), std::memory_order_relaxed);
  header_->open.store(false, std::memory_order_relaxed);
  header_->released.store(false, std::memory_order_relaxed);
  header_->stopped.store(Stop::none, std::memory_order_relaxed);
  header_->waiting.store(0, std::memory_order_relaxed);
  header_->finished.store(0, std::memory_order_relaxed);
  header_->queue.reset();
}

void Board::deal() {
  if (!shape_.schedule.is_fixed()) header_->queue.fill(0, shape_.chunks.count());
  header_->queue.close();
}

namespace {

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void Board::start_clock() { header_->began.store(now_ns(), std::memory_order_release); }

double Board::seconds() const {
  return static_cast<double>(now_ns() - header_->began.load(std::memory_order_acquire)) * 1e-9;
}

void Board::open(double serial_value) {
  header_->serial_value = serial_value;
  header_->open.store(true, std::memory_order_release);
}

void Board::await_release() const {
  for (PoliteWait wait; !header_->released.load(std::memory_order_acquire);) wait.pause();
}

void Board::stop(Stop why) {
  Stop nothing = Stop::none;
  header_->stopped.compare_exchange_strong(nothing, why, std::memory_order_acq_rel);
}

std::optional<Range> Board::mend(std::size_t worker) {
  header_->patchy.store(true, std::memory_order_release);
  Hand& hand = hands_[worker];
  if (!hand.running.load(std::memory_order_acquire)) return std::nullopt;
  // It may have died while it marked them, before or after it counted them.
  const auto marks = ledger_.subspan(hand.first, hand.last - hand.first);
  const auto left = static_cast<std::uint64_t>(std::count(marks.begin(), marks.end(), 0));
  hand.finish(hand.done_before + (marks.size() - left));
  if (left == 0) return std::nullopt;
  return Range{hand.last - left, hand.last};
}

std::optional<std::size_t> Board::unfinished_chunk() {
  const auto gap = std::find(ledger_.begin(), ledger_.end(), 0);
  if (gap == ledger_.end()) return std::nullopt;
  return shape_.chunks.holding(static_cast<std::size_t>(gap - ledger_.begin()));
}

}  // namespace scalelab
