#pragma once

#include <chrono>
#include <cstdint>

namespace scalelab {

// A program may be stopped (SIGSTOP, Ctrl-Z, a batch system that suspends jobs) and continued, and
// a whole machine may be suspended (a laptop that is closed). What was timed meanwhile is no
// measurement. The system tells a program of its end, but of a stop only SIGCONT, which may also
// come without one: so a stop is believed where a thread can have been away at that moment.

/// What has happened to a thread since it asked last; 0: nothing. Plain bytes.
struct Interruption {
  double stopped_seconds = 0;    ///< for so long at most
  double suspended_seconds = 0;  ///< in which the steady clock stands

  bool any() const { return stopped_seconds > 0 || suspended_seconds > 0; }
  /// The longer of both.
  Interruption& operator|=(const Interruption& other);
};

/// The clocks and the counter of one thread, read at one moment.
struct ThreadClocks {
  std::int64_t steady_ns = 0;
  std::int64_t cpu_ns = 0;  ///< that the thread was on a CPU
  /// How often the process was continued; read before the clocks.
  std::uint32_t continued = 0;
};

/// Whether one thread was away: from what it reads at each look, and nothing else.
class Presence {
 public:
  /// A preemption is no stop, and who stops by hand takes longer.
  static constexpr double shortest_stop = 0.01;  // [s]

  /// Of two looks between which the process was continued, the time that the thread did not run is
  /// what it may have been stopped; also that before the first of them: another thread may take the
  /// signal, and count it late.
  void look(const ThreadClocks& now);
  /// @param asleep_ns  how long the machine was suspended since it was started
  Interruption take(std::int64_t asleep_ns);

  std::int64_t last_look_ns() const { return last_.steady_ns; }

 private:
  ThreadClocks last_{};
  std::int64_t asleep_ns_ = 0;
  double stopped_seconds_ = 0;
  double away_before_ = 0;  ///< between the two looks before [s]
  bool looked_ = false;
  bool taken_ = false;
};

/// From now on this process, and those that it forks, count how often they are continued. What
/// signals do stays as it is.
void notice_stops();

/// To be called by each thread that works or is waited for, whenever it looks at the clock. Some
/// ns, and a few hundred once in a millisecond.
void look_whether_stopped(
    std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

/// Of the calling thread, since it asked last. The first time says nothing.
Interruption interruption();

}  // namespace scalelab
