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

bool run_here(std::uint8_t mark) { return mark != 0 && mark != Ledger::finished_before; }

/// Tasks in one piece.
std::size_t piece_of(const BoardShape& shape) {
  return std::max<std::size_t>(1, most_values / shape.width);
}

struct SentFacts {
  std::uint64_t worker;
  WorkerFacts facts;
};

/// Each leader's count of things, and then these one after the other.
template <class Send>
void send_each(const Communicator& leaders, const std::vector<std::size_t>& members,
               const Send& send_one) {
  const std::uint64_t count = members.size();
  send(leaders, 0, tag, &count, sizeof count);
  std::for_each(members.begin(), members.end(), send_one);
}

template <class Receive>
void receive_each(const Communicator& leaders, const Receive& receive_one) {
  for (int from = 1; from < leaders.size(); ++from) {
    std::uint64_t count = 0;
    receive(leaders, from, tag, &count, sizeof count);
    for (std::uint64_t i = 0; i < count; ++i) receive_one(from);
  }
}

void send_values(const Communicator& leaders, Board& board) {
  const BoardShape& shape = board.shape();
  std::vector<double> packed;
  for (std::size_t first = 0; first < shape.tasks; first += piece_of(shape)) {
    const auto ledger =
        board.ledger().marks().subspan(first, std::min(piece_of(shape), shape.tasks - first));
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

void receive_values(const Communicator& leaders, int from, Board& board) {
  const BoardShape& shape = board.shape();
  std::vector<std::uint8_t> runs;
  std::vector<double> packed;
  for (std::size_t first = 0; first < shape.tasks; first += piece_of(shape)) {
    const auto ledger =
        board.ledger().marks().subspan(first, std::min(piece_of(shape), shape.tasks - first));
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

void gather_facts(const Communicator& leaders, const std::vector<std::size_t>& members,
                  Board& board) {
  if (leaders.rank() > 0) {
    return send_each(leaders, members, [&](std::size_t worker) {
      const SentFacts sent{worker, board.facts(worker)};
      send(leaders, 0, tag, &sent, sizeof sent);
    });
  }
  receive_each(leaders, [&](int from) {
    SentFacts sent;
    receive(leaders, from, tag, &sent, sizeof sent);
    board.facts(sent.worker) = sent.facts;
  });
}

void gather_values(const Communicator& leaders, Board& board) {
  if (leaders.rank() > 0) return send_values(leaders, board);
  for (int from = 1; from < leaders.size(); ++from) receive_values(leaders, from, board);
}

void gather_reports(const Communicator& leaders, const std::vector<std::size_t>& members,
                    Board& board) {
  if (leaders.rank() > 0) {
    return send_each(leaders, members, [&](std::size_t worker) {
      const EventLog log = board.events(worker);
      const SentReport sent{worker, board.report(worker), log.state()};
      send(leaders, 0, tag, &sent, sizeof sent);
      send(leaders, 0, tag, log.events().data(), log.events().size_bytes());
    });
  }
  receive_each(leaders, [&](int from) {
    SentReport sent;
    receive(leaders, from, tag, &sent, sizeof sent);
    board.report(sent.worker) = sent.report;
    const std::span<Event> events = board.events(sent.worker).restore(sent.events);
    receive(leaders, from, tag, events.data(), events.size_bytes());
  });
}

std::vector<std::string> gather_texts(const Communicator& leaders, const std::string& own) {
  std::vector<std::string> texts{own};
  if (leaders.rank() > 0) {
    const std::uint64_t size = own.size();
    send(leaders, 0, tag, &size, sizeof size);
    send(leaders, 0, tag, own.data(), own.size());
    return texts;
  }
  for (int from = 1; from < leaders.size(); ++from) {
    std::uint64_t size = 0;
    receive(leaders, from, tag, &size, sizeof size);
    std::string text(size, '\0');
    receive(leaders, from, tag, text.data(), size);
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace scalelab::mpi
