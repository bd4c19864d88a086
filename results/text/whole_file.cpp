#include "results/text/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "results/text/file_names.hpp"

namespace scalelab {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(int error) { throw std::system_error(error, std::generic_category()); }

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// @throws std::system_error
FileDescriptor opened(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) fail(errno);
  return FileDescriptor(descriptor);
}

/// Lists of who may do what, which a new file would not have.
bool has_access_list(int descriptor) {
#ifdef __linux__
  return fgetxattr(descriptor, "system.posix_acl_access", nullptr, 0) > 0;
#else
  static_cast<void>(descriptor);
  return false;
#endif
}

/// Makes it like the old one, as far as others may see. @returns false where this user may not
bool become_like(int file, int old, const struct stat& status) {
  return fchown(file, status.st_uid, status.st_gid) == 0 &&
         fchmod(file, status.st_mode & 07777) == 0 && !has_access_list(old);
}

/// .scalelab-PID-8 DIGITS.new
bool is_name_of_temporary(std::string_view name) {
  if (!cut_text(name, ".scalelab-")) return false;
  const std::size_t pid = cut_any_of(name, decimal_digits);
  return pid >= 1 && pid <= 10 && cut_text(name, "-") &&
         cut_any_of(name, "0123456789abcdef") == 8 && name == ".new";
}

/// A lock tells others that somebody is at work: without one nothing may be removed.
bool lock(int descriptor) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

void remove_if_left(const std::string& path) {
  constexpr time_t a_day = 24 * 60 * 60;
  // Only a file can be opened so without waiting for anybody; a link is none.
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat ours {};
  struct stat there {};
  if (!file || fstat(file.get(), &ours) != 0 || !S_ISREG(ours.st_mode)) return;
  if (ours.st_uid != geteuid() || ours.st_mtime > time(nullptr) - a_day) return;
  if (!lock(file.get())) return;
  // It may have taken its place in the meantime, and what is there now is another.
  if (lstat(path.c_str(), &there) != 0 || there.st_ino != ours.st_ino) return;
  unlink(path.c_str());
}

}  // namespace

void WholeFile::remove_leftovers(const std::string& path) noexcept {
  try {
    for (const auto& entry : fs::directory_iterator(folder_of(path))) {
      if (is_name_of_temporary(entry.path().filename().string())) {
        remove_if_left(entry.path().string());
      }
    }
  } catch (const std::exception&) {  // it does no harm where it is
  }
}

WholeFile::WholeFile(const std::string& path, Links links, GiveUp give_up)
    : path_(path), give_up_(std::move(give_up)) {
  struct stat status {};
  const bool follow = links == Links::are_followed;
  const bool exists = (follow ? stat : lstat)(path_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
  const bool replaces_link = exists && S_ISLNK(status.st_mode);
  no_follow_ = follow ? 0 : O_NOFOLLOW;
  stream_ = exists && !S_ISREG(status.st_mode) && !replaces_link;
  // Opened by the name that was given: the kernel follows links, and may refuse those of others.
  FileDescriptor old;
  if (exists && S_ISFIFO(status.st_mode)) {
    old = open_pipe(path_, no_follow_, give_up_);
  } else if (exists && !replaces_link) {
    old = opened(path_, O_WRONLY | no_follow_);
  }
  if (stream_) {
    file_ = std::move(old);
    return;
  }
  std::error_code unknown;
  if (follow && fs::is_symlink(path_, unknown)) {
    if (!exists) old = opened(path_, O_WRONLY | O_CREAT);
    path_ = fs::canonical(path_, unknown).string();
    if (!exists) made_ = path_;
    if (fstat(old.get(), &status) != 0) fail(errno);
    struct stat there {};
    // What has been removed, but is still open, has no place that could be taken.
    in_place_ = stat(path_.c_str(), &there) != 0 || there.st_ino != status.st_ino ||
                there.st_dev != status.st_dev;
  }
  if (!in_place_) open_beside(static_cast<bool>(old));
  if (!in_place_ && old) in_place_ = !become_like(file_.get(), old.get(), status);
  if (!in_place_) return;
  file_ = std::move(old);
  remove_temporary();
}

/// @param there_is_an_old_one  which will do if nothing may be written beside it
void WholeFile::open_beside(bool there_is_an_old_one) {
#ifdef O_TMPFILE
  file_.reset(open(folder_of(path_).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0666));
  if (file_) {
    lock(file_.get());
    return;
  }
#endif
  temporary_ = beside();
  try {
    file_ = opened(temporary_, O_RDWR | O_CREAT | O_EXCL);
    lock(file_.get());
  } catch (const std::system_error& error) {
    temporary_.clear();
    const int why = error.code().value();
    in_place_ = there_is_an_old_one && (why == EACCES || why == EPERM || why == EROFS);
    if (!in_place_) throw;
  }
}

/// A name that nobody else has, and that no list of files shows.
std::string WholeFile::beside() const {
  std::random_device dice;
  return fmt::format("{}/.scalelab-{}-{:08x}.new", folder_of(path_), getpid(), dice());
}

void WholeFile::remove_temporary() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
}

WholeFile::~WholeFile() {
  remove_temporary();
  if (!made_.empty()) unlink(made_.c_str());
}

void WholeFile::reserve(std::size_t bytes) {
  if (bytes == 0 || stream_) return;
#ifdef __linux__
  if (!in_place_) {  // what is there keeps its size if it never comes to be written
    if (fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR) fail(errno);
  }
#endif
  struct statvfs disk {};
  if (fstatvfs(file_.get(), &disk) == 0 && disk.f_bavail * disk.f_frsize < bytes) fail(ENOSPC);
}

void WholeFile::write(std::string_view text) {
  if (in_place_ && written_ == 0 && ftruncate(file_.get(), 0) != 0) fail(errno);
  write_all(file_.get(), text, give_up_);
  written_ += text.size();
}

void WholeFile::finish() {
  if (stream_) return;
  // Gives back what was reserved and not needed.
  if (ftruncate(file_.get(), static_cast<off_t>(written_)) != 0) fail(errno);
  if (!in_place_) take_place();
  made_.clear();
  // Some file systems say at the end only that the disk was full.
  if (file_ && close(file_.release()) != 0 && errno != EINTR) fail(errno);
}

void WholeFile::take_place() {
  if (temporary_.empty()) {
    const std::string unnamed = fmt::format("/proc/self/fd/{}", file_.get());
    const std::string name = beside();
    if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return copy_into_place();
    }
    temporary_ = name;
  } else if (const int copy = fcntl(file_.get(), F_DUPFD_CLOEXEC, 0);
             copy >= 0 && close(copy) != 0) {
    fail(errno);  // what the network says of it, while the old one is still there
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return copy_into_place();
  temporary_.clear();
}

/// Where it may not take the place of what is there, as of what is mounted there.
void WholeFile::copy_into_place() {
  FileDescriptor there = opened(path_, O_WRONLY | O_CREAT | O_TRUNC | no_follow_);
  if (lseek(file_.get(), 0, SEEK_SET) != 0) fail(errno);
  std::vector<char> buffer(std::size_t{1} << 18);
  for (;;) {
    const ssize_t count = read(file_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    if (count == 0) break;
    write_all(there.get(), {buffer.data(), static_cast<std::size_t>(count)});
  }
  if (close(there.release()) != 0 && errno != EINTR) fail(errno);
  remove_temporary();
}

}  // namespace scalelab
