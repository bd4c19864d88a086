#include "drivers/common/board/ending.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int was_not_ended = 99;

/// A process that does something that may end it.
class Child {
 public:
  explicit Child(const std::function<void()>& body) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      body();
      _exit(was_not_ended);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { close(pipe_); }

  void send(int signal) const { kill(pid_, signal); }

  /// Waits for its end. @returns its exit status, or minus the signal that killed it
  int status() {
    char buffer[4096];
    for (ssize_t count = 0; (count = read(pipe_, buffer, sizeof buffer)) > 0;) {
      said_.append(buffer, static_cast<std::size_t>(count));
    }
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    seconds_ = std::chrono::duration<double>(Clock::now() - begin_).count();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  /// Both after `status`.
  double seconds() const { return seconds_; }
  const std::string& said() const { return said_; }

 private:
  Clock::time_point begin_ = Clock::now();
  double seconds_ = 0;
  int pipe_ = -1;
  pid_t pid_ = -1;
  std::string said_;
};

int status_after(const std::function<void()>& body) { return Child(body).status(); }

/// A task that nothing but the end of the program ends, within the time that a test has.
void long_task() {
  for (int i = 0; i < 100; ++i) std::this_thread::sleep_for(100ms);
}

[[noreturn]] void leave_in_order() { _exit(status_of(asked_to_end())); }

}  // namespace

TEST_CASE("ending: a signal is heard, and gives the status that a shell would give") {
  for (const auto& [signal, status] : std::vector<std::pair<int, int>>{
           {SIGINT, 130}, {SIGTERM, 143}, {SIGUSR1, 143}, {SIGHUP, 129}}) {
    CAPTURE(signal);
    CHECK(status_after([signal = signal] {
            heed_signals(true);
            if (asked_to_end() != Stop::none) _exit(1);
            raise(signal);
            leave_in_order();
          }) == status);
  }
  CHECK(status_of(Stop::failure) == 1);
  CHECK(status_of(Stop::timeout) == 1);
  CHECK(status_of(Stop::none) == 0);
}

TEST_CASE("ending: reasons have names that people know") {
  CHECK(name_of(Stop::interrupt) == "SIGINT");
  CHECK(name_of(Stop::terminate) == "SIGTERM or SIGUSR1");
  CHECK(name_of(Stop::hangup) == "SIGHUP");
  CHECK(name_of(Stop::timeout) == "--timeout");
}

TEST_CASE("ending: the first reason counts") {
  CHECK(status_after([] {
          heed_signals(true);
          raise(SIGTERM);
          raise(SIGINT);
          raise(SIGHUP);
          leave_in_order();
        }) == 143);
  CHECK(status_after([] {
          heed_signals(true);
          raise(SIGINT);
          raise(SIGUSR1);
          leave_in_order();
        }) == 130);
}

TEST_CASE("ending: under nohup a hangup is not heeded, but the others are") {
  CHECK(status_after([] {
          std::signal(SIGHUP, SIG_IGN);
          heed_signals(true);
          raise(SIGHUP);
          if (asked_to_end() != Stop::none) _exit(1);
          raise(SIGTERM);
          leave_in_order();
        }) == 143);
}

TEST_CASE("ending: a child that ignores signals is not ended, nor asked to") {
  CHECK(status_after([] {
          heed_signals(true);
          ignore_signals();
          for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM}) raise(signal);
          _exit(asked_to_end() == Stop::none ? 17 : 1);
        }) == 17);
}

TEST_CASE("ending: a system call that a signal interrupts goes on") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  Child child([&] {
    heed_signals(true);
    char byte = 0;
    const ssize_t count = read(ends[0], &byte, 1);
    _exit(count == 1 && byte == 'x' && asked_to_end() == Stop::terminate ? 17 : 1);
  });
  std::this_thread::sleep_for(200ms);
  child.send(SIGTERM);
  std::this_thread::sleep_for(100ms);
  CHECK(write(ends[1], "x", 1) == 1);
  CHECK(child.status() == 17);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("ending: --timeout asks for the end when its time is over, not before") {
  for (const double limit : {1e-9, 0.25, 1.25}) {
    CAPTURE(limit);
    Child child([limit] {
      heed_signals(true);
      limit_time(limit);
      const auto begin = Clock::now();
      while (asked_to_end() == Stop::none && Clock::now() - begin < 3s) {
        std::this_thread::sleep_for(1ms);
      }
      _exit(asked_to_end() == Stop::timeout ? status_of(Stop::timeout) : 98);
    });
    CHECK(child.status() == 1);
    CHECK((child.seconds() >= limit && child.seconds() < limit + 1));
    CHECK(child.said().empty());
  }
}

