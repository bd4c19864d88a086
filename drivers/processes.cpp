// Forked processes. The kernel and its data are there before the fork, so children read them
// copy-on-write; the board lies in memory that all share. The parent starts each repetition, hears
// of its end through one socket per child, and replaces children that die. It computes nothing
// itself. Links neither MPI nor OpenMP: forking a process that has their threads is not safe. (The
// thread of --progress is: it holds no lock that a child would need but those that the C library
// takes care of.)
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <vector>

#include "drivers/common/driver.hpp"
#include "drivers/common/machine/affinity.hpp"
#include "drivers/common/machine/stops.hpp"
#include "drivers/common/run/driver_main.hpp"
#include "drivers/common/timed/failure.hpp"
#include "drivers/common/timed/worker.hpp"
#include "drivers/processes/child.hpp"
#include "drivers/processes/costs.hpp"

namespace scalelab {

namespace {

[[noreturn]] void fail(const std::string& call) {
  throw std::system_error(errno, std::generic_category(), call);
}

/// Memory that children share with their parent.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes) : bytes_(bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    memory_ = static_cast<std::byte*>(memory);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(memory_, bytes_); }

  std::byte* get() const { return memory_; }

 private:
  std::byte* memory_;
  std::size_t bytes_;
};

/// As long as it lives, signals wait, but for a `ppoll` with the mask of `before`.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

/// Of the processes of one worker, at the same place.
struct Deaths {
  std::optional<Range> tasks;  ///< of which one was being run; nothing: none was
  std::uint64_t done = 0;      ///< by this worker till then
  std::size_t count = 0;

  void again(const std::optional<Range>& where, std::uint64_t done_till_now) {
    const bool same = where && tasks ? where->first >= tasks->first && where->first < tasks->last
                                     : !where && !tasks && done == done_till_now;
    count = same ? count + 1 : 1;
    tasks = where;
    done = done_till_now;
  }
};

class Processes final : public Driver {
 public:
  DriverDescription description() const override {
    return {.name = "processes",
            .options = {{"retries", "3", "how often a chunk is tried again when its worker dies"}},
            .fills_cpus = true,
            .forks = true};
  }

  std::size_t workers(std::optional<std::size_t> wanted,
                      const OptionValues& options) const override {
    retries_of(options);
    return wanted.value_or(allowed_cpus());
  }

  void start(const Assignment& assignment) override {
    assignment_ = &assignment;
    const std::size_t workers = assignment.shape.workers;
    memory_ = std::make_unique<SharedMemory>(Board::bytes(assignment.shape));
    board_ = Board::create(memory_->get(), assignment.shape);
    raise_descriptor_limit(workers);
    for (std::size_t worker = 0; worker < workers; ++worker) {
      children_.push_back(hire(worker));
    }
    for (Child& child : children_) {
      if (!child.hear()) throw std::runtime_error("a worker cannot start: " + child.bury());
    }
    for (std::size_t worker = 0; worker < children_.size(); ++worker) {
      const WorkerReport& report = board_->report(worker);
      if (report.failed_task != WorkerReport::none) throw std::runtime_error(report.message.data());
    }
  }

  void ready(std::span<const Range> finished) override {
    Driver::ready(finished);
    deaths_.assign(children_.size(), {});
  }

  void run() override {
    for (std::size_t worker = 0; worker < children_.size(); ++worker) start_worker(worker);
    for (;;) {
      watch();
      if (board_->gate().stopped() || board_->retries() == 0) return;
      // One that died just when it had taken a chunk has left no word of it.
      const auto lost = board_->unfinished_chunk();
      if (!lost) return;
      board_->hand(0).chunk = *lost + 1;
      start_worker(0);
    }
  }

  Board& board() override { return *board_; }
  std::vector<Cost> costs() override { return costs_of(children_); }

 private:
  using Clock = std::chrono::steady_clock;

  static std::size_t retries_of(const OptionValues& options) {
    return options.whole("retries", 0, 1000000);
  }

  /// One socket per worker, and some for everything else.
  static void raise_descriptor_limit(std::size_t workers) {
    rlimit limit{};
    const rlim_t wanted = workers + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
  }

  [[noreturn]] void refuse(std::size_t worker) const {
    throw std::runtime_error(fmt::format(
        "the system refuses process {} of {} ({}): fewer workers (--workers) would help, or "
        "another "
        "limit of processes (ulimit -u, pids.max of a container) or of memory",
        worker + 1, assignment_->shape.workers, std::generic_category().message(errno)));
  }

