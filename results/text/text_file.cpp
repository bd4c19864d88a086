#include "results/text/text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "kernels/file_descriptor.hpp"
#include "results/record/pipes.hpp"
#include "results/text/whole_file.hpp"

namespace scalelab {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error(fmt::format("{}: cannot be read: {}", path.string(), why));
}

}  // namespace

std::string read_text(const std::filesystem::path& path, std::size_t most) {
  if (is_own_output(path.string())) refuse(path, "it is where this program writes to");
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) refuse(path, std::generic_category().message(errno));
  struct stat status {};
  const bool pipe = fstat(file.get(), &status) == 0 && S_ISFIFO(status.st_mode);
  std::string text;
  std::vector<char> buffer(std::size_t{1} << 16);
  for (int silence = 0;;) {  // [tenths of a second]
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      refuse(path, std::generic_category().message(errno));
    }
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
      if (text.size() > most) refuse(path, fmt::format("expected at most {} bytes", most));
      silence = 0;
      continue;
    }
    const bool nobody = got == 0;  // at the other end of a pipe, or no more
    if (nobody && (!pipe || !text.empty())) return text;
    if (++silence > (nobody ? 20 : 600)) refuse(path, "nothing comes through this pipe");
    pollfd input{file.get(), POLLIN, 0};
    poll(&input, nobody ? 0 : 1, 100);
  }
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  const auto there = std::filesystem::symlink_status(path, error);
  // A link, or a pipe that somebody has put there.
  if (exists(there) && !is_regular_file(there) && !is_directory(there)) {
    std::filesystem::remove(path, error);
    if (error) {
      throw std::runtime_error(
          fmt::format("{}: cannot be written: {}", path.string(), error.message()));
    }
  }
  try {
    WholeFile file(path.string());
    file.write(text);
    file.finish();
  } catch (const std::system_error& why) {
    throw std::runtime_error(
        fmt::format("{}: cannot be written: {}", path.string(), why.code().message()));
  }
}

}  // namespace scalelab
