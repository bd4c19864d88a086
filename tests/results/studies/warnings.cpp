#include "results/studies/warnings.hpp"

#include <sstream>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

Run run_of(const std::string& driver, std::uint64_t workers,
           const std::vector<std::string>& warnings) {
  Run run;
  run.driver = driver;
  run.workers = workers;
  run.warnings = warnings;
  return run;
}

}  // namespace

TEST_CASE("warnings: none, no text") {
  Warnings warnings;
  warnings.add(run_of("openmp", 2, {}));
  CHECK(warnings.text().empty());
}

TEST_CASE("warnings: each stands once, with those whom it is about in order") {
  Warnings warnings;
  warnings.add(run_of("processes", 16, {"crowded"}));
  warnings.add(run_of("openmp", 16, {"crowded"}));
  warnings.add(run_of("openmp", 3, {"crowded", "a debug build"}));
  warnings.add(run_of("openmp", 16, {"crowded"}));
  CHECK(warnings.text() ==
        "\n"
        "  warning: a debug build\n"
        "           (openmp 3)\n"
        "  warning: crowded\n"
        "           (openmp 3, 16; processes 16)\n");
}

TEST_CASE("warnings: hybrid runs are told apart from others with as many workers") {
  Run hybrid = run_of("mpi", 8, {"crowded"});
  hybrid.driver_options = {{"threads-per-rank", "2"}};
  Warnings warnings;
  warnings.add(hybrid);
  warnings.add(run_of("mpi", 8, {"crowded"}));
  hybrid.workers = 12;
  warnings.add(hybrid);
  CHECK(warnings.text() == "\n  warning: crowded\n           (mpi 4x2, 8, 6x2)\n");
}

TEST_CASE("warnings: long ones are folded at 80 columns, and lose no word") {
  const std::string text =
      "a virtual cluster: its nodes share the cores of one machine, times are no measurements";
  const std::string endless(100, 'x');
  Warnings warnings;
  for (std::uint64_t workers = 1; workers <= 40; ++workers) {
    warnings.add(run_of("mpi", workers, {text, endless}));
  }
  std::istringstream lines(warnings.text());
  std::string words;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((line.size() <= 80 || line == "  warning: " + endless));
    if (!line.empty())
      CHECK(line.starts_with(line.starts_with("  w") ? "  warning: " : "           "));
    std::istringstream some(line);
    for (std::string word; some >> word;) words += word + " ";
  }
  CHECK_THAT(words, Contains("warning: " + text + " (mpi 1, 2, 3, "));
  CHECK_THAT(words, Contains(" 39, 40) "));
}
