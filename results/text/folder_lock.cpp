#include "results/text/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace scalelab {

FolderLock::FolderLock(const std::string& folder, const std::string& taken)
    : folder_(folder), path_(fmt::format("{}/.lock", folder)) {
  do {
    open_file();
    if (!lock()) throw std::runtime_error(fmt::format("{}: {}", folder_, taken));
  } while (!has_file());
}

bool FolderLock::lock() const {
  while (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    // Some network file systems have no locks: there is none, then.
    if (errno != EINTR) return errno != EWOULDBLOCK;
  }
  return true;
}

FolderLock::~FolderLock() { unlink(path_.c_str()); }

void FolderLock::open_file() {
  do {
    file_ = FileDescriptor(
        open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
  } while (!file_ && errno == EINTR);
  // That of somebody else who has gone.
  if (!file_ && errno == EACCES) {
    file_.reset(open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  }
  if (!file_ && errno == ELOOP) {
    throw std::runtime_error(fmt::format("{} is a link: expected a file of the kit's own", path_));
  }
  if (!file_) {
    throw std::runtime_error(
        fmt::format("{}: {}", folder_, std::generic_category().message(errno)));
  }
}

bool FolderLock::has_file() const {
  struct stat ours {};
  struct stat there {};
  return fstat(file_.get(), &ours) == 0 && lstat(path_.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace scalelab
