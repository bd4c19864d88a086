#include "kernels/file_descriptor.hpp"

#include <fcntl.h>

#include <cerrno>
#include <type_traits>
#include <utility>

#include "tests/catch.hpp"

using scalelab::FileDescriptor;

namespace {

/// As the system sees it.
bool is_open(int number) { return fcntl(number, F_GETFD) != -1; }

int open_something() {
  const int number = open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(number >= 0);
  return number;
}

static_assert(!std::is_copy_constructible_v<FileDescriptor> &&
              !std::is_copy_assignable_v<FileDescriptor>);
static_assert(std::is_nothrow_move_constructible_v<FileDescriptor> &&
              std::is_nothrow_move_assignable_v<FileDescriptor>);

}  // namespace

TEST_CASE("a descriptor closes what it owns at the end of its scope") {
  const int number = open_something();
  {
    const FileDescriptor file(number);
    CHECK(file);
    CHECK(file.get() == number);
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("a descriptor closes once: who got the same number afterwards keeps it") {
  const int number = open_something();
  {
    FileDescriptor file(number);
    file.reset();
    CHECK_FALSE(file);
    CHECK_FALSE(is_open(number));
    REQUIRE(open_something() == number);  // the lowest that is free
  }
  CHECK(is_open(number));
  const FileDescriptor cleans_up(number);
}

TEST_CASE("a descriptor that was moved from is empty, and closes nothing") {
  const int number = open_something();
  {
    FileDescriptor owner;
    {
      FileDescriptor first(number);
      FileDescriptor second(std::move(first));
      CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): that is what is tested
      CHECK(first.get() == -1);
      owner = std::move(second);
      CHECK_FALSE(second);  // NOLINT(bugprone-use-after-move)
    }
    CHECK(is_open(number));
    CHECK(owner.get() == number);
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("a descriptor that gets another one closes the one that it had") {
  const int old = open_something();
  const int other = open_something();
  FileDescriptor file(old);
  SECTION("by a move") { file = FileDescriptor(other); }
  SECTION("by reset") { file.reset(other); }
  CHECK(file.get() == other);
  CHECK_FALSE(is_open(old));
  CHECK(is_open(other));
}

TEST_CASE("a descriptor may be moved to itself") {
  const int number = open_something();
  FileDescriptor file(number);
  FileDescriptor& same = file;
  file = std::move(same);
  CHECK(file.get() == number);
  CHECK(is_open(number));
}

TEST_CASE("a descriptor that is released is the caller's") {
  const int number = open_something();
  {
    FileDescriptor file(number);
    CHECK(file.release() == number);
    CHECK_FALSE(file);
  }
  CHECK(is_open(number));
  const FileDescriptor cleans_up(number);
}

TEST_CASE("what could not be opened is no descriptor, and errno still says why") {
  const FileDescriptor missing(open("/this/is/missing", O_RDONLY | O_CLOEXEC));
  const int why = errno;
  CHECK_FALSE(missing);
  CHECK(missing.get() == -1);
  CHECK(why == ENOENT);
  CHECK_FALSE(FileDescriptor(-7));
  CHECK(FileDescriptor(-7).get() == -1);

  FileDescriptor closed_already(open_something());
  close(closed_already.get());
  errno = ENOSPC;
  closed_already.reset();  // EBADF
  CHECK(errno == ENOSPC);
}
