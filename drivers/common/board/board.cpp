#include "drivers/common/board/board.hpp"

#include <algorithm>
#include <memory>
#include <new>

namespace scalelab {

namespace {

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + Board::alignment - 1) / Board::alignment * Board::alignment;
}

/// Cuts memory into arrays, one after the other. Counts in numbers, so that it can also be asked
/// how much memory there should be.
class Cutter {
 public:
  explicit Cutter(std::byte* memory)
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

Board::Parts Board::lay_out(std::byte* memory, const BoardShape& shape) {
  Cutter cutter(memory);
  Parts parts{};
  parts.header = cutter.array<Header>(1).data();
  parts.reports = cutter.array<WorkerReport>(shape.workers);
  parts.facts = cutter.array<WorkerFacts>(shape.workers);
  parts.hands = cutter.array<Hand>(shape.workers);
  parts.logs = cutter.array<EventLog::State>(shape.workers);
  parts.events = cutter.array<Event>(shape.workers * shape.most_events);
  parts.marks = cutter.array<std::uint8_t>(shape.tasks);
  parts.values = cutter.array<double>(shape.values());
  parts.bytes = cutter.bytes();
  return parts;
}

std::size_t Board::bytes(const BoardShape& shape) { return lay_out(nullptr, shape).bytes; }

Board::Board(const Parts& parts, const BoardShape& shape)
    : shape_(shape), parts_(parts), ledger_(parts.marks, parts.header->patchy) {}

std::unique_ptr<Board> Board::create(std::byte* memory, const BoardShape& shape) {
  new (memory) Header;
  std::unique_ptr<Board> board = open(memory, shape);
  std::ranges::fill(board->parts_.facts, WorkerFacts{});
  std::ranges::uninitialized_default_construct(board->parts_.hands);
  board->clear();
  return board;
}

std::unique_ptr<Board> Board::open(std::byte* memory, const BoardShape& shape) {
  return std::unique_ptr<Board>(new Board(lay_out(memory, shape), shape));
}

std::unique_ptr<Board> Board::on_heap(const BoardShape& shape) {
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
  return {parts_.logs[worker],
          parts_.events.subspan(worker * shape_.most_events, shape_.most_events)};
}

std::uint64_t Board::tasks_done(std::span<const std::size_t> workers) const {
  std::uint64_t sum = 0;
  for (const std::size_t worker : workers) sum += parts_.hands[worker].done;
  return sum;
}

void Board::clear(std::span<const Range> finished) {
  std::ranges::fill(parts_.reports, WorkerReport{});
  std::ranges::fill(parts_.logs, EventLog::State{});
  for (Hand& hand : parts_.hands) hand.clear();
  ledger_.clear(finished);
  retries() = 0;
  gate().reset();
  queue().reset();
}

void Board::deal() {
  if (!shape_.schedule.is_fixed()) queue().fill(0, shape_.chunks.count());
  queue().close();
}

std::optional<Range> Board::mend(std::size_t worker) {
  ledger_.become_patchy();
  return hand(worker).mend(ledger_.marks());
}

std::optional<std::size_t> Board::unfinished_chunk() const {
  const auto gap = ledger_.gap();
  if (!gap) return std::nullopt;
  return shape_.chunks.holding(*gap);
}

}  // namespace scalelab
