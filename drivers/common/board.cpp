#include "drivers/common/board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "drivers/common/polite_wait.hpp"

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

Range Board::Shape::chunk(std::size_t number) const {
  const std::size_t first = number * schedule.step();
  return {first, first + std::min(tasks - first, schedule.step())};
}

Board::Shape Board::shape_of(const Kernel& kernel, const Schedule& schedule, std::size_t workers) {
  const Shape shape{kernel.tasks(), kernel.width(), workers, schedule};
  if (schedule.kind == Schedule::Kind::dynamic && shape.chunks() > ChunkQueue::most_chunks) {
    throw UsageError(fmt::format("--chunk: expected at least {} for {} tasks",
                                 (shape.tasks - 1) / ChunkQueue::most_chunks + 1, shape.tasks));
  }
  return shape;
}

std::size_t Board::bytes(const Shape& shape) {
  return padded(sizeof(Header)) + padded(shape.workers * sizeof(WorkerReport)) +
         padded(shape.tasks) + padded(shape.values() * sizeof(double));
}

Board::Board(std::byte* memory, const Shape& shape) : shape_(shape) {
  header_ = reinterpret_cast<Header*>(memory);
  memory += padded(sizeof(Header));
  reports_ = {reinterpret_cast<WorkerReport*>(memory), shape.workers};
  memory += padded(shape.workers * sizeof(WorkerReport));
  ledger_ = {reinterpret_cast<std::uint8_t*>(memory), shape.tasks};
  memory += padded(shape.tasks);
  values_ = {reinterpret_cast<double*>(memory), shape.values()};
}

std::unique_ptr<Board> Board::create(std::byte* memory, const Shape& shape) {
  new (memory) Header;
  std::unique_ptr<Board> board = open(memory, shape);
  board->clear();
  return board;
}

std::unique_ptr<Board> Board::open(std::byte* memory, const Shape& shape) {
  return std::unique_ptr<Board>(new Board(memory, shape));
}

std::unique_ptr<Board> Board::on_heap(const Shape& shape) {
  // The values are left untouched: the pages of each go to the worker that first writes them.
  auto* memory =
      static_cast<std::byte*>(::operator new(bytes(shape), std::align_val_t{alignment}));
  std::unique_ptr<Board> board = create(memory, shape);
  board->own_.reset(memory);
  return board;
}

void Board::Free::operator()(std::byte* memory) const {
  ::operator delete(memory, std::align_val_t{alignment});
}

void Board::clear() {
  std::fill(reports_.begin(), reports_.end(), WorkerReport{});
  std::fill(ledger_.begin(), ledger_.end(), std::uint8_t{0});
  header_->released.store(false, std::memory_order_relaxed);
  header_->stopped.store(false, std::memory_order_relaxed);
  header_->waiting.store(0, std::memory_order_relaxed);
  header_->finished.store(0, std::memory_order_relaxed);
  header_->queue.reset();
}

void Board::await_release() const {
  for (PoliteWait wait; !header_->released.load(std::memory_order_acquire);) wait.pause();
}

void Board::deal() {
  if (shape_.schedule.kind == Schedule::Kind::dynamic) header_->queue.fill(0, shape_.chunks());
  header_->queue.close();
}

}  // namespace scalelab