  Child hire(std::size_t worker) {
    auto [ours, theirs] = Line::pair();
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) refuse(worker);
    if (pid > 0) return {pid, std::move(ours)};
    ignore_signals();                  // a Ctrl-C reaches all; the parent says what follows
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a killed parent leaves no child
    if (getppid() != parent) _exit(1);
    ours.hang_up();
    for (Child& child : children_) child.forget();
    serve(worker, theirs);
  }

  /// The life of a child. It leaves by _exit, so that nothing of its parent's is ended twice.
  [[noreturn]] void serve(std::size_t number, const Line& line) noexcept {
    std::optional<Worker> worker;
    try {
      worker.emplace(*assignment_, *board_, number);
    } catch (...) {
      board_->report(number).fail(0, what_is_thrown());
      board_->gate().stop(Stop::failure);
    }
    line.say();
    while (const auto word = line.hear()) {
      if (worker && *word == Line::work) worker->work();
      line.say();
    }
    _exit(0);
  }

  void start_worker(std::size_t worker) {
    if (!children_[worker].start()) replace(worker);
  }

  /// Until all children have done their part, or have had the grace after a stop.
  void watch() {
    std::vector<pollfd> lines;
    std::optional<Clock::time_point> deadline;
    do {
      for (std::size_t worker = 0; worker < lines.size(); ++worker) {
        if (lines[worker].revents != 0) listen_to(worker);
      }
      lines.clear();
      // Negative descriptors are skipped by poll, and keep the places the same.
      for (const Child& child : children_) lines.push_back({child.descriptor(), POLLIN, 0});
      if (std::none_of(lines.begin(), lines.end(), [](const pollfd& p) { return p.fd >= 0; })) {
        return;
      }
    } while (wait_for_words(lines, deadline));
  }

  /// Until a child has something to say; a signal interrupts that. The deadline is set by a stop.
  /// @returns false if it is over
  bool wait_for_words(std::vector<pollfd>& lines, std::optional<Clock::time_point>& deadline) {
    look_whether_stopped();
    // Else one that comes between the look whether one has come and the wait would be waited with.
    const SignalsHeld held;
    if (const Stop why = asked_to_end(); why != Stop::none) board_->gate().stop(why);
    if (board_->gate().stopped() && !deadline) deadline = Clock::now() + grace;
    if (deadline && Clock::now() > *deadline) return false;
    const timespec patience = deadline ? timespec{0, 50'000'000} : timespec{1, 0};
    if (ppoll(lines.data(), lines.size(), &patience, &held.before()) < 0) {
      if (errno != EINTR) fail("ppoll");
      lines.clear();  // what it says of them is nothing
    }
    return true;
  }

  void listen_to(std::size_t worker) {
    Child& child = children_[worker];
    const bool starting = child.state() == Child::State::starting;
    if (!child.hear()) {
      replace(worker);
    } else if (starting && !board_->gate().stopped()) {
      start_worker(worker);
    }
  }

  /// The worker's process has died: another takes its place and goes on with what it had in hand.
  void replace(std::size_t worker) {
    const std::string fate = children_[worker].bury();
    if (board_->gate().stopped()) return;
    const std::optional<Range> tasks = board_->mend(worker);
    Deaths& deaths = deaths_[worker];
    deaths.again(tasks, board_->hand(worker).done);
    if (deaths.count > retries_of(assignment_->options)) {
      board_->report(worker).fail(tasks ? tasks->first : 0, verdict(worker, deaths) + ": " + fate);
      return board_->gate().stop(Stop::failure);
    }
    ++board_->retries();
    EventLog events = board_->events(worker);
    if (events.wanted()) {
      const auto now = static_cast<std::uint64_t>(
          std::chrono::nanoseconds(Clock::now().time_since_epoch()).count());
      const Range what = tasks.value_or(Range{0, 0});
      events.add({now, now, what.first, what.last, Event::Kind::restart});
    }
    children_[worker] = hire(worker);
  }

  static std::string verdict(std::size_t worker, const Deaths& deaths) {
    const std::string times = deaths.count == 1 ? "" : fmt::format(", {} times", deaths.count);
    if (!deaths.tasks) return fmt::format("worker {} died between tasks{}", worker, times);
    if (deaths.tasks->size() == 1) {
      return fmt::format("task {} killed its worker{}", deaths.tasks->first, times);
    }
    return fmt::format("one of the tasks {} to {} killed its worker{}", deaths.tasks->first,
                       deaths.tasks->last - 1, times);
  }

  const Assignment* assignment_ = nullptr;
  std::unique_ptr<SharedMemory> memory_;
  std::unique_ptr<Board> board_;
  std::vector<Child> children_;  // ended before the memory that they use
  std::vector<Deaths> deaths_;
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::Processes driver;
  return scalelab::driver_main(argc, argv, driver);
}
