// Forked processes. The kernel and its data are there before the fork, so children read them
// copy-on-write; the board lies in memory that all share. The parent starts each repetition and
// hears of its end through one socket per child. It computes nothing itself.
// Links neither MPI nor OpenMP: forking a process that has their threads is not safe.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/driver.hpp"
#include "drivers/common/driver_main.hpp"
#include "drivers/common/worker.hpp"

namespace scalelab {

namespace {

/// How long the others may go on with the task in hand when one has failed.
constexpr std::chrono::seconds grace{1};

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

template <class Call>
auto retry_when_interrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
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

/// One end of a socket over which parent and child say one byte at a time.
class Line {
 public:
  explicit Line(int descriptor) : descriptor_(descriptor) {}
  Line(Line&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Line& operator=(Line&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Line() { hang_up(); }

  void hang_up() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }

  int descriptor() const { return descriptor_; }

  /// @returns false if nobody listens any more
  bool say() const {
    const char byte = '!';
    return retry_when_interrupted([&] { return send(descriptor_, &byte, 1, MSG_NOSIGNAL); }) == 1;
  }

  /// Waits for a byte. @returns false if the other side has hung up or died
  bool hear() const {
    char byte = 0;
    return retry_when_interrupted([&] { return read(descriptor_, &byte, 1); }) == 1;
  }

 private:
  int descriptor_;
};

/// A worker as its parent sees it. Destroying it ends and reaps the process.
class Child {
 public:
  Child(pid_t pid, Line line) : pid_(pid), line_(std::move(line)) {}
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)), busy_(other.busy_) {}
  Child& operator=(Child&&) = delete;
  ~Child() { end(); }

  const Line& line() const { return line_; }
  bool busy() const { return busy_; }

  void start() {
    if (!line_.say()) throw std::runtime_error(obituary());
    busy_ = true;
  }

  /// The child has something to say: that it is done. @throws std::runtime_error if it is dead
  void hear() {
    if (!line_.hear()) throw std::runtime_error(obituary());
    busy_ = false;
  }

 private:
  /// What became of a child that does not answer.
  std::string obituary() {
    int status = 0;
    const pid_t pid = std::exchange(pid_, -1);
    busy_ = false;
    if (retry_when_interrupted([&] { return waitpid(pid, &status, 0); }) != pid) {
      return fmt::format("worker process {} is gone", pid);
    }
    if (WIFSIGNALED(status)) {
      return fmt::format("worker process {} was killed by signal {} ({})", pid, WTERMSIG(status),
                         strsignal(WTERMSIG(status)));
    }
    return fmt::format("worker process {} ended with exit status {}", pid, WEXITSTATUS(status));
  }

  void end() {
    line_.hang_up();  // an idle child ends when it hears that
    if (pid_ < 0) return;
    if (busy_) kill(pid_, SIGKILL);
    retry_when_interrupted([&] { return waitpid(pid_, nullptr, 0); });
  }

  pid_t pid_;
  Line line_;
  bool busy_ = false;
};

class Processes final : public Driver {
 public:
  std::string name() const override { return "processes"; }

  std::size_t workers(std::optional<std::size_t> wanted) const override {
    return wanted.value_or(allowed_cores());
  }

  void start(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
             bool bind) override {
    const Board::Shape shape = Board::shape_of(kernel, schedule, workers);
    memory_ = std::make_unique<SharedMemory>(Board::bytes(shape));
    board_ = Board::create(memory_->get(), shape);
    raise_descriptor_limit(workers);
    for (std::size_t worker = 0; worker < workers; ++worker) hire(kernel, worker, bind);
    for (Child& child : children_) {
      child.hear();  // ready
    }
    throw_failure_of_start();
  }

  void ready() override {
    board_->clear();
    board_->deal();
  }

  void run() override {
    for (Child& child : children_) child.start();
    std::vector<pollfd> lines;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    for (;;) {
      lines.clear();
      for (const Child& child : children_) {
        // A negative descriptor is skipped by poll, and keeps the places the same.
        lines.push_back({child.busy() ? child.line().descriptor() : -1, POLLIN, 0});
      }
      if (std::none_of(lines.begin(), lines.end(), [](const pollfd& p) { return p.fd >= 0; })) {
        return;
      }
      if (board_->stopped() && !deadline) deadline = std::chrono::steady_clock::now() + grace;
      if (deadline && std::chrono::steady_clock::now() > *deadline) return;
      if (retry_when_interrupted(
              [&] { return poll(lines.data(), lines.size(), deadline ? 100 : -1); }) < 0) {
        fail("poll");
      }
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].revents != 0) children_[i].hear();
      }
    }
  }

  Board& board() override { return *board_; }

 private:
  /// One socket per worker, and some for everything else.
  static void raise_descriptor_limit(std::size_t workers) {
    rlimit limit{};
    const rlim_t wanted = workers + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
  }

  void hire(const Kernel& kernel, std::size_t worker, bool bind) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
    Line ours(ends[0]);
    Line theirs(ends[1]);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
      fail(fmt::format("fork of worker {} of {}", worker + 1, board_->shape().workers).c_str());
    }
    if (pid > 0) {
      children_.emplace_back(pid, std::move(ours));
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a killed parent leaves no child
    if (getppid() != parent) _exit(1);
    ours.hang_up();
    for (Child& child : children_) close(child.line().descriptor());
    serve(kernel, worker, bind, theirs);
  }

  /// The life of a child. It leaves by _exit, so that nothing of its parent's is ended twice.
  [[noreturn]] void serve(const Kernel& kernel, std::size_t worker, bool bind,
                          const Line& line) noexcept {
    std::unique_ptr<Workspace> workspace;
    try {
      if (bind) bind_worker(worker);
      workspace = kernel.workspace();
    } catch (...) {
      board_->report(worker).fail(0, what_is_thrown());
    }
    line.say();
    while (line.hear()) {
      work(kernel, *board_, worker, *workspace);
      line.say();
    }
    _exit(0);
  }

  void throw_failure_of_start() {
    for (std::size_t worker = 0; worker < children_.size(); ++worker) {
      const WorkerReport& report = board_->report(worker);
      if (report.failed_task != WorkerReport::none) {
        throw std::runtime_error(
            fmt::format("worker {} cannot start: {}", worker, report.message.data()));
      }
    }
  }

  std::unique_ptr<SharedMemory> memory_;
  std::unique_ptr<Board> board_;
  std::vector<Child> children_;  // ended before the memory that they use
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::Processes driver;
  return scalelab::driver_main(argc, argv, driver);
}
