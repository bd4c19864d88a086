#include "results/report/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace scalelab {

namespace {

/// Some network file systems have no locks: there is none, then.
/// @throws std::runtime_error  somebody else has it
void lock(int descriptor, const std::string& folder) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return;
    throw std::runtime_error(fmt::format("another report is being written to {}", folder));
  }
}

}  // namespace

FolderLock::FolderLock(const std::string& folder)
    : folder_(folder), path_(fmt::format("{}/.lock", folder)) {
  do {
    if (descriptor_ >= 0) close(descriptor_);
    open_file();
    try {
      lock(descriptor_, folder_);
    } catch (...) {
      close(descriptor_);
      throw;
    }
  } while (!has_file());
}

FolderLock::~FolderLock() {
  unlink(path_.c_str());
  close(descriptor_);
}

void FolderLock::open_file() {
  do {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) {
    throw std::runtime_error(
        fmt::format("{}: {}", folder_, std::generic_category().message(errno)));
  }
}

bool FolderLock::has_file() const {
  struct stat ours {};
  struct stat there {};
  return fstat(descriptor_, &ours) == 0 && stat(path_.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace scalelab
