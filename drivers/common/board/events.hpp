#pragma once

#include <cstdint>
#include <span>

namespace scalelab {

/// Something that a worker did, for --trace. Plain bytes.
struct Event {
  enum class Kind : std::uint32_t {
    tasks,    ///< ran the tasks first <= i < last
    journal,  ///< wrote the journal: `last` bytes
    restart   ///< its process died and was replaced, when it had the tasks first <= i < last
  };

  std::uint64_t begin;  ///< steady clock [ns]
  std::uint64_t end;
  std::uint64_t first;
  std::uint64_t last;
  Kind kind;
};

/// The events of one worker in one repetition, in memory that may be shared. When there is no room
/// left, every second event of kind `tasks` is dropped, and from then on only half as many are
/// kept: so a repetition of any length is sampled evenly.
class EventLog {
 public:
  struct State {
    std::uint64_t count = 0;   ///< events kept
    std::uint64_t stride = 1;  ///< one of how many chunks is kept
    std::uint64_t seen = 0;    ///< chunks
  };

  EventLog(State& state, std::span<Event> events) : state_(state), events_(events) {}

  bool wanted() const { return !events_.empty(); }
  void add(const Event& event);
  std::span<const Event> events() const { return events_.first(state_.count); }
  /// Of a log from elsewhere. @returns the place for its events
  std::span<Event> restore(const State& state) {
    state_ = state;
    return events_.first(state_.count);
  }
  const State& state() const { return state_; }

 private:
  void thin_out();

  State& state_;
  std::span<Event> events_;
};

}  // namespace scalelab
