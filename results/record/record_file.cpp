#include "results/record/record_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "results/record/record_paths.hpp"

namespace scalelab {

namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw std::runtime_error(fmt::format("--record: '{}' cannot be written: {}", path,
                                       std::generic_category().message(error)));
}

/// What was given up is told by who did that.
void attempt(const std::string& path, const std::function<void()>& action) {
  try {
    action();
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::operation_canceled) throw;
    fail(path, error.code().value());
  }
}

/// So that nobody else writes, until the descriptor is closed.
void lock(int descriptor, const std::string& path) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      throw std::runtime_error(fmt::format("--record: another run is writing to '{}'", path));
    }
    // Some network file systems have no locks. A run that only one writes to needs none.
    if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS) return;
    fail(path, errno);
  }
}

/// Somebody was killed, or the disk was full, before the line was whole.
bool ends_within_a_line(int descriptor) {
  const off_t size = lseek(descriptor, 0, SEEK_END);
  char last = '\n';
  return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

RecordFile::RecordFile(const std::string& path, const Run& run, GiveUp give_up)
    : path_(record_file_for(path, fmt::format("{}-{}.jsonl", run.id, run.driver))),
      give_up_(std::move(give_up)) {
  struct stat status {};
  if (stat(path_.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) {
    attempt(path_, [this] { file_ = open_pipe(path_, 0, give_up_); });
  }
  while (!file_) {
    file_.reset(open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
    if (!file_ && errno != EINTR) fail(path_, errno);
  }
  lock(file_.get(), path_);
}

void RecordFile::write(const std::string& line) {
  // A torn line would swallow this one.
  const std::string text = (ends_within_a_line(file_.get()) ? "\n" : "") + line + "\n";
  attempt(path_, [&] { write_all(file_.get(), text, give_up_); });
}

}  // namespace scalelab
