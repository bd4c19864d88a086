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
    open_file();
    lock(file_.get(), folder_);
  } while (!has_file());
}

FolderLock::~FolderLock() { unlink(path_.c_str()); }

void FolderLock::open_file() {
  do {
    file_ = FileDescriptor(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  } while (!file_ && errno == EINTR);
  if (!file_) {
    throw std::runtime_error(
        fmt::format("{}: {}", folder_, std::generic_category().message(errno)));
  }
}

bool FolderLock::has_file() const {
  struct stat ours {};
  struct stat there {};
  return fstat(file_.get(), &ours) == 0 && stat(path_.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace scalelab
