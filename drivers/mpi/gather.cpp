#include "drivers/mpi/gather.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace scalelab::mpi {

namespace {

constexpr int tag = 2;
constexpr std::size_t most_values = std::size_t{1} << 21;  // 16 MiB in one message

struct SentReport {
  std::uint64_t worker;
  WorkerReport report;
  EventLog::State events;
};

bool run_here(std::uint8_t mark) { return mark != 0 && mark != Board::finished_before; }

/// Tasks in one piece.
std::size_t piece_of(const Board::Shape& shape) {
  return std::max<std::size_t>(1, most_values / shape.width);
}

void send_all(const Communicator& leaders, const std::vector<std::size_t>& members, Board& board) {
  const std::uint64_t count = members.size();
  send(leaders, 0, tag, &count, sizeof count);
  for (const std::size_t worker : members) {
    const EventLog log = board.events(worker);
    const SentReport sent{worker, board.report(worker), log.state()};
    send(leaders, 0, tag, &sent, sizeof sent);
    send(leaders, 0, tag, log.events().data(), log.events().size_bytes());
  }
  if (board.stopped()) return;  // then the values are not wanted; all leaders know the same of that
  const Board::Shape& shape = board.shape();
  std::vector<double> packed;
  for (std::size_t first = 0; first < shape.tasks; first += piece_of(shape)) {
    const auto ledger =
        board.ledger().subspan(first, std::min(piece_of(shape), shape.tasks - first));
    packed.clear();
    for (std::size_t i = 0; i < ledger.size(); ++i) {
      if (!run_here(ledger[i])) continue;
      const auto values = board.values().subspan((first + i) * shape.width, shape.width);
      packed.insert(packed.end(), values.begin(), values.end());
    }
    send(leaders, 0, tag, ledger.data(), ledger.size());
    send(leaders, 0, tag, packed.data(), packed.size() * sizeof(double));
  }
}

void receive_all(const Communicator& leaders, int from, Board& board) {
  std::uint64_t count = 0;
  receive(leaders, from, tag, &count, sizeof count);
  for (std::uint64_t i = 0; i < count; ++i) {
    SentReport sent;
    receive(leaders, from, tag, &sent, sizeof sent);
    board.report(sent.worker) = sent.report;
    const std::span<Event> events = board.events(sent.worker).restore(sent.events);
    receive(leaders, from, tag, events.data(), events.size_bytes());
  }
  if (board.stopped()) return;
  const Board::Shape& shape = board.shape();
  std::vector<std::uint8_t> runs;
  std::vector<double> packed;
  for (std::size_t first = 0; first < shape.tasks; first += piece_of(shape)) {
    const auto ledger =
        board.ledger().subspan(first, std::min(piece_of(shape), shape.tasks - first));
    runs.resize(ledger.size());
    receive(leaders, from, tag, runs.data(), runs.size());
    const auto there = static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), run_here));
    packed.resize(there * shape.width);
    receive(leaders, from, tag, packed.data(), packed.size() * sizeof(double));
    const double* next = packed.data();
    for (std::size_t i = 0; i < ledger.size(); ++i) {
      if (!run_here(runs[i])) continue;
      ledger[i] = static_cast<std::uint8_t>(ledger[i] + runs[i]);
      std::copy_n(next, shape.width, board.values().data() + (first + i) * shape.width);
      next += shape.width;
    }
  }
}

}  // namespace

void gather(const Communicator& leaders, const std::vector<std::size_t>& members, Board& board) {
  if (leaders.rank() > 0) return send_all(leaders, members, board);
  for (int from = 1; from < leaders.size(); ++from) receive_all(leaders, from, board);
}

}  // namespace scalelab::mpi
