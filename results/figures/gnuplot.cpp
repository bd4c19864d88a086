#include "results/figures/gnuplot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

namespace {

using Clock = std::chrono::steady_clock;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category(), "gnuplot");
}

/// In the child: becomes gnuplot, or returns why not.
int become_gnuplot(const char* folder, const char* script, int log, pid_t parent) {
  // Nothing is drawn any more after the report was killed, and the next one has the folder.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (getppid() != parent) return ESRCH;
  if (setpgid(0, 0) != 0) return errno;
  if (chdir(folder) != 0) return errno;
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) return errno;
  if (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) return errno;
  execlp("gnuplot", "gnuplot", "-d", script, nullptr);
  return errno;
}

/// Its process. What it says goes to the log.
pid_t started_gnuplot(const std::string& folder, const std::string& script, int log) {
  std::array<int, 2> ends{};  // of a pipe that is closed when gnuplot begins
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno);
  const FileDescriptor answer(ends[0]);
  FileDescriptor answering(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail(errno);
  if (child == 0) {
    const int error = become_gnuplot(folder.c_str(), script.c_str(), log, parent);
    const ssize_t told = write(answering.get(), &error, sizeof error);
    _exit(told == sizeof error ? 127 : 126);
  }
  answering.reset();
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(answer.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return child;
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (error == ENOENT) {
    throw std::runtime_error(
        "gnuplot was not found, so there are no figures: ./lab setup installs it");
  }
  fail(error);
}

/// Nothing if it had to be killed.
std::optional<int> status_within(pid_t child, double seconds) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (bool killed = false;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, killed ? 0 : WNOHANG);
    if (ended == child) return killed ? std::nullopt : std::optional(status);
    if (ended < 0 && errno != EINTR) fail(errno);
    if (ended != 0) continue;
    if (Clock::now() >= end) {
      kill(-child, SIGKILL);  // and whatever it has started
      killed = true;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

/// The last of it, in one line.
std::string line_of(std::FILE* log) {
  constexpr std::size_t longest = 300;
  std::string line;
  std::rewind(log);
  for (int c = std::getc(log); c != EOF; c = std::getc(log)) {
    const bool blank = c <= ' ' || c == 0x7F;
    if (!blank) line += static_cast<char>(c);
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line.size() <= longest ? line : line.substr(line.size() - longest);
}

}  // namespace

void run_gnuplot(const std::filesystem::path& folder, const std::string& script, double seconds) {
  const File log(std::tmpfile(), std::fclose);
  if (!log) fail(errno);
  const pid_t child = started_gnuplot(folder.string(), script, fileno(log.get()));
  const std::optional<int> status = status_within(child, seconds);
  if (!status) {
    throw std::runtime_error(fmt::format(
        "gnuplot was not done after {:.0f} s and was killed: there are no figures", seconds));
  }
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    throw std::runtime_error(
        fmt::format("gnuplot failed in {}: {}", folder.string(), line_of(log.get())));
  }
}

}  // namespace scalelab
