// Dummy work that waits for a disk: every task writes a file, asks for it to reach the disk and to
// leave the memory, and reads it back. The file has no name, so whatever ends the program ends it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "kernels/description.hpp"
#include "kernels/dummy_work/task_costs.hpp"
#include "kernels/file_descriptor.hpp"
#include "kernels/random.hpp"

namespace scalelab {

namespace {

/// One unit: written once and read once.
using Block = std::array<std::uint64_t, 512>;

/// "writing 4096 bytes to a file in /scratch: No space left on device"
[[noreturn]] void fail(const std::string& doing, const std::string& folder) {
  throw std::system_error(errno, std::generic_category(), doing + " in " + folder);
}

/// @returns the file, or none and errno
FileDescriptor open_without_name(const std::string& folder) {
#ifdef O_TMPFILE
  FileDescriptor file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
#endif
  // A file system that knows only files with names (NFS): it has one for a moment.
  std::string path = folder + "/scalelab-XXXXXX";
  FileDescriptor named(mkostemp(path.data(), O_CLOEXEC));
  if (named && unlink(path.c_str()) != 0) named.reset();
  return named;
}

/// An open file that vanishes when it is closed.
class ScratchFile {
 public:
  /// @throws std::system_error naming the folder, as do all others
  explicit ScratchFile(const std::string& folder)
      : folder_(folder), file_(open_without_name(folder)) {
    while (!file_ && errno == EINTR) file_ = open_without_name(folder);
    if (!file_) fail("making a file", folder_);
  }

  void append(const Block& block) {
    const char* from = reinterpret_cast<const char*>(block.data());
    for (std::size_t left = sizeof block; left > 0;) {
      const ssize_t wrote = write(file_.get(), from, left);
      if (wrote < 0 && errno != EINTR) fail("writing a file", folder_);
      if (wrote < 0) continue;
      from += wrote;
      left -= static_cast<std::size_t>(wrote);
    }
  }

  /// To the disk, and out of the memory if the system will; and back to its beginning.
  void put_away() {
    while (fsync(file_.get()) != 0) {
      if (errno != EINTR) fail("writing a file to the disk", folder_);
    }
#ifdef POSIX_FADV_DONTNEED
    // A wish: nothing is wrong if it is refused.
    posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED);
#endif
    if (lseek(file_.get(), 0, SEEK_SET) != 0) fail("rewinding a file", folder_);
  }

  void next(Block& block) {
    char* to = reinterpret_cast<char*>(block.data());
    for (std::size_t left = sizeof block; left > 0;) {
      const ssize_t got = read(file_.get(), to, left);
      if (got < 0 && errno != EINTR) fail("reading a file", folder_);
      if (got == 0) throw std::runtime_error("a file in " + folder_ + " ends too early");
      if (got < 0) continue;
      to += got;
      left -= static_cast<std::size_t>(got);
    }
  }

 private:
  const std::string& folder_;
  FileDescriptor file_;
};

struct Blocks final : Workspace {
  Block written;
  Block read;
};

class FileIo final : public Kernel {
 public:
  explicit FileIo(const OptionValues& options)
      : costs_(task_costs_of(options)),
        seed_(options.whole("seed", 0)),
        folder_(options.text("scratch")) {
    require_room();
  }

  std::size_t tasks() const override { return costs_.tasks(); }
  std::size_t width() const override { return 1; }
  std::unique_ptr<Workspace> workspace() const override { return std::make_unique<Blocks>(); }
  std::vector<std::string> columns() const override { return {"checksum"}; }
  std::optional<Work> work() const override { return costs_.work(); }

  double run_serial(Workspace& workspace) const override {
    return write_and_read(0, costs_.serial_units(), static_cast<Blocks&>(workspace));
  }

  void run(std::size_t first, std::size_t last, Workspace& workspace,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      values[task - first] =
          write_and_read(task, costs_.units(task), static_cast<Blocks&>(workspace));
    }
  }

 private:
  /// What would stop the first task is better known before.
  void require_room() const {
    try {
      ScratchFile{folder_};
    } catch (const std::system_error& error) {
      throw UsageError(
          fmt::format("--scratch: expected a folder that can be written to, got '{}': "
                      "{}",
                      folder_, error.code().message()));
    }
    const double bytes = sizeof(Block) * std::max(costs_.work().longest, costs_.work().serial);
    rlimit most{};
    if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY &&
        bytes > static_cast<double>(most.rlim_cur)) {
      throw UsageError(
          fmt::format("--task-units: expected files of at most {} bytes (ulimit -f), "
                      "got one of {:.0f}, to be written in {}",
                      most.rlim_cur, bytes, folder_));
    }
    struct statvfs system {};
    if (statvfs(folder_.c_str(), &system) != 0 || system.f_blocks == 0) return;  // not known
    const double room = static_cast<double>(system.f_bavail) * static_cast<double>(system.f_frsize);
    if (bytes > room) {
      throw UsageError(
          fmt::format("--scratch: expected room for a file of {:.0f} bytes, got '{}', "
                      "which has {:.0f} left",
                      bytes, folder_, room));
    }
  }

  /// Block b of a task holds 512 whole numbers modulo 2^64 at equal distances, x0 + k·d: both are
  /// random, of the seed, the task and b.
  void fill(std::size_t task, std::uint64_t b, Block& block) const {
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    const auto random =
        RandomStream::philox({low(b), high(b), low(task), high(task)}, {low(seed_), high(seed_)});
    std::uint64_t x = std::uint64_t{random[1]} << 32 | random[0];
    const std::uint64_t d = std::uint64_t{random[3]} << 32 | random[2];
    for (std::uint64_t& number : block) {
      number = x;
      x += d;
    }
  }

  /// @returns the sum of all numbers that were read, modulo 2^64: its first 53 bits
  double write_and_read(std::size_t task, std::uint64_t units, Blocks& blocks) const {
    ScratchFile file(folder_);
    for (std::uint64_t b = 0; b < units; ++b) {
      fill(task, b, blocks.written);
      file.append(blocks.written);
    }
    file.put_away();
    std::uint64_t sum = 0;
    for (std::uint64_t b = 0; b < units; ++b) {
      fill(task, b, blocks.written);
      file.next(blocks.read);
      if (blocks.read != blocks.written) {
        throw std::runtime_error("a file in " + folder_ + " holds other bytes than were written");
      }
      for (const std::uint64_t number : blocks.read) sum += number;
    }
    return static_cast<double>(sum >> 11);
  }

  TaskCosts costs_;
  std::uint64_t seed_;
  std::string folder_;
};

std::vector<Option> file_io_options() {
  std::vector<Option> options = dummy_work_options();
  options.push_back({"scratch", "/tmp", "folder for temporary files (nothing stays there)"});
  return options;
}

}  // namespace

KernelDescription describe_file_io() {
  return {
      .name = "file-io",
      .summary = "dummy work that writes and reads files (one unit: 4 KiB)",
      .options = file_io_options(),
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<FileIo>(options);
      },
      .waits = true,
      .bound_by = "disk",
      .calibration = dummy_work_calibration(),
      .bytes_per_unit = 2 * sizeof(Block),
  };
}

}  // namespace scalelab
