#include "results/record/pipes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

namespace scalelab {

namespace {

constexpr int pause_ms = 50;

[[noreturn]] void fail(int error) { throw std::system_error(error, std::generic_category()); }

/// Not a file, which takes what it is given.
bool may_wait(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode);
}

/// Until something can be written, or will fail.
void wait_for_room(int descriptor, const GiveUp& give_up) {
  for (;;) {
    pollfd end{descriptor, POLLOUT, 0};
    const int ready = poll(&end, 1, pause_ms);
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR && errno != EAGAIN) fail(errno);
    if (give_up()) fail(ECANCELED);
  }
}

}  // namespace

bool is_own_output(const std::string& path) {
  struct stat input {};
  if (stat(path.c_str(), &input) != 0) return false;
  const auto is = [&](int descriptor) {
    struct stat stream {};
    return fstat(descriptor, &stream) == 0 && stream.st_dev == input.st_dev &&
           stream.st_ino == input.st_ino && (S_ISFIFO(stream.st_mode) || isatty(descriptor) == 1);
  };
  return (is(STDOUT_FILENO) || is(STDERR_FILENO)) && !is(STDIN_FILENO);
}

FileDescriptor open_pipe(const std::string& path, int flags, const GiveUp& give_up) {
  for (;;) {
    FileDescriptor file(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | flags));
    if (file) return file;
    if (errno == ENXIO) {  // nobody reads it yet
      if (give_up && give_up()) fail(ECANCELED);
      poll(nullptr, 0, pause_ms);
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

void write_all(int descriptor, std::string_view text, const GiveUp& give_up) {
  const bool waits = give_up && may_wait(descriptor);
  while (!text.empty()) {
    if (waits) wait_for_room(descriptor, give_up);
    // Where there is some room in a pipe, there is as much as this.
    const ssize_t count = write(descriptor, text.data(),
                                waits ? std::min<std::size_t>(text.size(), PIPE_BUF) : text.size());
    if (count < 0 && errno == EAGAIN) {
      poll(nullptr, 0, waits ? 1 : pause_ms);  // somebody else has filled it, or opened it so
    } else if (count < 0 && errno != EINTR) {
      fail(errno);
    } else if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
}

}  // namespace scalelab
