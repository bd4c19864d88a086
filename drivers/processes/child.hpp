#pragma once

#include <sys/types.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

/// Calls until a signal does not interrupt.
template <class Call>
auto retry_when_interrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// One end of a socket over which parent and child say one byte at a time.
class Line {
 public:
  /// What a parent asks of its child: to do its part of the repetition, or only to answer.
  static constexpr char work = '!';
  static constexpr char answer = '?';

  explicit Line(FileDescriptor end) : end_(std::move(end)) {}

  /// Both ends. @throws std::system_error
  static std::pair<Line, Line> pair();

  void hang_up() { end_.reset(); }
  int descriptor() const { return end_.get(); }

  /// @returns false if nobody listens any more
  bool say(char word = work) const;
  /// Waits for a byte. @returns nothing if the other side has hung up or died
  std::optional<char> hear() const;

 private:
  FileDescriptor end_;
};

/// A worker as its parent sees it. Destroying it ends and reaps the process.
class Child {
 public:
  enum class State {
    starting,  ///< will say when it is ready
    idle,      ///< waits for a word
    busy,      ///< will say when it is done
    dead       ///< and reaped
  };

  Child(pid_t pid, Line line) : pid_(pid), line_(std::move(line)) {}
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)), state_(other.state_) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(line_, other.line_);
    std::swap(state_, other.state_);
    return *this;
  }
  ~Child() { end(); }

  State state() const { return state_; }
  /// Where it can be heard; -1 if nothing is expected of it.
  int descriptor() const {
    return state_ == State::starting || state_ == State::busy ? line_.descriptor() : -1;
  }
  /// In a sibling: this line is not its own.
  void forget() { line_.hang_up(); }

  /// Lets it work, or only answer. @returns false if it is dead
  bool start(char word = Line::work);
  /// It has something to say: that it is ready, or done. @returns false if it is dead
  bool hear();
  /// What became of a child that does not answer: "process 12 was killed by signal 9 (Killed)".
  std::string bury();

 private:
  void end();

  pid_t pid_;
  Line line_;
  State state_ = State::starting;
};

}  // namespace scalelab
