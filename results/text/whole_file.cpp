#include "results/text/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>

namespace scalelab {

namespace {

[[noreturn]] void fail(int error) { throw std::system_error(error, std::generic_category()); }

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// A file that is mounted by itself, as containers do, cannot be replaced by another.
bool is_mounted_alone(const struct stat& file, const std::string& folder) {
  struct stat around {};
  return stat(folder.c_str(), &around) == 0 && around.st_dev != file.st_dev;
}

int open_again(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

}  // namespace

WholeFile::WholeFile(const std::string& path) : path_(path) {
  struct stat old {};
  const bool exists = stat(path_.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  if (exists && S_ISDIR(old.st_mode)) fail(EISDIR);
  stream_ = exists && !S_ISREG(old.st_mode);
  const bool writable = exists && access(path_.c_str(), W_OK) == 0;
  if (exists && !writable) fail(errno);
  in_place_ = stream_ || (exists && is_mounted_alone(old, folder_of(path_)));
  if (!in_place_) {
    open_beside();
    in_place_ = !file_ && exists && errno != ENOSPC;
  }
  if (in_place_) file_.reset(open_again(path_, O_WRONLY));
  if (!file_) fail(errno);
  if (in_place_ || !exists) return;
  // As it was, as far as this user may do that.
  if (fchown(file_.get(), old.st_uid, old.st_gid) != 0) errno = 0;
  if (fchmod(file_.get(), old.st_mode & 07777) != 0) errno = 0;
}

/// Leaves errno if there is none.
void WholeFile::open_beside() {
#ifdef O_TMPFILE
  file_.reset(open_again(folder_of(path_), O_WRONLY | O_TMPFILE));
  if (file_) return;
#endif
  temporary_ = beside();
  file_.reset(open_again(temporary_, O_WRONLY | O_CREAT | O_EXCL));
  if (!file_) temporary_.clear();
}

/// A name that nobody else has, and that no list of files shows.
std::string WholeFile::beside() const {
  std::random_device dice;
  return fmt::format("{}/.scalelab-{}-{:08x}.new", folder_of(path_), getpid(), dice());
}

WholeFile::~WholeFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void WholeFile::reserve(std::size_t bytes) {
  if (bytes == 0 || stream_) return;
#ifdef __linux__
  if (fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR) fail(errno);
#endif
  struct statvfs disk {};
  if (fstatvfs(file_.get(), &disk) == 0 && disk.f_bavail * disk.f_frsize < bytes) fail(ENOSPC);
}

void WholeFile::write(std::string_view text) {
  if (in_place_ && !stream_ && written_ == 0 && ftruncate(file_.get(), 0) != 0) fail(errno);
  while (!text.empty()) {
    const ssize_t count = ::write(file_.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    written_ += static_cast<std::size_t>(count);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void WholeFile::finish() {
  if (stream_) return;
  // Gives back what was reserved and not needed.
  if (ftruncate(file_.get(), static_cast<off_t>(written_)) != 0) fail(errno);
  if (in_place_) return;
  if (temporary_.empty()) {
    const std::string unnamed = fmt::format("/proc/self/fd/{}", file_.get());
    const std::string name = beside();
    if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      fail(errno);
    }
    temporary_ = name;
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

}  // namespace scalelab
