#include "drivers/common/output/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace scalelab {

OutputFile::OutputFile(std::string option, std::string path, std::size_t bytes)
    : option_(std::move(option)),
      path_(std::move(path)),
      file_(path_ == "-" ? dup(STDOUT_FILENO)
                         : open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
  if (!file_) fail("cannot be written");
  struct stat status {};
  if (path_ == "-" || fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  stream_ = false;
  size_before_ = static_cast<std::size_t>(status.st_size);
  reserve(bytes);
}

OutputFile::~OutputFile() {
  if (!stream_ && !finished_) {  // gives back what was reserved
    static_cast<void>(ftruncate(file_.get(), static_cast<off_t>(size_before_)) == 0);
  }
}

void OutputFile::reserve(std::size_t bytes) {
  if (bytes == 0) return;
#ifdef __linux__
  if (fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR) {
    fail(fmt::format("has no room for {} kB", bytes / 1000 + 1));
  }
#endif
  struct statvfs disk {};
  if (fstatvfs(file_.get(), &disk) == 0 && disk.f_bavail * disk.f_frsize < bytes) {
    errno = ENOSPC;
    fail(fmt::format("has no room for {} kB", bytes / 1000 + 1));
  }
}

void OutputFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file_.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot be written");
    written_ += static_cast<std::size_t>(count);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void OutputFile::finish() {
  if (!stream_ && ftruncate(file_.get(), static_cast<off_t>(written_)) != 0) {
    fail("cannot be written");
  }
  finished_ = true;
}

void OutputFile::fail(const std::string& what) const {
  throw std::runtime_error(
      fmt::format("{}: {} {}: {}", option_, path_, what, std::generic_category().message(errno)));
}

}  // namespace scalelab
