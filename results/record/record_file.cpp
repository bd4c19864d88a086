#include "results/record/record_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "results/record/record_paths.hpp"

namespace scalelab {

namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw std::runtime_error(fmt::format("--record: '{}' cannot be written: {}", path,
                                       std::generic_category().message(error)));
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

RecordFile::RecordFile(const std::string& path, const Run& run)
    : path_(record_file_for(path, fmt::format("{}-{}.jsonl", run.id, run.driver))) {
  do {
    file_.reset(open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  } while (!file_ && errno == EINTR);
  if (!file_) fail(path_, errno);
  lock(file_.get(), path_);
}

void RecordFile::write(const std::string& line) {
  // A torn line would swallow this one.
  const std::string text = (ends_within_a_line(file_.get()) ? "\n" : "") + line + "\n";
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace scalelab
