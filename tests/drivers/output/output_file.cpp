#include "drivers/common/output/output_file.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"

using namespace scalelab;

namespace {

std::string complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

/// A disk of 64 kB, where a test may make one.
class SmallDisk {
 public:
  SmallDisk() : mounted_(mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=64k") == 0) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount(folder_.path().c_str());
  }

  bool is_there() const { return mounted_; }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::size_t room() const {
    struct statvfs disk {};
    REQUIRE(statvfs(folder_.path().c_str(), &disk) == 0);
    return disk.f_bavail * disk.f_frsize;
  }

 private:
  Folder folder_;
  bool mounted_;
};

bool is_missing(const SmallDisk& disk) {
  if (!disk.is_there()) WARN("no small disk can be mounted here: not tested");
  return !disk.is_there();
}

}  // namespace

TEST_CASE("output file: what it held stays until it is written, and nothing of it afterwards") {
  const Folder folder;
  const std::string path = folder.file("values.csv");
  for (const std::size_t bytes : {0UL, 10UL, 1'000'000UL}) {
    write_file(path, "what was here before, which is long");
    {
      OutputFile file("--values", path, bytes);
      CHECK_FALSE((file.is_stream() || file.has_begun()));
      CHECK(content(path) == "what was here before, which is long");
    }  // the run failed
    CHECK(content(path) == "what was here before, which is long");
    OutputFile file("--values", path, bytes);
    file.write("short");
    CHECK(file.has_begun());
    file.write(", but\nnew\n");
    file.finish();
    CHECK(content(path) == "short, but\nnew\n");
  }
}

TEST_CASE("output file: a new one holds what was written, however much was expected") {
  const Folder folder;
  for (const std::size_t bytes : {0UL, 5UL, 1'000'000UL}) {
    const std::string path = folder.file("new-" + std::to_string(bytes));
    {
      OutputFile file("--values", path, bytes);
      file.write("some text");
      file.finish();
    }
    CHECK(content(path) == "some text");
    CHECK(std::filesystem::file_size(path) == 9);
  }
}

TEST_CASE("output file: what is no file is not cut, and a full device is named") {
  OutputFile nowhere("--values", "/dev/null", 1000);
  CHECK(nowhere.is_stream());
  nowhere.write("text");
  CHECK_NOTHROW(nowhere.finish());
  OutputFile full("--values", "/dev/full", 1000);
  CHECK(complaint([&] { full.write("text"); }) ==
        "--values: /dev/full cannot be written: No space left on device");
}

TEST_CASE("output file: - is standard output, and what it was redirected to keeps what it held") {
  const Folder folder;
  const std::string path = folder.file("output");
  write_file(path, "before\n");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND);
    if (dup2(descriptor, STDOUT_FILENO) < 0) _exit(1);
    {
      OutputFile file("--values", "-", 1'000'000'000'000);
      if (!file.is_stream()) _exit(2);
      file.write("text\n");
      file.finish();
    }
    _exit(write(STDOUT_FILENO, "more\n", 5) == 5 ? 0 : 3);  // it is still open
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(content(path) == "before\ntext\nmore\n");
}

TEST_CASE("output file: what cannot be written is refused at once, by option and name") {
  const Folder folder;
  CHECK(complaint([&] { OutputFile("--trace", folder.path(), 10); }) ==
        "--trace: " + folder.path() + " cannot be written: Is a directory");
  CHECK(complaint([&] { OutputFile("--values", folder.file("no/such"), 10); }) ==
        "--values: " + folder.file("no/such") + " cannot be written: No such file or directory");
  const std::string locked = folder.file("locked");
  write_file(locked, "mine");
  chmod(locked.c_str(), 0444);
  if (getuid() == 0) {
    WARN("root may write everything: a file without permission is not tested");
  } else {
    CHECK(complaint([&] { OutputFile("--values", locked, 10); }) ==
          "--values: " + locked + " cannot be written: Permission denied");
  }
  CHECK(content(locked) == "mine");
}

TEST_CASE("output file: a disk that is too small is found before the first task") {
  const SmallDisk disk;
  if (is_missing(disk)) return;
  const std::string path = disk.file("values.csv");
  write_file(path, "what was here before");
  const std::size_t room = disk.room();
  const std::string message = complaint([&] { OutputFile("--values", path, 1'000'000); });
  CHECK(message == "--values: " + path + " has no room for 1001 kB: No space left on device");
  CHECK(content(path) == "what was here before");
  CHECK(disk.room() == room);
  CHECK(complaint([&] { OutputFile("--values", path, 30'000); }) == "no complaint");
}

TEST_CASE("output file: the room is kept for it, and given back if it is not written") {
  const SmallDisk disk;
  if (is_missing(disk)) return;
  for (const bool is_new : {true, false}) {
    const std::string path = disk.file(is_new ? "new" : "old");
    if (!is_new) write_file(path, "what was here before");
    const std::size_t room = disk.room();
    {
      const OutputFile file("--values", path, 40'000);
      CHECK(disk.room() <= room - 32'768);
      CHECK(complaint([&] {
              OutputFile("--trace", disk.file("other"), 40'000);
            }).find("has no room for 41 kB") != std::string::npos);
    }
    CHECK(disk.room() == room);
    std::filesystem::remove(disk.file("other"));
    std::filesystem::remove(path);
  }
}

TEST_CASE("output file: a disk that is full in the middle is reported") {
  const SmallDisk disk;
  if (is_missing(disk)) return;
  const std::string path = disk.file("values.csv");
  OutputFile file("--values", path, 0);
  CHECK(complaint([&] { file.write(std::string(1'000'000, 'x')); }) ==
        "--values: " + path + " cannot be written: No space left on device");
}
