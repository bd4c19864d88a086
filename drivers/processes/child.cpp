#include "drivers/processes/child.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <system_error>

namespace scalelab {

std::pair<Line, Line> Line::pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {Line(FileDescriptor(ends[0])), Line(FileDescriptor(ends[1]))};
}

bool Line::say(char word) const {
  return retry_when_interrupted([&] { return send(end_.get(), &word, 1, MSG_NOSIGNAL); }) == 1;
}

std::optional<char> Line::hear() const {
  char word = 0;
  if (retry_when_interrupted([&] { return read(end_.get(), &word, 1); }) != 1) return {};
  return word;
}

bool Child::start(char word) {
  if (!line_.say(word)) return false;
  state_ = State::busy;
  return true;
}

bool Child::hear() {
  if (!line_.hear()) return false;
  state_ = State::idle;
  return true;
}

std::string Child::bury() {
  line_.hang_up();
  state_ = State::dead;
  const pid_t pid = std::exchange(pid_, -1);
  int status = 0;
  if (retry_when_interrupted([&] { return waitpid(pid, &status, 0); }) != pid) {
    return fmt::format("process {} is gone", pid);
  }
  if (WIFSIGNALED(status)) {
    return fmt::format("process {} was killed by signal {} ({})", pid, WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  }
  return fmt::format("process {} ended with exit status {}", pid, WEXITSTATUS(status));
}

void Child::end() {
  line_.hang_up();  // an idle child ends when it hears that
  if (pid_ < 0) return;
  if (state_ != State::idle) kill(pid_, SIGKILL);
  retry_when_interrupted([&] { return waitpid(pid_, nullptr, 0); });
}

}  // namespace scalelab
