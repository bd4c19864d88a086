#include "results/text/text_file.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>

#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using scalelab::test::read_file;
using scalelab::test::TestFolder;
using scalelab::test::write_file;
namespace fs = std::filesystem;

namespace {

template <class Action>
std::string complaint(const Action& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

}  // namespace

TEST_CASE("text file: what was written is read, whatever it is") {
  const TestFolder folder;
  for (const std::string& text :
       {std::string(), std::string("a\0b\r\n", 5), std::string(300000, 'x')}) {
    write_text(folder / "a", text);
    CHECK(read_file(folder / "a") == text);
    CHECK(scalelab::read_text(folder / "a") == text);
  }
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("text file: a link is replaced, and not written through") {
  const TestFolder folder;
  write_file(folder / "precious", "as it was");
  fs::create_symlink("precious", folder / "report.html");
  write_text(folder / "report.html", "new");
  CHECK(read_file(folder / "precious") == "as it was");
  CHECK(read_file(folder / "report.html") == "new");
  CHECK_FALSE(fs::is_symlink(folder / "report.html"));
  // Not to a device, either; nor is a pipe waited for.
  fs::create_symlink("/dev/null", folder / "b");
  REQUIRE(mkfifo((folder / "c").c_str(), 0600) == 0);
  for (const char* name : {"b", "c"}) {
    write_text(folder / name, "new");
    CHECK(read_file(folder / name) == "new");
    CHECK(fs::is_regular_file(fs::symlink_status(folder / name)));
  }
}

TEST_CASE("text file: what cannot be written leaves nothing, and the reason is told") {
  const TestFolder folder;
  CHECK_THAT(complaint([&] { write_text(folder / "no/a", "text"); }),
             Contains("no/a: cannot be written: No such file"));
  fs::create_directory(folder / "folder");
  write_file(folder / "folder/a", "");
  CHECK_THAT(complaint([&] { write_text(folder / "folder", "text"); }),
             Contains("cannot be written"));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("text file: inputs that never end are bounded") {
  CHECK_THAT(complaint([] { scalelab::read_text("/dev/zero", 1000); }),
             Contains("/dev/zero: cannot be read: expected at most 1000 bytes"));
  const TestFolder folder;
  write_file(folder / "a", std::string(1001, 'x'));
  CHECK_THAT(complaint([&] { scalelab::read_text(folder / "a", 1000); }), Contains("1000 bytes"));
  CHECK(scalelab::read_text(folder / "a", 1001).size() == 1001);
  CHECK_THAT(complaint([&] { scalelab::read_text(folder.path()); }), Contains("cannot be read"));
}

TEST_CASE("text file: a pipe is read to its end, and one that nobody writes to is given up") {
  const TestFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(complaint([&] { scalelab::read_text(folder / "pipe"); }),
             Contains("pipe: cannot be read: nothing comes through this pipe"));
  std::thread writer([&] { write_file(folder / "pipe", std::string(200000, 'y')); });
  CHECK(scalelab::read_text(folder / "pipe").size() == 200000);
  writer.join();
}
