// The command lab granularity, from its words to its table.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

Outcome lab_granularity(const std::string& words) {
  return shell("SCALELAB_BUILD='" KIT_BUILD "' '" LAB "' granularity " + words);
}

}  // namespace

TEST_CASE("lab granularity: wrong words are refused in one line") {
  for (const std::string words :
       {"fast", "--rounds", "--rounds 0", "--rounds two", "--workers 0", "--schedule fair",
        "--drivers ''", "--drivers openmp,foo", "--kernel ../spin", "--longest 16",
        "--out '" KIT_BUILD "/CMakeCache.txt'"}) {
    const Outcome run = lab_granularity(words);
    INFO(words << '\n' << run.err);
    CHECK(run.status == 2);
    CHECK(lines_in(run.err) == 1);
    CHECK(contains(run.err, "expected"));
  }
}

TEST_CASE("lab granularity: a kernel whose tasks cannot be made shorter is refused in one line") {
  const Outcome run = lab_granularity("--kernel many-models");
  INFO(run.err);
  CHECK(run.status == 2);
  CHECK(lines_in(run.err) == 1);
  CHECK(contains(run.err, "many-models"));
}

TEST_CASE("lab granularity: one round of two drivers, and its records tell the same") {
  Folder folder;
  const std::string out = folder / "records.jsonl";
  const Outcome run = shell(
      fmt::format("SCALELAB_BUILD='" KIT_BUILD "' '" LAB
                  "' granularity --drivers sequential,openmp --workers 2 --rounds 1 --longest 4us "
                  "--out '{}'",
                  out));
  INFO(run.out << run.err);
  if (run.status != 0) {  // one round on a machine that has other things to do
    CHECK(contains(run.err, "Above 1.05 it is no result"));
    return;
  }
  for (const char* timers : {"on", "off"}) {
    CHECK(contains(run.out, fmt::format("\n  sequential {} ", timers)));
    CHECK(contains(run.out, fmt::format("\n  openmp     {} ", timers)));
  }
  CHECK(contains(run.out, out));
  const std::string before = run.out.substr(0, run.out.find("records: "));
  CHECK(shell(fmt::format("'" KIT_BUILD "/results/granularity' '{}'", out)).out == before);
}
