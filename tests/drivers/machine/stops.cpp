#include "drivers/common/machine/stops.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

constexpr std::int64_t ms = 1'000'000;  // [ns]

/// After so many milliseconds of the steady clock and on a CPU.
ThreadClocks at(std::int64_t steady, std::int64_t cpu, std::uint32_t continued) {
  return {steady * ms, cpu * ms, continued};
}

/// That of a thread which has just begun.
Presence beginning() {
  Presence presence;
  presence.look(at(100, 5, 3));
  presence.take(7000 * ms);
  return presence;
}

}  // namespace

TEST_CASE("stops: who was away when the process was continued may have been stopped for so long") {
  Presence presence = beginning();
  presence.look(at(1100, 10, 4));  // 1 s, of which it ran for 5 ms
  presence.look(at(1500, 10, 4));  // it waits for something: nobody continued it
  const Interruption since = presence.take(7000 * ms);
  CHECK(since.stopped_seconds == Approx(0.995));
  CHECK(since.suspended_seconds == 0);
  CHECK_FALSE(presence.take(7000 * ms).any());  // told once
}

TEST_CASE("stops: of several the longest is told") {
  Presence presence = beginning();
  presence.look(at(300, 5, 4));
  presence.look(at(900, 5, 5));
  presence.look(at(1100, 5, 6));
  CHECK(presence.take(7000 * ms).stopped_seconds == Approx(0.6));
}

TEST_CASE("stops: SIGCONT without a stop is none") {
  Presence presence = beginning();
  presence.look(at(1100, 1005, 4));  // it computed all the time
  presence.look(at(1105, 1005, 5));  // or was away for no longer than others are preempted
  CHECK_FALSE(presence.take(7000 * ms).any());
}

TEST_CASE("stops: another thread may have taken the signal, and counted it late") {
  Presence presence = beginning();
  presence.look(at(1100, 10, 3));
  presence.look(at(1101, 11, 4));
  CHECK(presence.take(7000 * ms).stopped_seconds == Approx(0.995));
}

TEST_CASE("stops: who waits long without SIGCONT was not stopped") {
  Presence presence = beginning();
  presence.look(at(60'000, 6, 3));
  CHECK_FALSE(presence.take(7000 * ms).any());
}

TEST_CASE("stops: what was before the first question is told to nobody") {
  Presence presence;
  presence.look(at(100, 5, 3));
  presence.look(at(5000, 5, 4));
  CHECK_FALSE(presence.take(7000 * ms).any());
  presence.look(at(5100, 105, 4));
  CHECK_FALSE(presence.take(7000 * ms).any());
}

TEST_CASE("stops: a machine was suspended when its clock of the boot went on alone") {
  Presence presence = beginning();
  presence.look(at(1100, 1005, 3));
  const Interruption since = presence.take(97'000 * ms);
  CHECK(since.suspended_seconds == Approx(90));
  CHECK(since.stopped_seconds == 0);
  CHECK_FALSE(presence.take(97'000 * ms).any());
  CHECK_FALSE(presence.take(97'001 * ms).any());  // the clocks are not read at the same moment
}

TEST_CASE("stops: of two workers the longer ones are kept") {
  Interruption both{2, 0};
  both |= Interruption{1, 30};
  CHECK((both.stopped_seconds == 2 && both.suspended_seconds == 30 && both.any()));
  CHECK_FALSE(Interruption{}.any());
}

TEST_CASE("stops: a process that is stopped and continued knows it, also a forked one") {
  notice_stops();
  interruption();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    interruption();
    for (int i = 0; i < 400; ++i) {  // 2 s at least
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      look_whether_stopped();
      if (i == 20) kill(getpid(), SIGCONT);  // which says nothing
      if (i == 30 && interruption().any()) _exit(100);
      const double seconds = interruption().stopped_seconds;
      if (seconds > 0) _exit(seconds > 0.25 && seconds < 5 ? 0 : 101);
    }
    _exit(102);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  kill(child, SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(child, &status, WUNTRACED) == child);
  CHECK(WIFSTOPPED(status));  // the system does to it what it does to all
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  kill(child, SIGCONT);
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  look_whether_stopped();
  CHECK(interruption().stopped_seconds == 0);  // its parent was not
}
