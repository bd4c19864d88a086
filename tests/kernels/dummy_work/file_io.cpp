#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include "kernels/random.hpp"
#include "tests/catch.hpp"
#include "tests/kernels/dummy_work/dummy.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// A folder of its own, in /tmp or where the tests run.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "scalelab-file-io-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_; }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

/// Blocks of x0, x0 + d, ..., x0 + 511 d modulo 2^64 have the sum 512 x0 + 511 · 256 d.
double checksum(std::uint32_t seed, std::uint32_t task, std::uint32_t blocks) {
  std::uint64_t sum = 0;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    const auto random = RandomStream::philox({b, 0, task, 0}, {seed, 0});
    const std::uint64_t x0 = random[0] + 0x100000000U * random[1];
    const std::uint64_t d = random[2] + 0x100000000U * random[3];
    sum += 512 * x0 + 130'816 * d;
  }
  return static_cast<double>(sum / 2048);
}

/// A child that does nothing but run the kernel's tasks; it ends with 0, or with what `failed`
/// makes of the message of an error.
pid_t fork_to_run(const Kernel& kernel, int (*failed)(const std::string& message)) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    run(kernel, 0, kernel.tasks());
  } catch (const std::exception& error) {
    _exit(failed(error.what()));
  }
  _exit(0);
}

int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) != child) continue;
  return status;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The message of the error that running the first task throws.
std::string failure(const Kernel& kernel) {
  try {
    run(kernel, 0, 1);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no failure";
}

/// While it lives, the program writes no larger files, and is told so instead of killed.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit lower{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// Writes over the first bytes of every file in the folder that the process has open.
void overwrite_files_of(pid_t process, const std::string& folder) {
  const std::filesystem::path open_files = "/proc/" + std::to_string(process) + "/fd";
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(open_files, gone)) {
    const std::string name = std::filesystem::read_symlink(entry.path(), gone);
    if (!starts(name, folder)) continue;
    const int file = open(entry.path().c_str(), O_WRONLY);
    if (file < 0) continue;
    if (pwrite(file, "changed", 7, 0) < 0) std::perror("pwrite");
    close(file);
  }
}

}  // namespace

TEST_CASE("file-io: its value is a checksum of what it read") {
  const Folder folder;
  for (const std::uint32_t units : {0U, 1U, 5U, 300U}) {
    const auto kernel = make("file-io", {{"tasks", "4"},
                                         {"task-units", std::to_string(units)},
                                         {"seed", "9"},
                                         {"scratch", folder.path()}});
    CHECK(kernel->columns().size() == kernel->width());
    const std::vector<double> values = run(*kernel, 0, 4);
    for (std::uint32_t task = 0; task < 4; ++task) CHECK(values[task] == checksum(9, task, units));
  }
  CHECK(checksum(9, 0, 0) == 0);
  CHECK(checksum(9, 0, 1) != checksum(9, 1, 1));
  CHECK(checksum(9, 0, 1) != checksum(8, 0, 1));
}

TEST_CASE("file-io: any split of the tasks gives the same bits, in any folder") {
  const Folder folder;
  const Folder other;
  const Texts given{{"tasks", "40"}, {"task-units", "5"}, {"skew", "exponential"}};
  const auto in = [&](const Folder& where) {
    Texts options = given;
    options["scratch"] = where.path();
    return make("file-io", options);
  };
  const auto kernel = in(folder);
  const std::vector<double> together = run(*kernel, 0, 40);
  CHECK(run(*in(other), 0, 40) == together);
  std::mt19937 random(3);
  const auto workspace = kernel->workspace();
  for (std::size_t first = 0; first < 40;) {
    const std::size_t last = std::min<std::size_t>(40, first + 1 + random() % 6);
    const std::vector<double> values = run(*kernel, first, last, *workspace);
    CHECK(std::equal(values.begin(), values.end(),
                     together.begin() + static_cast<std::ptrdiff_t>(first)));
    first = last;
  }
}

