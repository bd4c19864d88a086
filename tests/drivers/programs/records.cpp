// What a run leaves behind, of each driver: the lines of --record, and that they tell the truth.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
using nlohmann::json;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 3;

std::vector<json> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return lines_of_json(text.str());
}

/// The only file of a folder.
std::string only_file_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  REQUIRE(files.size() == 1);
  return files[0];
}

double sum(const json& numbers) {
  double total = 0;
  for (const json& number : numbers) total += number.get<double>();
  return total;
}

bool is_valid(const std::string& path) {
  const Outcome run = shell(fmt::format("'{}/results/validate' '{}'", the_kit, path));
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  return run.status == 0;
}

}  // namespace

TEST_CASE("--record FILE appends the run, its repetitions and the end; --json prints the same") {
  const Folder folder;
  const std::string file = folder / "records.jsonl";
  std::string printed;
  for (const int repetitions : {2, 1}) {
    const Outcome run = launch(driver, workers,
                               fmt::format("--kernel spin --tasks 50 --task-units 10 --seed 9 "
                                           "--repetitions {} --json --record '{}'",
                                           repetitions, file));
    CHECK(run.status == 0);
    printed += run.out;
  }
  const auto lines = lines_of(file);
  CHECK(lines == lines_of_json(printed));
  REQUIRE(lines.size() == 5 + 4);  // with a warm-up each
  CHECK(lines[0]["kind"] == "run");
  CHECK(lines[0]["schema"] == 1);
  CHECK(lines[0]["driver"] == driver);
  CHECK(lines[0]["options"]["task-units"] == "10");
  CHECK(lines[0]["options"]["seed"] == "9");
  CHECK(lines[4]["kind"] == "end");
  CHECK(lines[4]["status"] == "done");
  CHECK(lines[5]["run"] != lines[0]["run"]);
  CHECK(is_valid(file));
}

TEST_CASE("--record FOLDER gets a new file from each run") {
  const Folder folder;
  const std::string options =
      fmt::format("--kernel spin --tasks 5 --quiet --repetitions 1 --record '{}'", folder / "new");
  CHECK(launch(driver, workers, options).status == 0);
  CHECK(lines_of(only_file_in(folder / "new")).size() == 4);
  CHECK(launch(driver, workers, options).status == 0);
  const auto files = std::filesystem::directory_iterator(folder / "new");
  CHECK(std::distance(begin(files), end(files)) == 2);
  CHECK(is_valid(folder / "new"));
}

TEST_CASE("the line of the run says where it ran, as the system does") {
  const Outcome run = launch(driver, workers, "--kernel spin --tasks 5 --repetitions 1 --json");
  const json line = lines_of_json(run.out).front();
  REQUIRE(line["places"].size() == static_cast<std::size_t>(workers));
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  const std::string allowed =
      shell("sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/self/status | tr -d '\\n'").out;
  for (const json& place : line["places"]) {
    CHECK(place["host"] == std::string(name));
    CHECK(place["cpus"] == allowed);
    CHECK(place["pid"] > 1);
  }
  REQUIRE(line["machines"].size() == 1);
  CHECK(line["machines"][0]["host"] == std::string(name));
  CHECK(line["machines"][0]["cpus"].dump() == shell("getconf _NPROCESSORS_ONLN | tr -d '\\n'").out);
  CHECK(line["build"]["kernels_code"].get<std::string>().size() == 16);
  CHECK(contains(line["command"][0], "/drivers/" + driver));
  CHECK(line["start_seconds"] > 0.0);
  CHECK((line["init_seconds"] > 0.0) == (driver == "mpi"));
}

TEST_CASE("all of a worker's time is accounted for, and compute is the work that is known") {
  const std::string options = "--kernel sleep --tasks 60 --task-time 5ms --repetitions 2 --json";
  const auto runs = launch_all(driver, workers,
                               {options + " --schedule static", options + " --schedule dynamic",
                                options + " --schedule guided"});
  for (const Outcome& run : runs) {
    double least = 1e9;
    for (const json& line : repetitions_in(run.out)) {
      INFO(line.dump());
      const json& accounts = line["accounts"];
      const double seconds = line["seconds"];
      for (const json& rest : accounts["unaccounted_seconds"]) {
        CHECK(std::abs(rest.get<double>()) < 0.02 * seconds);
      }
      const double compute = sum(accounts["compute_seconds"]);
      CHECK(compute >= 60 * 5e-3);
      CHECK(compute <= workers * seconds);
      CHECK(sum(accounts["cpu_seconds"]) < 0.5 * compute);
      CHECK(sum(accounts["tasks"]) == 60);
      CHECK(sum(accounts["parts"]) == 60);
      least = std::min(least, compute);
    }
    // On a busy machine a sleeper wakes up late, not always as late.
    CHECK(least <= 60 * 5e-3 * 2 * patience);
  }
}

