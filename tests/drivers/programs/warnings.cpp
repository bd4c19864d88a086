// What is said of a run whose times are in doubt, and that nothing is said of others.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const std::string spin = "--kernel spin --tasks 40 --task-units 100";

/// On so many of the cores that we may use. @returns the warnings
std::vector<std::string> warnings(int cores, int workers, const std::string& options) {
  const Outcome run = shell(fmt::format(
      "list=$(taskset -cp $$ | sed 's/.*: //' | tr ',' '\\n' | while IFS=- read -r a b; do "
      "seq \"$a\" \"${{b:-$a}}\"; done | head -n {} | paste -sd,)\n"
      "SCALELAB_BUILD='{}' exec taskset -c \"$list\" '{}' {} -n {} -- {}",
      cores, the_kit, LAUNCHER, driver, workers, options));
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(without_warnings(run.err).empty());
  return warnings_in(run.err);
}

bool has_two_cores() {
  if (shell("test $(nproc) -ge 2").status == 0) return true;
  WARN("not tried: needs two cores");
  return false;
}

}  // namespace

TEST_CASE("more workers that compute than cores are pointed out, once") {
  if (driver == "sequential") return;
  for (const std::string options : {"", " --schedule dynamic", " --repetitions 1"}) {
    const auto said = warnings(1, 4, spin + options);
    REQUIRE(said.size() == 1);
    // Whoever may use one core only is bound to it.
    CHECK((contains(said[0], "4 workers share 1 core of ") ||
           contains(said[0], "4 workers are bound to core ")));
  }
  if (!has_two_cores()) return;
  const auto said = warnings(2, 4, spin);
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], "4 workers share 2 cores of "));
}

TEST_CASE("in the lines of --json warnings are in the lines") {
  if (driver == "sequential") return;
  const Outcome run = launch(driver, 40, spin + " --json");
  CHECK(run.status == 0);
  CHECK(run.err.empty());
  CHECK(contains(field(run.out, "warnings"), "40 workers share "));
}

TEST_CASE("workers that only sleep may be as many as they like") {
  if (driver == "sequential") return;
  CHECK(warnings(1, 4, "--kernel sleep --tasks 40 --task-units 100").empty());
  CHECK(warnings(1, 4, "--kernel sleep --tasks 40 --task-units 100 --bind cores").empty());
}

TEST_CASE("one worker is never in doubt") {
  CHECK(warnings(1, 1, spin).empty());
  CHECK(warnings(1, 1, spin + " --bind cores").empty());
}

TEST_CASE("several workers that are bound to one core are pointed out") {
  if (driver == "sequential" || !has_two_cores()) return;
  const auto said = warnings(2, 4, spin + " --bind cores");
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], "2 workers are bound to core "));
}

TEST_CASE("ranks that are not bound are pointed out, and nobody else") {
  if (driver == "sequential" || !has_two_cores()) return;
  CHECK(warnings(2, 2, spin + " --bind cores").empty());
  const auto said = warnings(2, 2, spin);
  if (driver != "mpi") {
    CHECK(said.empty());
    return;
  }
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], "2 workers on "));
  CHECK(contains(said[0], "not bound to a core: "));
}

TEST_CASE("times of a virtual cluster are called none, and those of another are not") {
  const auto start_in = [](const std::string& cluster, const std::string& options) {
    // By itself: in a job, the launcher would start ranks with srun.
    return shell(
        fmt::format("SLURM_JOB_ID=7 SLURM_CLUSTER_NAME={} '{}/drivers/{}' {} --workers 1 {}",
                    cluster, the_kit, driver, spin, options));
  };
  const std::string warning = "a virtual cluster: its nodes share the cores of one machine";
  const Outcome people = start_in("scalelab-virtual", "");
  INFO(people.err);
  CHECK(people.status == 0);
  const auto said = warnings_in(people.err);
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], warning));
  const Outcome lines = start_in("scalelab-virtual", "--json");
  CHECK(contains(field(lines.out, "warnings"), warning));
  CHECK(contains(field(lines.out, "job"), R"("cluster":"scalelab-virtual")"));
  CHECK(warnings_in(start_in("summit", "").err).empty());
}

TEST_CASE("--quiet silences warnings") {
  const Outcome run = launch(driver, driver == "sequential" ? 1 : 8, spin + " --quiet");
  CHECK(run.status == 0);
  CHECK(run.err.empty());
  CHECK(run.out.empty());
}

TEST_CASE("a build that is no release says so, and a release does not") {
  const Outcome run = launch(driver, 1, spin);
  const bool is_release = std::string(BUILD_TYPE) == "Release" && std::string(SANITIZE).empty();
  CHECK(contains(run.err, "its times say nothing about speed") == !is_release);
  CHECK(without_warnings(run.err).empty());
}
