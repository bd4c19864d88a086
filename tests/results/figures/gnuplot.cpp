// gnuplot as a program that may be missing, fail, hang, or have settings of its own.
#include "results/figures/gnuplot.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "results/figures/figures.hpp"
#include "tests/catch.hpp"
#include "tests/results/figures/drawn_files.hpp"
#include "tests/results/record/lines.hpp"
#include "tests/results/studies/example_studies.hpp"

using namespace scalelab;
using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

class PathOf {
 public:
  explicit PathOf(const std::string& path) : before_(std::getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~PathOf() { setenv("PATH", before_.c_str(), 1); }
  PathOf(const PathOf&) = delete;
  PathOf& operator=(const PathOf&) = delete;

 private:
  std::string before_;
};

std::string failure_of_drawing(const Analysis& analysis, const std::string& folder) {
  const Drawn drawn = draw_figures(analysis, {}, folder);
  CHECK(drawn.figures.empty());
  REQUIRE(drawn.failures.size() == 1);
  return drawn.failures.front();
}

}  // namespace

TEST_CASE("without gnuplot one line says how to get it; the data are there") {
  const TestFolder folder;
  const Analysis analysis = example_analysis({example_study("spin", four_drivers(), {1, 2}, 6)});
  const PathOf path(folder / "nowhere");
  const std::string failure = failure_of_drawing(analysis, folder / "report");
  CHECK(holds(failure, "gnuplot was not found"));
  CHECK(holds(failure, "./lab setup"));
  CHECK_FALSE(holds(failure, "\n"));
  CHECK(fs::exists(fs::path(folder / "report") / "data/spin-speedup.tsv"));
}

TEST_CASE("what a failing gnuplot says is told") {
  const TestFolder folder;
  fs::create_directory(folder / "bin");
  const fs::path gnuplot = fs::path(folder / "bin") / "gnuplot";
  std::ofstream(gnuplot) << "#!/bin/sh\necho 'line 7: undefined variable: moon' >&2\nexit 1\n";
  fs::permissions(gnuplot, fs::perms::owner_all);
  const Analysis analysis = example_analysis({example_study("spin", four_drivers(), {1, 2}, 6)});
  const PathOf path(folder / "bin:/bin:/usr/bin");
  const std::string failure = failure_of_drawing(analysis, folder / "report");
  CHECK(holds(failure, "undefined variable: moon"));
  CHECK_FALSE(holds(failure, "\n"));
}

TEST_CASE("a gnuplot that hangs is killed, and all that it has started") {
  const TestFolder folder;
  fs::create_directory(folder / "bin");
  const fs::path gnuplot = fs::path(folder / "bin") / "gnuplot";
  std::ofstream(gnuplot) << "#!/bin/sh\nsleep 600 &\necho $! > sleeper\nwait\n";
  fs::permissions(gnuplot, fs::perms::owner_all);
  const PathOf path(folder / "bin:/bin:/usr/bin");
  CHECK_THROWS_WITH(run_gnuplot(folder.path(), "all.gp", 1),
                    Contains("not done after 1 s and was killed"));
  const std::string sleeper = read_file(folder / "sleeper");
  REQUIRE_FALSE(sleeper.empty());
  const std::string status = "/proc/" + sleeper.substr(0, sleeper.find('\n')) + "/status";
  const auto lives = [&] {  // and is no zombie that nobody has waited for
    const std::string text = read_file(status);
    return !text.empty() && !holds(text, "State:\tZ") && !holds(text, "State:\tX");
  };
  for (int i = 0; i < 500 && lives(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK_FALSE(lives());
}

TEST_CASE("gnuplot draws without the user's own settings") {
  need_gnuplot();
  const TestFolder folder;
  std::ofstream(folder / ".gnuplot") << "set print 'settings-of-the-user'\nprint 'read'\n";
  std::ofstream(folder / "nothing.gp") << "print 1\n";
  const std::string home = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
  setenv("HOME", folder.path().c_str(), 1);
  run_gnuplot(folder.path(), "nothing.gp", 60);
  setenv("HOME", home.c_str(), 1);
  CHECK_FALSE(fs::exists(folder / "settings-of-the-user"));
}