TEST_CASE("of short tasks only some are timed, and of none without accounting") {
  const std::string options =
      "--kernel spin --task-units 0 --tasks 100000 --schedule dynamic --repetitions 1 --json";
  const auto runs = launch_all(driver, workers, {options, options + " --no-accounting"});
  const json timed = repetitions_in(runs[0].out).back()["accounts"];
  CHECK(sum(timed["parts"]) == 100'000);
  CHECK(sum(timed["timed_parts"]) > 100);
  CHECK(sum(timed["timed_parts"]) < 50'000);
  const Outcome& floor = runs[1];
  CHECK(lines_of_json(floor.out).front()["accounting"] == false);
  const json accounts = repetitions_in(floor.out).back()["accounts"];
  CHECK(sum(accounts["tasks"]) == 100'000);
  CHECK(accounts.size() == 1);
}

TEST_CASE("an injected serial fraction is read back from the timers alone") {
  const std::string kernel =
      "--kernel sleep --tasks 20 --task-time 50ms --serial-fraction 0.05 --repetitions 5 --json";
  std::vector<std::string> starts = {""};
  if (driver == "mpi") starts.push_back("SCALELAB_RANKS_PER_NODE=2");
  const std::string once = " --tasks 20 --task-time 50ms --repetitions 1 --warmup 0 --json";
  Started alone(launching("sequential", 1, "--kernel sleep --serial-fraction 0.05" + once));
  Started without(launching("sequential", 1, "--kernel sleep" + once));
  std::string digest;
  for (const std::string& start : starts) {
    const Outcome run = shell(launching(driver, workers, kernel, the_kit, start));
    CHECK(run.status == 0);
    CHECK(field(run.out, "serial_units") == "50000.0");  // 5 % of 1 s
    std::vector<double> errors;
    for (const json& line : repetitions_in(run.out)) {
      INFO(line.dump());
      const double serial = line["serial_seconds"];
      // On a busy machine a sleeper may wake up late, by milliseconds.
      errors.push_back(std::abs(serial / sum(line["accounts"]["compute_seconds"]) - 0.05));
      for (int worker = 1; worker < workers; ++worker) {
        CHECK(line["accounts"]["idle_seconds"][static_cast<std::size_t>(worker)] > 0.9 * serial);
      }
    }
    INFO(run.out);
    std::sort(errors.begin(), errors.end());
    REQUIRE(errors.size() == 6);
    CHECK(errors[2] < 0.0025 * patience);  // the median, the lower of two
    if (digest.empty()) digest = field(run.out, "digest");
    CHECK(field(run.out, "digest") == digest);
  }
  CHECK(field(alone.wait().out, "digest") == digest);
  CHECK(field(without.wait().out, "digest") != digest);
}

TEST_CASE("a run that fails has its record, and what was measured before") {
  const Folder folder;
  const std::string file = folder / "failed.jsonl";
  const Outcome run =
      launch(driver, workers,
             fmt::format("--kernel faulty --tasks 20 --fail-at 7 --record '{}'", file), faulty);
  CHECK(run.status == 1);
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["kind"] == "run");
  CHECK(lines[1]["status"] == "failed");
  CHECK(lines[1]["exit"] == 1);
  CHECK(contains(lines[1]["reason"], "task 7 failed"));
}

TEST_CASE("a run that cannot begin has its record") {
  const Folder folder;
  const std::string file = folder / "failed.jsonl";
  const Outcome run = launch(
      driver, workers,
      fmt::format("--kernel many-models --data /no/such/file --target y --record '{}'", file));
  CHECK(run.status != 0);
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["kernel"] == "many-models");
  CHECK(lines[1]["status"] == "failed");
  CHECK(contains(lines[1]["reason"], "/no/such/file"));
  CHECK(contains(run.err, lines[1]["reason"].get<std::string>()));
}

TEST_CASE("a run that is killed leaves whole lines, and no end") {
  const Folder folder;
  const std::string file = folder / "killed.jsonl";
  Started run(launching(
      driver, workers,
      fmt::format(
          "--kernel sleep --tasks 30 --task-time 5ms --repetitions 1000 --quiet --record '{}'",
          file)));
  REQUIRE(eventually(20 * patience, [&] { return lines_of(file).size() >= 4; }));
  for (const pid_t pid : alive(driver)) kill(pid, SIGKILL);
  run.wait(20);
  const auto lines = lines_of(file);
  CHECK(lines.front()["kind"] == "run");
  CHECK(lines.back()["kind"] == "repetition");
  const Outcome checked = shell(fmt::format("'{}/results/validate' '{}'", the_kit, file));
  CHECK(checked.status == 1);
  CHECK(contains(checked.out + checked.err, "cut off"));
  CHECK(nobody_left(5));
}

TEST_CASE("a limit of the size of files ends a run with a word") {
  if (driver == "mpi") return;  // MPI's own shared memory is above it
  const Folder folder;
  const Outcome run = shell(fmt::format(
      "ulimit -f 8; SCALELAB_BUILD='{}' '{}' {} -n {} -- --kernel spin --tasks 5 --task-units 1 "
      "--repetitions 1000 --quiet --record '{}'",
      the_kit, LAUNCHER, driver, workers, folder / "x.jsonl"));
  CHECK(run.status == 1);
  CHECK(contains(run.err, "x.jsonl"));
}

TEST_CASE("whoever reads the lines of --json may stop") {
  if (driver == "mpi") return;  // whose launcher reads them all
  const Outcome run =
      shell(fmt::format("set -o pipefail; '{}/drivers/{}' --kernel sleep --task-time 10ms --tasks "
                        "5 --json | head -n 1",
                        the_kit, driver));
  CHECK(run.status == 1);
  CHECK(contains(run.err, "standard output cannot be written"));
  CHECK(lines_in(run.out) == 1);
}

TEST_CASE("a file that cannot be written is found before the first task") {
  const Outcome run = launch(
      driver, workers, "--kernel sleep --tasks 1 --task-time 30s --record /no/such/folder/x.jsonl");
  CHECK(run.status == 1);
  CHECK(contains(run.err, "--record"));
  CHECK(contains(run.err, "/no/such/folder/x.jsonl"));
}