TEST_CASE("file-io: its tasks wait, and move 4 KiB to a file and back in each unit") {
  const KernelDescription kernel = kernel_named("file-io");
  CHECK(kernel.waits);
  CHECK(kernel.bytes_per_unit == std::optional<std::uint64_t>(8192));
  CHECK(options_of(kernel, {}).text("scratch") == "/tmp");
}

TEST_CASE("file-io: leaves no file, neither at its end nor when it is killed at any moment") {
  const Folder folder;
  const auto kernel = make("file-io", {{"tasks", "100000"},
                                       {"task-units", "50"},
                                       {"skew", "exponential"},
                                       {"scratch", folder.path()}});
  run(*kernel, 0, 20);
  CHECK(folder.empty());
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    const pid_t child = fork_to_run(*kernel, [](const std::string&) { return 1; });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    kill(child, SIGKILL);
    const int status = status_of(child);
    REQUIRE(WIFSIGNALED(status));  // it was still at work
    REQUIRE(folder.empty());
  }
}

TEST_CASE("file-io: a file that somebody changes on the way is noticed") {
  const Folder folder;
  const auto kernel =
      make("file-io", {{"tasks", "200"}, {"task-units", "2000"}, {"scratch", folder.path()}});
  const pid_t child = fork_to_run(*kernel, [](const std::string& message) {
    return contains(message, "holds other bytes than were written") ? 7 : 1;
  });
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) overwrite_files_of(child, folder.path());
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("file-io: a folder that cannot be written to is refused before the first task") {
  const Folder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "no folder";
  const std::string nowhere = folder.path() + "/nowhere";
  const auto refused = [](const std::string& scratch, const std::string& reason) {
    CHECK(complaint("file-io", {{"task-units", "1"}, {"scratch", scratch}}) ==
          "--scratch: expected a folder that can be written to, got '" + scratch + "': " + reason);
  };
  refused(nowhere, "No such file or directory");
  refused(file, "Not a directory");
  // Not even root may make a file there.
  CHECK(starts(complaint("file-io", {{"task-units", "1"}, {"scratch", "/proc"}}),
               "--scratch: expected a folder that can be written to, got '/proc': "));
}

TEST_CASE("file-io: a file that is too large is refused before the first task") {
  const Folder folder;
  // 2^40 blocks of 4 KiB; the longest of all tasks counts, and the serial part.
  CHECK(starts(complaint("file-io", {{"task-units", "1099511627776"}, {"scratch", folder.path()}}),
               "--scratch: expected room for a file of 4503599627370496 bytes, got '" +
                   folder.path() + "', which has "));
  const FileSizeLimit limit(1 << 20);
  const Texts given{{"task-units", "257"}, {"scratch", folder.path()}};
  const std::string expected =
      "--task-units: expected files of at most 1048576 bytes (ulimit -f), got one of 1052672, to "
      "be written in " +
      folder.path();
  CHECK(complaint("file-io", given) == expected);
  Texts serial = given;
  serial.insert({{"tasks", "1000"}, {"serial-fraction", "0.5"}});
  serial["task-units"] = "2";
  CHECK(starts(complaint("file-io", serial), "--task-units: expected files of at most"));
  serial["serial-fraction"] = "0.1";
  CHECK(complaint("file-io", serial) == "no complaint");
}

TEST_CASE("file-io: what goes wrong in a task is told with the folder") {
  auto folder = std::make_unique<Folder>();
  const std::string path = folder->path();
  const auto kernel = make("file-io", {{"task-units", "257"}, {"scratch", path}});
  {
    const FileSizeLimit limit(1 << 20);
    CHECK(failure(*kernel) == "writing a file in " + path + ": File too large");
    CHECK(folder->empty());
  }
  CHECK(failure(*kernel) == "no failure");
  folder.reset();
  CHECK(failure(*kernel) == "making a file in " + path + ": No such file or directory");
}
