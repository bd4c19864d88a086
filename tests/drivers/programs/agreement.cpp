// The kit's strongest promise: every driver, schedule and number of workers gives the same bits.
#include <fmt/format.h>

#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;

const std::string once = " --repetitions 1 --warmup 0 --json --seed 7";

/// What that many workers of a driver compute, for each of these options.
std::vector<std::string> digests_of(const std::string& by, int workers,
                                    std::vector<std::string> all) {
  for (std::string& options : all) options += once;
  std::vector<std::string> digests;
  for (const Outcome& run : launch_all(by, workers, all)) {
    INFO(by << ' ' << workers << ' ' << all[digests.size()] << '\n' << run.err);
    REQUIRE(run.status == 0);
    CHECK(field(run.out, "driver") == by);
    CHECK(field(run.out, "workers") == std::to_string(workers));
    digests.push_back(field(run.out, "digest"));
  }
  return digests;
}

std::string digest_of(const std::string& by, int workers, const std::string& options) {
  return digests_of(by, workers, {options}).front();
}

const std::string real_data =
    "--kernel many-models --tasks 100 --data '" KIT_DATA "/diabetes.csv' --target progression";

const std::vector<std::string> kernels = {
    real_data, "--kernel sleep --tasks 100 --task-units 20 --skew exponential",
    "--kernel spin --tasks 100 --task-units 50 --skew pareto"};

}  // namespace

TEST_CASE("every driver, schedule and number of workers gives the same bits, of each kernel") {
  const std::vector<std::string> expected = digests_of("sequential", 1, kernels);
  for (const int workers : {1, 2, 3, 4, 7}) {
    if (driver == "sequential" && workers > 1) continue;
    if (driver == "mpi" && (workers == 1 || workers == 4))
      continue;  // starting ranks takes its time
    std::vector<std::string> all;
    for (const std::string& kernel : kernels) {
      for (const std::string schedule :
           {"static", "static --chunk 1", "static --chunk 7", "static --chunk 64", "dynamic",
            "dynamic --chunk 7", "dynamic --chunk 64", "guided", "guided --chunk 7"}) {
        all.push_back(kernel + " --schedule " + schedule);
      }
    }
    const std::vector<std::string> digests = digests_of(driver, workers, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO(driver << ' ' << workers << ' ' << all[i]);
      const std::string& right = expected[i * kernels.size() / all.size()];
      REQUIRE(right.size() == 16);
      CHECK(digests[i] == right);
    }
  }
}

TEST_CASE("normal equations: four workers give the bits of one") {
  const std::string options = real_data + " --solver normal-equations --schedule dynamic";
  CHECK(digest_of(driver, driver == "sequential" ? 1 : 4, options) ==
        digest_of("sequential", 1, options));
}

TEST_CASE("more workers than tasks, and one task, work") {
  if (driver == "sequential") return;
  std::vector<std::string> all;
  for (const std::string schedule : {"static", "static --chunk 2", "dynamic", "guided"}) {
    for (const int tasks : {1, 3}) {
      all.push_back(
          fmt::format("--kernel spin --task-units 1 --tasks {} --schedule {}", tasks, schedule));
    }
  }
  CHECK(digests_of(driver, 5, all) == digests_of("sequential", 1, all));
}

TEST_CASE("another seed gives other bits") {
  const auto runs = launch_all(driver, 1,
                               {real_data + " --seed 1 --repetitions 1 --json",
                                real_data + " --seed 2 --repetitions 1 --json"});
  CHECK(field(runs[0].out, "digest") != field(runs[1].out, "digest"));
}
