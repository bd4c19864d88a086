#include "drivers/common/output/progress.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace scalelab {

namespace {

std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  if (seconds < 3600) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

StatusLine::StatusLine() {
  const char* path = std::getenv("SCALELAB_TERMINAL");
  if (isatty(STDERR_FILENO) == 1) {
    terminal_.reset(dup(STDERR_FILENO));
  } else if (path != nullptr) {
    terminal_.reset(open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC));
    // Another host may have something else under this name.
    if (terminal_ && isatty(terminal_.get()) != 1) terminal_.reset();
  }
}

std::size_t StatusLine::columns() const {
  winsize size{};
  return ioctl(terminal_.get(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void StatusLine::show(const std::string& line) const {
  const std::string text = "\r\x1b[K" + line;
  // A terminal that is gone is no reason to end a run.
  static_cast<void>(write(terminal_.get(), text.data(), text.size()) < 0);
}

std::string progress_line(const std::vector<Driver::NodeProgress>& nodes, std::size_t tasks,
                          double seconds, std::size_t columns) {
  const std::uint64_t done =
      std::accumulate(nodes.begin(), nodes.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const auto& node) { return sum + node.tasks; });
  const auto part = static_cast<double>(done);
  const auto whole = static_cast<double>(tasks);
  std::string line =  // 100 % only when all is done
      fmt::format("{:3.0f} %  {} of {} tasks", std::floor(100 * part / whole), done, tasks);
  if (done > 0 && seconds > 0) {
    line += fmt::format(", {:.3g}/s, {} left", part / seconds,
                        duration((whole - part) * seconds / part));
  }
  for (const auto& node : nodes) {
    if (nodes.size() > 1) line += fmt::format("  {} {}", node.host, node.tasks);
  }
  if (line.size() > columns) line.resize(columns);
  return line;
}

Progress::Progress(Driver& driver, const StatusLine& status_line, std::string title,
                   std::size_t tasks)
    : driver_(driver),
      status_line_(status_line),
      title_(std::move(title)),
      tasks_(tasks),
      thread_([this] { show(); }) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void Progress::show() {
  // Signals are for the thread that may be waiting for them.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const auto begin = std::chrono::steady_clock::now();
  bool shown = false;
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, std::chrono::milliseconds(500), [this] { return is_over_; })) {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const std::size_t room = status_line_.columns() - 1;
    status_line_.show(title_ + progress_line(driver_.progress(), tasks_, seconds,
                                             room - std::min(room, title_.size())));
    shown = true;
  }
  if (shown) status_line_.show("");
}

}  // namespace scalelab
