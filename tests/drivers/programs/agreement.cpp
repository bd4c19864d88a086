// The kit's strongest promise: every driver, schedule and number of workers gives the same bits.
#include <fmt/format.h>

#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;

std::string digest_of(const std::string& by, int workers, const std::string& options) {
  const Outcome run = launch(by, workers, options + " --repetitions 1 --warmup 0 --json --seed 7");
  INFO(by << ' ' << workers << ' ' << options << '\n' << run.err);
  REQUIRE(run.status == 0);
  CHECK(field(run.out, "driver") == by);
  CHECK(field(run.out, "workers") == std::to_string(workers));
  return field(run.out, "digest");
}

void check_agreement(const std::string& kernel) {
  const std::string expected = digest_of("sequential", 1, kernel);
  REQUIRE(expected.size() == 16);
  // Starting ranks takes its time.
  const std::vector<int> counts =
      driver == "mpi" ? std::vector{2, 3, 7} : std::vector{1, 2, 3, 4, 7};
  for (const std::string schedule :
       {"static", "static --chunk 1", "static --chunk 7", "static --chunk 64", "dynamic",
        "dynamic --chunk 7", "dynamic --chunk 64", "guided", "guided --chunk 7"}) {
    for (const int workers : counts) {
      if (driver == "sequential" && workers > 1) continue;
      INFO(driver << ' ' << workers << ' ' << schedule << ' ' << kernel);
      CHECK(digest_of(driver, workers, kernel + " --schedule " + schedule) == expected);
    }
  }
}

const std::string real_data =
    "--kernel many-models --tasks 100 --data '" KIT_DATA "/diabetes.csv' --target progression";

}  // namespace

TEST_CASE("many-models: every driver, schedule and number of workers gives the same bits") {
  check_agreement(real_data);
}

TEST_CASE("sleep: every driver, schedule and number of workers gives the same bits") {
  check_agreement("--kernel sleep --tasks 100 --task-units 20 --skew exponential");
}

TEST_CASE("spin: every driver, schedule and number of workers gives the same bits") {
  check_agreement("--kernel spin --tasks 100 --task-units 50 --skew pareto");
}

TEST_CASE("normal equations: four workers give the bits of one") {
  const std::string options = real_data + " --solver normal-equations --schedule dynamic";
  CHECK(digest_of(driver, driver == "sequential" ? 1 : 4, options) ==
        digest_of("sequential", 1, options));
}

TEST_CASE("more workers than tasks, and one task, work") {
  if (driver == "sequential") return;
  for (const std::string schedule : {"static", "static --chunk 2", "dynamic", "guided"}) {
    for (const int tasks : {1, 3}) {
      const std::string options =
          fmt::format("--kernel spin --task-units 1 --tasks {} --schedule {}", tasks, schedule);
      CHECK(digest_of(driver, 5, options) == digest_of("sequential", 1, options));
    }
  }
}

TEST_CASE("another seed gives other bits") {
  const Outcome one = launch(driver, 1, real_data + " --seed 1 --repetitions 1 --json");
  const Outcome two = launch(driver, 1, real_data + " --seed 2 --repetitions 1 --json");
  CHECK(field(one.out, "digest") != field(two.out, "digest"));
}