TEST_CASE("ending: the grace is over when it is over, and not before anybody asked for the end") {
  CHECK(status_after([] {
          heed_signals(true);
          if (grace_is_over()) _exit(1);
          raise(SIGTERM);
          if (grace_is_over()) _exit(2);
          const auto begin = Clock::now();
          while (!grace_is_over()) std::this_thread::sleep_for(1ms);
          const auto waited = Clock::now() - begin;
          _exit(waited > grace - 100ms && waited < grace + 250ms ? 17 : 3);
        }) == 17);
}

TEST_CASE("ending: tasks that outlive the grace are abandoned, whatever asked for the end") {
  // All at the same time, since each takes as long as the grace.
  Child terminated([] {
    heed_signals(true);
    raise(SIGTERM);
    long_task();
  });
  Child silent([] {
    heed_signals(false);
    raise(SIGINT);
    long_task();
  });
  Child failed([] {
    heed_signals(true);
    end_after_grace("task 3 failed: no luck");
    end_after_grace("task 4 failed: neither");
    long_task();
  });
  Child late([] {
    heed_signals(true);
    limit_time(0.4);
    long_task();
  });
  Child terminated_then_failed([] {
    heed_signals(true);
    raise(SIGTERM);
    end_after_grace("task 3 failed");
    long_task();
  });
  Child insistent([] {  // a second signal does not prolong it
    heed_signals(true);
    raise(SIGTERM);
    std::this_thread::sleep_for(1500ms);
    raise(SIGTERM);
    raise(SIGINT);
    long_task();
  });
  Child in_time([] {  // the time of --timeout does not shorten the grace
    heed_signals(true);
    limit_time(1);
    raise(SIGTERM);
    std::this_thread::sleep_for(2s);
    leave_in_order();
  });
  Child both_at_once([] {  // nor if both come at the same moment
    heed_signals(true);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    limit_time(0.05);
    std::this_thread::sleep_for(200ms);
    raise(SIGINT);  // of two that wait, the one with the lower number is delivered first
    sigprocmask(SIG_UNBLOCK, &all, nullptr);
    long_task();
  });
  Child limited_late([] {  // nor is it taken away by a limit that is set later
    heed_signals(true);
    raise(SIGTERM);
    limit_time(20);
    long_task();
  });
  Child writing([] {
    heed_signals(true);
    finishing();
    raise(SIGTERM);
    long_task();
  });
  Child chatty([] {
    heed_signals(true);
    end_after_grace(std::string(5000, 'x'));
    long_task();
  });
  const auto lasted = [](const Child& child) {
    return child.seconds() >= 3 && child.seconds() < 5;
  };
  CHECK(in_time.status() == 143);
  CHECK(in_time.said().empty());
  CHECK(terminated.status() == 143);
  CHECK(lasted(terminated));
  CHECK(terminated.said() == "scalelab: stopped by a signal, the tasks in hand were abandoned\n");
  CHECK(silent.status() == 130);
  CHECK((lasted(silent) && silent.said().empty()));
  CHECK(failed.status() == 1);
  CHECK((lasted(failed) && failed.said() == "scalelab: task 3 failed: no luck\n"));
  CHECK(late.status() == 1);
  CHECK((lasted(late) && late.seconds() >= 3.4));
  CHECK(late.said() == "scalelab: --timeout: the tasks in hand were abandoned\n");
  CHECK(terminated_then_failed.status() == 143);
  CHECK(lasted(terminated_then_failed));
  CHECK(terminated_then_failed.said().find("task 3") == std::string::npos);
  CHECK(insistent.status() == 143);
  CHECK(lasted(insistent));
  CHECK(both_at_once.status() == 130);
  CHECK(lasted(both_at_once));
  CHECK(limited_late.status() == 143);
  CHECK(lasted(limited_late));
  CHECK(writing.status() == 143);
  CHECK(lasted(writing));
  CHECK(writing.said() == "scalelab: stopped before all was written\n");
  CHECK(chatty.status() == 1);
  CHECK(chatty.said().find("scalelab: xxxxx") == 0);
  CHECK((chatty.said().size() > 1000 && chatty.said().size() <= 1200));
  CHECK((chatty.said().back() == '\n' && chatty.said().find('\n') == chatty.said().size() - 1));
}
