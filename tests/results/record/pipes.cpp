// Writing to what may have to wait: pipes that nobody opens, or reads.
#include "results/record/pipes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include "results/text/whole_file.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"

using namespace scalelab;

namespace {

/// Gives up at the n-th question.
GiveUp after(int questions) {
  return [questions]() mutable { return --questions <= 0; };
}

int error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

std::string new_pipe(const Folder& folder) {
  const std::string path = folder.file("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  return path;
}

}  // namespace

TEST_CASE("pipes: what this program writes to is told from what it can read") {
  const Folder folder;
  const std::string path = new_pipe(folder);
  const FileDescriptor held(open(path.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(held);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    CHECK_FALSE(is_own_output(path));
    const FileDescriptor before(dup(stream));
    dup2(held.get(), stream);
    const bool by_name = is_own_output(path);
    const bool by_number = is_own_output(stream == STDOUT_FILENO ? "/dev/stdout" : "/dev/stderr");
    dup2(before.get(), stream);
    CHECK(by_name);
    CHECK(by_number);
  }
  CHECK_FALSE(is_own_output(folder.file("none")));
  CHECK_FALSE(is_own_output("/dev/null"));
}

TEST_CASE("pipes: nobody opens the other end, until that is given up") {
  const Folder folder;
  const std::string path = new_pipe(folder);
  CHECK(error_of([&] { open_pipe(path, 0, after(3)); }) == ECANCELED);
  CHECK(error_of([&] { WholeFile(path, WholeFile::Links::are_followed, after(3)); }) == ECANCELED);
  CHECK(error_of([&] { open_pipe(folder.file("none"), 0, after(3)); }) == ENOENT);
}

TEST_CASE("pipes: somebody comes late, and all of it arrives") {
  const Folder folder;
  const std::string path = new_pipe(folder);
  std::string text;  // more than a pipe takes
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + "\n";
  std::string arrived;
  std::thread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    arrived = content(path);
  });
  {
    WholeFile file(path, WholeFile::Links::are_followed, [] { return false; });
    CHECK(file.is_stream());
    file.write(text);
    file.finish();
  }
  reader.join();
  CHECK(arrived == text);
}

TEST_CASE("pipes: nobody reads, until that is given up; what fits has been written") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);  // where writing waits
  const FileDescriptor reads(ends[0]);
  const FileDescriptor writes(ends[1]);
  const int room = fcntl(writes.get(), F_SETPIPE_SZ, 16384);
  REQUIRE(room >= 16384);
  int asked = 0;
  CHECK(error_of([&] {
          write_all(writes.get(), std::string(1'000'000, 'x'), [&] { return ++asked == 3; });
        }) == ECANCELED);
  CHECK(asked == 3);
  std::string there(1'000'000, ' ');
  CHECK(read(reads.get(), there.data(), there.size()) == room);
}

TEST_CASE("pipes: the other end is closed, which is an error like others") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  const FileDescriptor writes(ends[1]);
  signal(SIGPIPE, SIG_IGN);
  CHECK(error_of([&] { write_all(writes.get(), "x", [] { return false; }); }) == EPIPE);
  CHECK(error_of([&] { write_all(writes.get(), "x"); }) == EPIPE);
}

TEST_CASE("pipes: a file takes all, and nobody is asked") {
  const Folder folder;
  const std::string path = folder.file("text");
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT, 0600));
  const std::string text(300'000, 'y');
  write_all(file.get(), text, [] { return true; });
  CHECK(content(path) == text);
}
