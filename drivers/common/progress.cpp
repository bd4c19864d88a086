#include "drivers/common/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <numeric>

namespace scalelab {

namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  if (seconds < 3600) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

bool can_show_progress() { return isatty(STDERR_FILENO) == 1; }

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

Progress::Progress(Driver& driver, std::string title)
    : driver_(driver), title_(std::move(title)), thread_([this] { show(); }) {}

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
    const std::size_t columns = terminal_columns() - 1;
    std::string line =
        title_ + progress_line(driver_.progress(), driver_.board().shape().tasks, seconds, columns);
    if (line.size() > columns) line.resize(columns);
    std::fputs(("\r\x1b[K" + line).c_str(), stderr);
    std::fflush(stderr);
    shown = true;
  }
  if (shown) std::fputs("\r\x1b[K", stderr);
}

}  // namespace scalelab
