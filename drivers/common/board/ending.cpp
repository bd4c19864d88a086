#include "drivers/common/board/ending.hpp"

#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <system_error>

namespace scalelab {

namespace {

/// What a signal handler may touch: lock-free atomics, and bytes that were written before.
struct State {
  std::atomic<Stop> asked{Stop::none};
  std::atomic<bool> speaks{false};
  std::atomic<bool> failing{false};  ///< somebody writes the message
  std::atomic<bool> failed{false};
  std::atomic<bool> finished{false};      ///< no task is in hand any more
  std::atomic<std::int64_t> deadline{0};  ///< steady clock, of the grace [ns]
  std::array<char, 1200> message{};       ///< of the failure
  std::atomic<std::size_t> length{0};
};
static_assert(std::atomic<Stop>::is_always_lock_free);

constinit State state;  // NOLINT: signals belong to the program, and so does this

void arm(double seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(seconds);
  timer.it_value.tv_usec =
      static_cast<suseconds_t>(std::max(1.0, (seconds - std::floor(seconds)) * 1e6));
  setitimer(ITIMER_REAL, &timer, nullptr);
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// A little more than the grace: a driver that ends in order by then comes first.
void arm_grace() {
  state.deadline = now_ns() + std::chrono::nanoseconds(grace).count();
  arm(static_cast<double>(grace.count()) + 0.3);
}

void say(std::string_view text) {
  while (!text.empty()) {
    pollfd end{STDERR_FILENO, POLLOUT, 0};
    if (poll(&end, 1, 0) == 0) return;  // a pipe that nobody reads: nothing waits for it now
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

[[noreturn]] void end_now() {
  if (state.failed) {
    say({state.message.data(), state.length});
    _exit(1);
  }
  if (state.speaks && state.finished) {
    say("scalelab: stopped before all was written\n");
  } else if (state.speaks) {
    say(state.asked == Stop::timeout ? "scalelab: --timeout: the tasks in hand were abandoned\n"
                                     : "scalelab: stopped by a signal, the tasks in hand were "
                                       "abandoned\n");
  }
  _exit(status_of(state.asked));
}

void ask(Stop why) {
  Stop nothing = Stop::none;
  const bool first = state.asked.compare_exchange_strong(nothing, why);
  if (first && !state.failed) arm_grace();
}

extern "C" void scalelab_on_signal(int signal) {
  const int saved = errno;
  switch (signal) {
    case SIGALRM:
      if (!state.failed && state.asked == Stop::none) {
        ask(Stop::timeout);
      } else if (grace_is_over()) {  // else it is that of --timeout, which fell due just then
        end_now();
      }
      break;
    case SIGINT: ask(Stop::interrupt); break;
    case SIGHUP: ask(Stop::hangup); break;
    default: ask(Stop::terminate); break;
  }
  errno = saved;
}

constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM};

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // a kernel's own system calls go on
  sigemptyset(&action.sa_mask);
  for (const int other : signals) sigaddset(&action.sa_mask, other);
  if (sigaction(signal, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "sigaction");
  }
}

}  // namespace

int status_of(Stop why) {
  switch (why) {
    case Stop::none: return 0;
    case Stop::interrupt: return 128 + SIGINT;
    case Stop::terminate: return 128 + SIGTERM;
    case Stop::hangup: return 128 + SIGHUP;
    case Stop::failure:
    case Stop::timeout: return 1;
  }
  return 1;
}

std::string name_of(Stop why) {
  switch (why) {
    case Stop::none: return "nothing";
    case Stop::failure: return "a failure";
    case Stop::interrupt: return "SIGINT";
    case Stop::terminate: return "SIGTERM or SIGUSR1";
    case Stop::hangup: return "SIGHUP";
    case Stop::timeout: return "--timeout";
  }
  return "";
}

void heed_signals(bool speaks) {
  state.speaks = speaks;
  state.finished = false;
  for (const int signal : signals) {
    struct sigaction now {};
    // nohup, and shells that start programs in the background, ask for these not to be heeded.
    const bool ignored = sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
    if (!ignored || signal == SIGALRM) handle(signal, scalelab_on_signal);
  }
  // Writing then fails, which can be told; the signals would end the program without a word.
  for (const int signal : {SIGPIPE, SIGXFSZ}) handle(signal, SIG_IGN);
}

void ignore_signals() {
  for (const int signal : signals) handle(signal, SIG_IGN);
}

void limit_time(double seconds) {
  sigset_t heeded;
  sigset_t before;
  sigemptyset(&heeded);
  for (const int signal : signals) sigaddset(&heeded, signal);
  pthread_sigmask(SIG_BLOCK, &heeded, &before);
  if (state.asked == Stop::none) arm(seconds);  // else the grace runs already
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void finishing() { state.finished = true; }

bool grace_is_over() {
  const std::int64_t deadline = state.deadline;
  return deadline != 0 && now_ns() >= deadline;
}

Stop asked_to_end() { return state.asked.load(std::memory_order_relaxed); }

void end_after_grace(std::string_view message) {
  if (asked_to_end() != Stop::none) return;  // then this is no news
  if (state.failing.exchange(true)) return;
  std::string line = "scalelab: " + std::string(message);
  line.resize(std::min(line.size(), state.message.size() - 1));
  line += '\n';
  std::copy(line.begin(), line.end(), state.message.begin());
  state.length = line.size();
  arm_grace();
  state.failed = true;
}

}  // namespace scalelab
