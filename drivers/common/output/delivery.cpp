#include "drivers/common/output/delivery.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "drivers/common/output/say.hpp"
#include "kernels/file_descriptor.hpp"

namespace scalelab {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_pause = 2s;  // while nothing arrives

std::string cannot_be_written(int error) {
  return "standard output cannot be written: " + std::generic_category().message(error);
}

/// A device but a terminal: one byte more or less is nothing to it, and shows whether it takes any.
bool can_be_tried(const std::string& stream) {
  struct stat status {};
  if (stat(stream.c_str(), &status) != 0 || !S_ISCHR(status.st_mode)) return false;
  const FileDescriptor device(open(stream.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  return device && isatty(device.get()) == 0;
}

void try_to_write(const std::string& stream) {
  const FileDescriptor device(open(stream.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!device || write(device.get(), "\n", 1) == 1 || errno == EAGAIN) return;
  throw std::runtime_error(cannot_be_written(errno));
}

}  // namespace

Delivery::Delivery(std::string stream)
    : stream_(std::move(stream)), printed_before_(printed()), begin_(position()) {}

std::optional<std::size_t> Delivery::position() const {
  struct stat status {};
  if (stat(stream_.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string path = stream_;
  if (const auto at = path.find("/fd/"); at != std::string::npos) path.replace(at, 4, "/fdinfo/");
  std::ifstream file(path);
  std::string word;
  std::size_t bytes = 0;
  unsigned flags = 0;
  if (!(file >> word >> bytes >> word >> std::oct >> flags) || word != "flags:")
    return std::nullopt;
  // What is appended goes to the end, wherever the position was.
  const auto size = static_cast<std::size_t>(status.st_size);
  return (flags & O_APPEND) != 0 ? size : bytes;
}

void Delivery::require() const {
  const std::size_t bytes = printed() - printed_before_;
  // What this process has written itself has arrived.
  if (bytes == 0 || stream_.starts_with("/proc/self/")) return;
  if (!begin_) {
    if (can_be_tried(stream_)) try_to_write(stream_);
    return;
  }
  auto deadline = std::chrono::steady_clock::now() + longest_pause;
  for (std::optional<std::size_t> before = begin_;;) {
    const auto now = position();
    if (!now || *now >= *begin_ + bytes) return;
    if (now != before) deadline = std::chrono::steady_clock::now() + longest_pause;
    if (std::chrono::steady_clock::now() > deadline) break;
    before = now;
    std::this_thread::sleep_for(1ms);
  }
  // That it has not arrived proves nothing: a launcher may have been told to put it elsewhere.
  struct statvfs disk {};
  if (statvfs(stream_.c_str(), &disk) == 0 && disk.f_bavail == 0) {
    throw std::runtime_error(cannot_be_written(ENOSPC));
  }
}

}  // namespace scalelab
