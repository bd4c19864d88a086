#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace scalelab {

/// Owns an open file, socket or pipe, and closes it once. Here, in the room that everybody sees,
/// since everybody opens files.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// @param number  as from open(): what is below 0 is nothing, and errno says why
  explicit FileDescriptor(int number) : number_(number < 0 ? -1 : number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~FileDescriptor() { reset(); }

  /// -1: none
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

  /// From now on the caller has to close it.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

  /// Closes what it has and takes another. errno stays: it may be the reason for closing.
  void reset(int number = -1) {
    const int closed = std::exchange(number_, number < 0 ? -1 : number);
    if (closed < 0) return;
    const int error = errno;
    close(closed);  // once, whatever it returns: after EINTR the number is free, or somebody else's
    errno = error;
  }

 private:
  int number_ = -1;
};

}  // namespace scalelab
