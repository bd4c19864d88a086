#include "results/text/whole_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"

using namespace scalelab;
namespace fs = std::filesystem;

namespace {

int error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

void replace(const std::string& path, const std::string& text) {
  WholeFile file(path);
  file.write(text);
  file.finish();
}

}  // namespace

TEST_CASE("whole file: the old is there until the new takes its place, and nothing else is left") {
  const Folder folder;
  const std::string path = folder.file("table");
  write_file(path, "old, and longer than what comes");
  {
    WholeFile file(path);
    file.reserve(100'000);
    file.write("new");
    CHECK(content(path) == "old, and longer than what comes");
  }  // not finished
  CHECK(content(path) == "old, and longer than what comes");
  CHECK(files_in(folder.path()) == 1);
  replace(path, "new");
  CHECK(content(path) == "new");
  CHECK(fs::file_size(path) == 3);
  replace(folder.file("another"), "");
  CHECK(fs::file_size(folder.file("another")) == 0);
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("whole file: who has the old one open reads the old one to its end") {
  const Folder folder;
  const std::string path = folder.file("table");
  write_file(path, "old");
  std::ifstream reader(path);
  REQUIRE(reader.get() == 'o');
  replace(path, "something new");
  CHECK(std::string(std::istreambuf_iterator<char>(reader), {}) == "ld");
}

TEST_CASE("whole file: a program that is killed leaves nothing of it") {
  const Folder folder;
  const std::string path = folder.file("table");
  write_file(path, "old");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    WholeFile file(path);
    file.write("half of the n");
    kill(getpid(), SIGKILL);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(content(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("whole file: it keeps permissions, and a new one gets what the user's mask leaves") {
  const Folder folder;
  const std::string path = folder.file("table");
  write_file(path, "old");
  chmod(path.c_str(), 0604);
  const mode_t mask = umask(0027);
  replace(path, "new");
  replace(folder.file("fresh"), "new");
  umask(mask);
  const auto mode = [&](const std::string& of) {
    return fs::status(of).permissions() & fs::perms::all;
  };
  CHECK(mode(path) == fs::perms(0604));
  CHECK(mode(folder.file("fresh")) == fs::perms(0640));
}

TEST_CASE("whole file: a link to a file is replaced, and what it led to stays") {
  const Folder folder;
  write_file(folder.file("theirs"), "theirs");
  fs::create_symlink("theirs", folder.file("link"));
  fs::create_symlink("nowhere", folder.file("dangling"));
  replace(folder.file("link"), "ours");
  replace(folder.file("dangling"), "ours");
  CHECK(content(folder.file("theirs")) == "theirs");
  for (const std::string name : {"link", "dangling"}) {
    CHECK(fs::is_regular_file(fs::symlink_status(folder.file(name))));
    CHECK(content(folder.file(name)) == "ours");
  }
  CHECK_FALSE(fs::exists(folder.file("nowhere")));
  fs::create_symlink("/dev/null", folder.file("device"));
  replace(folder.file("device"), "ours");
  CHECK(content(folder.file("device")) == "ours");
}

TEST_CASE("whole file: devices are written as they are, also by another name") {
  const Folder folder;
  fs::create_symlink("/dev/null", folder.file("null"));
  for (const std::string& path : {std::string("/dev/null"), folder.file("null")}) {
    WholeFile file(path, WholeFile::Links::are_followed);
    CHECK(file.is_stream());
    file.reserve(1'000'000);
    file.write("text");
    file.finish();
  }
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(fs::is_symlink(folder.file("null")));
  CHECK(error_of([] {
          WholeFile full("/dev/full");
          full.write("text");
        }) == ENOSPC);
}

TEST_CASE(
    "whole file: a file that is mounted by itself is written where it is, from its beginning") {
  const Folder folder;
  write_file(folder.file("outside"), "old, and longer than what comes");
  write_file(folder.file("inside"), "");
  const Folder disk;
  if (mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    WARN("nothing can be mounted here: not tested");
    return;
  }
  write_file(disk.file("outside"), "old, and longer than what comes");
  REQUIRE(mount(disk.file("outside").c_str(), folder.file("inside").c_str(), nullptr, MS_BIND,
                nullptr) == 0);
  replace(folder.file("inside"), "new");
  CHECK(content(disk.file("outside")) == "new");
  umount(folder.file("inside").c_str());
  umount(disk.path().c_str());
}

TEST_CASE("whole file: what cannot be written is said at once") {
  const Folder folder;
  CHECK(error_of([&] { WholeFile file(folder.path()); }) == EISDIR);
  CHECK(error_of([&] { WholeFile file(folder.file("no/such")); }) == ENOENT);
  CHECK(error_of([&] { WholeFile file(folder.file(std::string(300, 'x'))); }) == ENAMETOOLONG);
  fs::create_symlink("round", folder.file("round"));
  CHECK(error_of([&] { WholeFile file(folder.file("round"), WholeFile::Links::are_followed); }) ==
        ELOOP);
}

TEST_CASE("whole file: what a killed program left is removed, if it is old and nobody holds it") {
  const Folder folder;
  const std::string path = folder.file("values.csv");
  const auto leave = [&](const std::string& name, int hours) {
    write_file(folder.file(name), "left");
    fs::last_write_time(folder.file(name),
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
    return folder.file(name);
  };
  const std::string old = leave(".scalelab-123-0a1b2c3d.new", 25);
  const std::vector<std::string> kept{
      leave(".scalelab-124-0a1b2c3d.new", 23), leave(".scalelab-123-0a1b2c3d.new.old", 25),
      leave("scalelab-123-0a1b2c3d.new", 25), leave(".scalelab-x-0a1b2c3d.new", 25),
      leave(".scalelab-125-0a1b2c3.new", 25)};
  const std::string held = leave(".scalelab-126-0a1b2c3d.new", 25);
  const std::string link = folder.file(".scalelab-127-0a1b2c3d.new");
  fs::create_symlink(kept.back(), link);
  const std::string pipe = folder.file(".scalelab-128-0a1b2c3d.new");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const std::string inside = folder.file(".scalelab-129-0a1b2c3d.new");
  fs::create_directory(inside);
  std::vector<std::string> all = kept;
  all.insert(all.end(), {held, link, pipe, inside});
  if (getuid() == 0) {
    all.push_back(leave(".scalelab-130-0a1b2c3d.new", 25));
    REQUIRE(chown(all.back().c_str(), 12345, 12345) == 0);  // somebody else's
  }

  const FileDescriptor holder(open(held.c_str(), O_RDWR));
  REQUIRE(flock(holder.get(), LOCK_EX) == 0);
  WholeFile::remove_leftovers(path);
  CHECK_FALSE(fs::exists(old));
  for (const std::string& name : all) {
    CAPTURE(name);
    CHECK(fs::exists(fs::symlink_status(name)));
  }
  REQUIRE(flock(holder.get(), LOCK_UN) == 0);
  WholeFile::remove_leftovers(path);
  CHECK_FALSE(fs::exists(held));
  WholeFile::remove_leftovers(folder.file("no/such/values.csv"));
}

TEST_CASE("whole file: one that is at work holds a lock, by which others know it") {
  const Folder folder;
  WholeFile file(folder.file("values.csv"));
  file.write("x");
  // Whatever descriptor it is, nobody else gets a lock of the file behind it.
  std::size_t locked = 0;
  for (int number = 3; number < 64; ++number) {
    const std::string behind = "/proc/self/fd/" + std::to_string(number);
    struct stat status {};
    if (fstat(number, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != 1) continue;
    const FileDescriptor other(open(behind.c_str(), O_RDWR));
    if (other) locked += flock(other.get(), LOCK_EX | LOCK_NB) != 0 ? 1 : 0;
  }
  CHECK(locked == 1);
}
