// --dry-run: what a run would be, without one. In every driver.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
using nlohmann::json;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 3;
const std::string fits = "--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target ";

/// The line of each run, its only one.
std::vector<json> dry_runs(std::vector<std::string> all) {
  for (std::string& options : all) options += " --dry-run";
  std::vector<json> runs;
  for (const Outcome& run : launch_all(driver, workers, all)) {
    INFO(all[runs.size()] << '\n' << run.err);
    REQUIRE(run.status == 0);
    CHECK(run.err.empty());
    const auto lines = lines_of_json(run.out);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["kind"] == "run");
    runs.push_back(lines[0]);
  }
  return runs;
}

json dry_run(const std::string& options) { return dry_runs({options}).front(); }

}  // namespace

TEST_CASE("dry run: says what would be run, by whom and how") {
  const json run =
      dry_run("--kernel sleep --tasks-per-worker 20 --task-time 3ms --schedule guided");
  CHECK(run["driver"] == driver);
  CHECK(run["kernel"] == "sleep");
  CHECK(run["waits"] == true);
  CHECK(run["workers"] == workers);
  CHECK(run["tasks"] == 20 * workers);
  CHECK(run["scaling"] == "weak");
  CHECK(run["schedule"] == "guided");
  CHECK(run["options"]["task-units"] == "3000");
  CHECK(run["work_units"] == 60'000.0 * workers);
  CHECK(run["command"].back() == "--dry-run");
}

TEST_CASE("dry run: reads the data") {
  const json run = dry_run(fits + "progression --tasks 7");
  CHECK(run["waits"] == false);
  // It does not say, and that is said.
  for (const char* field : {"bound_by", "time_option", "units_option"}) CHECK(run[field] == "");
  CHECK(contains(run["data"], "diabetes.csv"));
  CHECK(run["data_bytes"] == 442 * 12 * 8);  // with a column of ones
}

TEST_CASE("dry run: tells what of a file was left out, and what may not have been meant") {
  const std::string path =
      std::filesystem::temp_directory_path() / fmt::format("scalelab-dry-run-{}.csv", getpid());
  std::ofstream(path) << "no;x;s\xE4;y\n1;1,5;m;2\n2;2,5;f;NA\n3;4;f;1\n4;1;m;3\n5;7;m;3\n";
  const std::string fit = "--kernel many-models --target y --na drop --data " + path;
  const auto runs =
      dry_runs({fit + " --columns no,x", fit + " --without 's\xE4'", fits + "progression"});
  std::filesystem::remove(path);
  CHECK(runs[0]["data_notes"] == json{"fields separated by semicolons",
                                      "numbers with a decimal comma", "only columns no, x",
                                      "1 of 5 rows left out, for want of a value (line 3)"});
  CHECK(runs[0]["options"]["na"] == "drop");
  CHECK(runs[0]["data_bytes"] == 4 * 4 * 8);
  CHECK(contains(runs[1]["data_notes"][2], "without column s"));
  CHECK(contains(runs[1]["warnings"].dump(),
                 "column 'no' is 1 to 5, as row numbers are: --without no leaves it out"));
  CHECK_FALSE(runs[2].contains("data_notes"));
}

TEST_CASE("dry run: a task's time becomes units of work") {
  const json run = dry_run("--kernel spin --tasks 5 --task-time 2ms");
  const double units = std::stod(run["options"]["task-units"].get<std::string>());
  CHECK(units > 100);
  CHECK(run["work_units"] == 5 * units);
  CHECK(run["options"]["task-time"] == "2ms");
  CHECK(run["time_option"] == "task-time");
  CHECK(run["units_option"] == "task-units");
}

TEST_CASE("dry run: what it prints is what the run then records") {
  const std::string options =
      "--kernel spin --tasks 30 --task-units 5 --skew pareto --chunk 4 "
      "--schedule dynamic --bind cores --seed 7 --repetitions 3";
  json dry = dry_run(options);
  json wet = lines_of_json(launch(driver, workers, options + " --json").out).front();
  for (const char* own : {"run", "started", "command", "warnings", "places", "machines"}) {
    dry.erase(own);
    wet.erase(own);
  }
  for (const char* time :
       {"init_seconds", "load_seconds", "distribution_seconds", "start_seconds"}) {
    dry.erase(time);
    wet.erase(time);
  }
  CHECK(dry == wet);
}

TEST_CASE("dry run: computes nothing") {
  const auto begin = std::chrono::steady_clock::now();
  dry_run("--kernel sleep --tasks 100 --task-time 60s --costs");
  CHECK(seconds_since(begin) < 20 * patience);
}

TEST_CASE("dry run: makes no file") {
  const Folder folder;
  dry_runs(
      {fmt::format("--kernel spin --tasks 5 --task-units 5 --record '{0}/new/folder' "
                   "--values '{0}/values.csv' --trace '{0}/trace.json' --journal '{0}/journal'",
                   folder.path()),
       fmt::format("--kernel spin --tasks 5 --task-units 5 --record '{}/a.jsonl' --values -",
                   folder.path())});
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("dry run: prints its line also where a run would print others, or none") {
  const auto runs = dry_runs({"--kernel spin --tasks 5 --task-units 5 --json",
                              "--kernel spin --tasks 6 --task-units 5 --quiet"});
  CHECK(runs[0]["tasks"] == 5);
  CHECK(runs[1]["tasks"] == 6);
}

TEST_CASE("dry run: what a run would refuse before its work is refused in the same words") {
  struct Wrong {
    std::string options, message;
    int status;
  };
  const std::vector<Wrong> all = {
      {"--kernel foo", "--kernel: expected many-models, ", 2},
      {"--kernel spin --foo 3", "--foo: unknown option", 2},
      {"--kernel spin --tasks 0", "--tasks: expected a whole number from 1 to", 2},
      {"--kernel sleep --task-time 400ns", "--task-time: 400ns is less than one unit", 2},
      {fits + "weight", "--target: expected a column of", 2},
      {fits + "weight --json", "--target: expected a column of", 2},
      {"--kernel many-models --target y --data /nowhere.csv",
       "/nowhere.csv: expected a CSV file that can be read", 1},
      {"--kernel spin --task-units 0 --tasks 5000000000 --schedule dynamic",
       "--chunk: expected at least 2 for 5000000000 tasks", 2}};
  std::vector<std::string> options;
  for (const Wrong& wrong : all) options.push_back(wrong.options + " --dry-run");
  const std::vector<Outcome> runs = launch_all(driver, workers, options);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(options[i] << '\n' << runs[i].err);
    CHECK(runs[i].status == all[i].status);
    CHECK(contains(runs[i].err, all[i].message));
    CHECK(lines_in(runs[i].err) == 1);
    CHECK(runs[i].out.empty());
  }
}

TEST_CASE("dry run: a lack of memory is a warning, since the run itself may be elsewhere") {
  const json run = dry_run("--kernel spin --task-units 0 --tasks 100000000000");
  CHECK(run["tasks"] == 100'000'000'000);
  const std::string warnings = run["warnings"].dump();
  if (driver == "mpi") {  // whose ranks cannot share them in /dev/shm, and have a copy each
    CHECK(contains(warnings, "need 2700 GB of memory (its values 2700 GB in 3 copies)"));
  } else {
    CHECK(contains(warnings, "need 900 GB of memory"));
  }
  CHECK(contains(warnings, "fewer tasks (--tasks)"));
  CHECK(contains(warnings, "would help"));
}

TEST_CASE("dry run: what it would need itself is refused: the data that it reads") {
  const Outcome run =
      launch(driver, workers, "--kernel many-models --rows 2147483648 --features 10000 --dry-run");
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "loading its data"));
  CHECK(contains(run.err, "less data (--rows, --features) would help"));
}

TEST_CASE("dry run: workers of a hybrid run are ranks times threads") {
  if (driver != "mpi") return;
  CHECK(dry_run("--kernel spin --tasks 5 --task-units 5 --threads-per-rank 2")["workers"] == 6);
}
