// What is said of a run whose times are in doubt, and that nothing is said of others.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const std::string spin = "--kernel spin --tasks 40 --task-units 100";

/// Puts the driver onto so many of the cores that we may use.
std::string on_cores(int cores) {
  const Outcome list = shell(
      fmt::format("taskset -cp $$ | sed 's/.*: //' | tr ',' '\\n' | while IFS=- read -r a b; do "
                  "seq \"$a\" \"${{b:-$a}}\"; done | head -n {} | paste -sd, | tr -d '\\n'",
                  cores));
  return "taskset -c " + list.out;
}

/// The warnings of each of these runs.
std::vector<std::vector<std::string>> warnings(int cores, int workers,
                                               const std::vector<std::string>& options) {
  std::vector<std::vector<std::string>> all;
  for (const Outcome& run : launch_all(driver, workers, options, on_cores(cores))) {
    INFO(options[all.size()] << '\n' << run.err);
    CHECK(run.status == 0);
    CHECK(without_warnings(run.err).empty());
    all.push_back(warnings_in(run.err));
  }
  return all;
}

bool has_two_cores() {
  if (shell("test $(nproc) -ge 2").status == 0) return true;
  WARN("not tried: needs two cores");
  return false;
}

}  // namespace

TEST_CASE("more workers that compute than cores are pointed out, once, and no others") {
  if (driver == "sequential") return;
  const std::string sleep = "--kernel sleep --tasks 40 --task-units 100";
  const auto on_one = warnings(1, 4,
                               {spin, spin + " --schedule dynamic", spin + " --repetitions 1",
                                // Those who only sleep may be as many as they like.
                                sleep, sleep + " --bind cores"});
  for (const std::size_t of_spin : {0U, 1U, 2U}) {
    const std::vector<std::string>& said = on_one[of_spin];
    REQUIRE(said.size() == 1);
    // Whoever may use one core only is bound to it.
    CHECK((contains(said[0], "4 workers share 1 core of ") ||
           contains(said[0], "4 workers are bound to core ")));
  }
  CHECK(on_one[3].empty());
  CHECK(on_one[4].empty());
  if (!has_two_cores()) return;
  const auto on_two = warnings(2, 4, {spin, spin + " --bind cores"});
  REQUIRE(on_two[0].size() == 1);
  CHECK(contains(on_two[0][0], "4 workers share 2 cores of "));
  REQUIRE(on_two[1].size() == 1);
  CHECK(contains(on_two[1][0], "2 workers are bound to core "));
}

TEST_CASE("in the lines of --json warnings are in the lines, and --quiet silences them") {
  if (driver == "sequential") return;
  const auto runs = launch_all(driver, 4, {spin + " --json", spin + " --quiet"}, on_cores(1));
  for (const Outcome& run : runs) {
    CHECK(run.status == 0);
    CHECK(run.err.empty());
  }
  const std::string warnings = field(runs[0].out, "warnings");
  CHECK((contains(warnings, "4 workers share 1 core of ") ||
         contains(warnings, "4 workers are bound to core ")));
  CHECK(runs[1].out.empty());
}

TEST_CASE("one worker is never in doubt") {
  for (const auto& said : warnings(1, 1, {spin, spin + " --bind cores"})) CHECK(said.empty());
}

TEST_CASE("ranks that are not bound are pointed out, and nobody else") {
  if (driver == "sequential" || !has_two_cores()) return;
  const auto said = warnings(2, 2, {spin, spin + " --bind cores"});
  CHECK(said[1].empty());
  if (driver != "mpi") {
    CHECK(said[0].empty());
    return;
  }
  REQUIRE(said[0].size() == 1);
  CHECK(contains(said[0][0], "2 workers on "));
  CHECK(contains(said[0][0], "not bound to a core: "));
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

TEST_CASE("a build that is no release says so, and a release does not") {
  const Outcome run = launch(driver, 1, spin);
  const bool is_release = std::string(BUILD_TYPE) == "Release" && std::string(SANITIZE).empty();
  CHECK(contains(run.err, "its times say nothing about speed") == !is_release);
  CHECK(without_warnings(run.err).empty());
}

TEST_CASE(
    "variables that say where OpenMP's threads run bind nobody, which is said where it matters") {
  const std::string variables =
      "env OMP_PROC_BIND=true OMP_PLACES=cores GOMP_CPU_AFFINITY=0 KMP_AFFINITY=compact "
      "OMP_NUM_THREADS=3";
  const int workers = driver == "sequential" ? 1 : 2;
  const std::string options = spin + " --repetitions 1 --json";
  const auto before = launch_all(driver, workers, {options, options + " --bind cores"});
  const auto runs =
      launch_all(driver, workers, {options, options + " --bind cores", spin}, variables);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto expected = lines_of_json(before[i].out).front();
    const auto line = lines_of_json(runs[i].out).front();
    CHECK(line["workers"] == expected["workers"]);
    for (std::size_t w = 0; w < line["places"].size(); ++w) {
      CHECK(line["places"][w]["cpus"] == expected["places"][w]["cpus"]);
    }
    const std::string warnings = line["warnings"].dump();
    const std::size_t more = i == 0 && workers > 1 ? 1 : 0;
    CHECK(contains(warnings,
                   "GOMP_CPU_AFFINITY, KMP_AFFINITY, OMP_PLACES, OMP_PROC_BIND are "
                   "set") == (more == 1));
    CHECK(line["warnings"].size() == expected["warnings"].size() + more);
  }
  std::size_t told = 0;
  for (const std::string& warning : warnings_in(runs[2].err)) {
    told += contains(warning, "but no driver obeys them") ? 1 : 0;
  }
  CHECK(told == (workers > 1 ? 1 : 0));
}

TEST_CASE("OMP_NUM_THREADS changes the number of workers of no driver") {
  const auto workers_with = [](const std::string& variables) {
    const Outcome run = shell(fmt::format("{} '{}/drivers/{}' {} --repetitions 1 --json", variables,
                                          the_kit, driver, spin));
    INFO(run.err);
    CHECK(run.status == 0);
    return field(run.out, "workers");
  };
  CHECK(workers_with("OMP_NUM_THREADS=5") == workers_with("env -u OMP_NUM_THREADS"));
}
