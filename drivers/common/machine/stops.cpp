#include "drivers/common/machine/stops.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>
#include <system_error>

namespace scalelab {

namespace {

constinit std::atomic<std::uint32_t> continued{0};  // NOLINT: signals belong to the program
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
constinit thread_local Presence presence;  // NOLINT: and threads to whoever runs in them

extern "C" void scalelab_on_continue(int) { ++continued; }

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) return 0;
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t nanoseconds_of(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void look() {
  ThreadClocks now;
  now.continued = continued;  // before the clocks
  now.steady_ns = nanoseconds_of(std::chrono::steady_clock::now());
#ifdef __linux__
  now.cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
#endif
  presence.look(now);
}

/// How long the machine was suspended since it was started: the steady clock stands meanwhile, that
/// of the boot goes on.
std::int64_t asleep_ns() {
#ifdef __linux__
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 3; ++i) {  // one may be interrupted between the two
    const std::int64_t steady = read_clock(CLOCK_MONOTONIC);
    least = std::min(least, read_clock(CLOCK_BOOTTIME) - steady);
  }
  return least;
#else
  return 0;
#endif
}

}  // namespace

Interruption& Interruption::operator|=(const Interruption& other) {
  stopped_seconds = std::max(stopped_seconds, other.stopped_seconds);
  suspended_seconds = std::max(suspended_seconds, other.suspended_seconds);
  return *this;
}

void Presence::look(const ThreadClocks& now) {
  const std::int64_t away = now.steady_ns - last_.steady_ns - (now.cpu_ns - last_.cpu_ns);
  const double seconds = looked_ ? static_cast<double>(away) * 1e-9 : 0;
  if (looked_ && now.continued != last_.continued) {
    const double longest = std::max(seconds, away_before_);
    if (longest >= shortest_stop) stopped_seconds_ = std::max(stopped_seconds_, longest);
  }
  away_before_ = seconds;
  last_ = now;
  looked_ = true;
}

Interruption Presence::take(std::int64_t asleep_ns) {
  Interruption since;
  const double asleep = static_cast<double>(asleep_ns - asleep_ns_) * 1e-9;
  if (taken_) since.stopped_seconds = stopped_seconds_;
  if (taken_ && asleep >= shortest_stop) since.suspended_seconds = asleep;
  stopped_seconds_ = 0;
  asleep_ns_ = asleep_ns;
  taken_ = true;
  return since;
}

void notice_stops() {
  struct sigaction action {};
  action.sa_handler = scalelab_on_continue;
  action.sa_flags = SA_RESTART;  // a kernel's own system calls go on
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGCONT, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "sigaction");
  }
}

void look_whether_stopped(std::chrono::steady_clock::time_point now) {
  constexpr std::int64_t often_enough = 1'000'000;
  const std::int64_t now_ns = nanoseconds_of(now);
  if (now_ns - presence.last_look_ns() >= often_enough) look();
}

Interruption interruption() {
  look();
  return presence.take(asleep_ns());
}

}  // namespace scalelab
