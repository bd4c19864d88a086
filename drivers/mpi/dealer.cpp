#include "drivers/mpi/dealer.hpp"

#include <algorithm>
#include <exception>

#include "drivers/common/board/polite_wait.hpp"
#include "drivers/common/output/say.hpp"

namespace scalelab::mpi {

namespace {

constexpr int tag = 1;
constexpr std::chrono::microseconds longest_pause{200};
constexpr std::chrono::milliseconds progress_pause{200};

/// How far ahead a node looks, at least and at most [s].
constexpr double shortest_horizon = 1e-3;
constexpr double longest_horizon = 10e-3;

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Dealer::Dealer(const Communicator& leaders, Board& board, const std::vector<std::size_t>& members,
               std::span<std::atomic<std::uint64_t>> progress)
    : leaders_(leaders), board_(board), members_(members), progress_(progress) {
  if (!board.shape().schedule.is_fixed()) pile_last_ = board.shape().chunks.count();
  thread_ = std::thread([this] {
    try {
      leaders_.rank() == 0 ? keep_pile() : fetch();
    } catch (const std::exception& error) {
      say(error.what());
      MPI_Abort(MPI_COMM_WORLD, 1);
    }
  });
}

void Dealer::keep_pile() {
  using Kind = Message::Kind;
  const int nodes = leaders_.size();
  int nodes_done = 0;
  bool own_done = false;
  bool open_told = false;
  bool stop_told = false;
  PoliteWait wait(longest_pause);
  while (nodes_done < nodes) {
    bool idle = true;
    const bool all_finished = node_done();  // before the look whether one of them has stopped it
    if (board_.gate().stopped() && !stop_told) {
      pile_first_ = pile_last_;
      tell_all(stop_message());
      stop_told = true;
    }
    if (board_.gate().is_open() && !open_told) {
      tell_all({Kind::open});
      open_told = true;
    }
    if (const std::uint64_t wanted = appetite(); wanted > 0) {
      accept(grant(wanted));
      idle = false;
    }
    int source = 0;
    if (arrived(source)) {
      const Message message = next_from(source);
      if (message.kind == Kind::want) tell(source, grant(message.first));
      if (message.kind == Kind::stop) board_.gate().stop(static_cast<Stop>(message.first));
      if (message.kind == Kind::progress) {
        progress_[static_cast<std::size_t>(source)] = message.first;
      }
      if (message.kind == Kind::done) ++nodes_done;
      idle = false;
    }
    if (!own_done && all_finished) {
      own_done = true;
      ++nodes_done;
    }
    if (idle) {
      wait.pause();
    } else {
      wait.reset();
    }
  }
  tell_all({Kind::farewell});
}

void Dealer::fetch() {
  using Kind = Message::Kind;
  bool asking = false;
  bool done_told = false;
  bool stop_told = false;
  PoliteWait wait(longest_pause);
  for (;;) {
    bool idle = true;
    const bool all_finished = node_done();  // as above
    if (board_.gate().stopped() && !stop_told) {
      tell(0, stop_message());
      stop_told = true;
    }
    if (!asking) {
      if (const std::uint64_t wanted = appetite(); wanted > 0) {
        tell(0, {Kind::want, wanted});
        asking = true;
        idle = false;
      }
    }
    if (!done_told && progress_due()) tell(0, {Kind::progress, board_.tasks_done(members_)});
    if (!done_told && !asking && all_finished) {
      tell(0, {Kind::done});
      done_told = true;
    }
    int source = 0;
    if (arrived(source)) {
      const Message message = next_from(source);
      if (message.kind == Kind::farewell) return;
      if (message.kind == Kind::open) board_.gate().open(0);
      if (message.kind == Kind::stop) {
        board_.gate().stop(static_cast<Stop>(message.first));
        stop_told = true;
      }
      if (message.kind == Kind::grant) {
        accept(message);
        answer_time_ = seconds(Clock::now() - asked_);
        asking = false;
      }
      idle = false;
    }
    if (idle) {
      wait.pause();
    } else {
      wait.reset();
    }
  }
}

bool Dealer::progress_due() {
  const Clock::time_point now = Clock::now();
  if (progress_.empty() || now - progress_told_ < progress_pause) return false;
  progress_told_ = now;
  return true;
}

Dealer::Message Dealer::stop_message() const {
  return {Message::Kind::stop, static_cast<std::uint64_t>(board_.gate().why_stopped())};
}

/// How many chunks this node should ask for at this moment; 0: none. It looks ahead for four
/// times as long as an answer takes, so that nobody waits for it, and asks if what it has would not
/// last, and at least one chunk more would be used up by then: for twice as much as that.
std::uint64_t Dealer::appetite() {
  ChunkQueue& queue = board_.queue();
  if (queue.closed() || board_.gate().stopped()) return 0;
  const std::uint64_t left = queue.left();
  // Each worker has one in hand; all that were taken before are done. (A rate of those taken would
  // be enormous at the start, and the first node would hoard a good part of the pile.)
  const std::uint64_t taken = received_ - left;
  const std::uint64_t used = taken - std::min<std::uint64_t>(taken, members_.size());
  const Clock::time_point now = Clock::now();
  const double rate =  // [chunks/s]
      static_cast<double>(used - used_before_) / std::max(seconds(now - asked_), 1e-6);
  const double horizon = std::clamp(4 * answer_time_, shortest_horizon, longest_horizon);
  const std::uint64_t waiting = queue.waiting();
  const bool starving = left == 0 && waiting > 0;
  // Guided chunks are few, and one of them is a good part of all that is left: nobody hoards them.
  const bool ahead = board_.shape().schedule.kind == Schedule::Kind::dynamic;
  const bool short_soon =
      ahead && static_cast<double>(left + 1) <= rate * horizon && queue.has_room();
  if (!starving && !short_soon) return 0;
  used_before_ = used;
  asked_ = now;
  const auto soon = static_cast<std::uint64_t>(ahead ? 2 * rate * horizon : 0);
  return std::max({waiting, soon, std::uint64_t{1}});
}

/// From the pile: what is wanted, but towards the end of the pile less, so that all end together.
Dealer::Message Dealer::grant(std::uint64_t wanted) {
  const std::uint64_t rest = pile_last_ - pile_first_;
  const auto nodes = static_cast<std::uint64_t>(leaders_.size());
  const std::uint64_t fair = std::max({rest / (2 * nodes), wanted / 32, std::uint64_t{1}});
  const std::uint64_t first = pile_first_;
  pile_first_ += std::min({wanted, fair, rest});
  return {Message::Kind::grant, first, pile_first_};
}

void Dealer::accept(const Message& grant) {
  if (grant.first == grant.last) return board_.queue().close();
  board_.queue().fill(grant.first, grant.last);
  received_ += grant.last - grant.first;
}

bool Dealer::arrived(int& source) const {
  int flag = 0;
  MPI_Status status;
  check(MPI_Iprobe(MPI_ANY_SOURCE, tag, leaders_.get(), &flag, &status));
  source = status.MPI_SOURCE;
  return flag != 0;
}

Dealer::Message Dealer::next_from(int source) const {
  Message message{};
  receive(leaders_, source, tag, &message, sizeof message);
  return message;
}

void Dealer::tell(int leader, const Message& message) const {
  send(leaders_, leader, tag, &message, sizeof message);
}

/// Leader 0 tells all others.
void Dealer::tell_all(const Message& message) const {
  for (int leader = 1; leader < leaders_.size(); ++leader) tell(leader, message);
}

}  // namespace scalelab::mpi
