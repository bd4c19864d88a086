// --costs: each driver measures what it has, and nothing that it has not.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
// Two on two cores would wait for each other without giving way to whatever else runs.
const int workers = driver == "sequential" ? 1 : 3;
const std::string work = "--kernel spin --task-units 0 --tasks 100 --repetitions 2 --costs";

std::vector<nlohmann::json> costs_in(const std::string& text) {
  std::vector<nlohmann::json> all = lines_of_json(text);
  std::erase_if(all, [](const nlohmann::json& line) { return line["kind"] != "cost"; });
  return all;
}

std::set<std::string> names_of(const std::vector<nlohmann::json>& costs) {
  std::set<std::string> names;
  for (const auto& cost : costs) names.insert(cost["cost"].get<std::string>());
  return names;
}

std::set<std::string> promised(int with_workers) {
  if (driver == "processes") return {"fork", "round"};
  if (driver == "openmp" && with_workers > 1) return {"barrier", "region"};
  if (driver == "mpi" && with_workers > 1) {
    return {"barrier", "broadcast", "ping-pong", "polite-barrier"};
  }
  return {};
}

/// The fastest sample, by bytes: hardly disturbed by whatever else the machine does.
std::map<std::uint64_t, double> fastest(const std::vector<nlohmann::json>& costs,
                                        const std::string& name) {
  std::map<std::uint64_t, double> fastest;
  for (const auto& cost : costs) {
    if (cost["cost"] != name) continue;
    const auto seconds = cost["seconds"].get<std::vector<double>>();
    fastest[cost["bytes"]] = *std::min_element(seconds.begin(), seconds.end());
  }
  return fastest;
}

/// Measuring takes longer than all else: what one run prints is looked at by several tests.
const Outcome& run_of_lines() {
  static const Outcome run = launch(driver, workers, work + " --json");
  return run;
}

const int many = driver == "sequential" ? 1 : 8;  // on few cores

/// For people, and with a record. Of mpi, each rank has threads, which change nothing about what
/// the ranks cost.
struct Recorded {
  Folder folder;
  std::string path = folder / "costs.jsonl";
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  Outcome run =
      launch(driver, many,
             work + (driver == "mpi" ? " --threads-per-rank 2" : "") + " --record '" + path + "'");
  double seconds = seconds_since(begin);
};
const Recorded& run_for_people() {
  static const Recorded recorded;
  return recorded;
}

}  // namespace

TEST_CASE("--costs adds a line for each cost that the driver has") {
  const Outcome& run = run_of_lines();
  INFO(run.out << run.err);
  REQUIRE(run.status == 0);
  const auto lines = lines_of_json(run.out);
  CHECK(lines.front()["kind"] == "run");
  CHECK(lines.back()["kind"] == "end");
  CHECK(lines.back()["status"] == "done");
  CHECK(lines.back()["exit"] == 0);
  CHECK(repetitions_in(run.out).size() == 3);
  const auto costs = costs_in(run.out);
  CHECK(names_of(costs) == promised(workers));
  std::set<std::pair<std::string, std::uint64_t>> different;
  for (const auto& cost : costs) {
    CHECK(cost["run"] == lines.front()["run"]);
    different.emplace(cost["cost"], cost["bytes"]);
    const auto seconds = cost["seconds"].get<std::vector<double>>();
    CHECK(seconds.size() >= 11);
    for (const double sample : seconds) {
      CHECK(std::isfinite(sample));
      CHECK(sample > 0);
      CHECK(sample < 20);
    }
  }
  CHECK(different.size() == costs.size());
}

TEST_CASE("a record with costs is found to be in order") {
  const Recorded& recorded = run_for_people();
  CHECK(recorded.run.status == 0);
  const Outcome verdict = shell(fmt::format("'{}/results/validate' '{}'", the_kit, recorded.path));
  INFO(verdict.out << verdict.err);
  CHECK(verdict.status == 0);
}

TEST_CASE("one worker alone has no barrier and no message; --quiet prints nothing of what it has") {
  const Folder folder;
  const std::string path = folder / "costs.jsonl";
  const Outcome run = launch(driver, 1, work + " --quiet --record '" + path + "'");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(run.out.empty());
  const Outcome record = shell(fmt::format("cat '{}'", path));
  CHECK(repetitions_in(record.out).size() == 3);
  CHECK(names_of(costs_in(record.out)) == promised(1));
}

TEST_CASE("larger messages take longer, but no longer than a slow network would need") {
  if (driver != "mpi") return;
  const auto measured = [] { return costs_in(launch(driver, 2, work + " --json").out); };
  std::vector<nlohmann::json> costs = measured();  // a core for each
  // Of ranks that hardly get a core, as on a busy machine, the smallest may take as long as the
  // largest.
  const auto grow = [&](const std::string& name) {
    const auto seconds = fastest(costs, name);
    return !seconds.empty() && seconds.rbegin()->second > 2 * seconds.begin()->second;
  };
  for (int tries = 1; tries < 5 && !(grow("broadcast") && grow("ping-pong")); ++tries) {
    costs = measured();
  }
  for (const std::string name : {"broadcast", "ping-pong"}) {
    const auto seconds = fastest(costs, name);
    REQUIRE(seconds.size() >= 5);  // the largest may be left out
    std::uint64_t expected = 8;
    for (const auto& [bytes, time] : seconds) {
      INFO(name << ' ' << bytes << ' ' << time);
      CHECK(bytes == expected);
      CHECK(time < 1 + static_cast<double>(bytes) * 1e-7);  // 10 MB/s
      CHECK(time > static_cast<double>(bytes) * 1e-12);     // 1 TB/s
      expected *= 8;
    }
    CHECK(seconds.rbegin()->first <= std::uint64_t{1} << 24);
    CHECK(grow(name));
  }
}

TEST_CASE("a barrier of many on few cores is measured too, in bounded time") {
  const Recorded& recorded = run_for_people();
  INFO(recorded.run.out << recorded.run.err);
  CHECK(recorded.run.status == 0);
  const Outcome record = shell(fmt::format("cat '{}'", recorded.path));
  CHECK(names_of(costs_in(record.out)) == promised(many));
  CHECK(recorded.seconds < 60 * patience);
}

TEST_CASE("a fork with a gigabyte resident copies its page tables, which takes longer") {
  if (driver != "processes") return;
  const auto seconds = fastest(costs_in(run_of_lines().out), "fork");
  REQUIRE(seconds.contains(0));
  if (seconds.size() == 1) {
    WARN("not tried: this machine has little memory");
    return;
  }
  CHECK(seconds.rbegin()->first == std::uint64_t{1} << 30);
  // Huge pages need few page tables.
  const std::string huge = shell("cat /sys/kernel/mm/transparent_hugepage/enabled").out;
  if (!contains(huge, "[always]")) CHECK(seconds.at(1 << 30) > 2 * seconds.at(0));
}

TEST_CASE("people see the costs below the summary") {
  const Outcome& run = run_for_people().run;
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  for (const std::string& name : promised(many)) {
    CHECK(contains(run.out.substr(run.out.find("digest")), " " + name));
  }
  CHECK(contains(run.out, "\n  costs ") == !promised(many).empty());
}

TEST_CASE("without --costs nothing of them is measured") {
  const Outcome run =
      launch(driver, workers, "--kernel spin --task-units 0 --tasks 100 --repetitions 2 --json");
  CHECK(run.status == 0);
  CHECK(costs_in(run.out).empty());
}

TEST_CASE("--costs is refused in one line where it is said wrongly") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--kernel spin --costs=yes", "--costs: expected no value"},
      {"--kernel spin --costs barrier", "'barrier': expected an option"},
      {"--kernel spin --cost", "--cost: unknown option"},
      {"--costs", "--kernel: expected"}};
  std::vector<std::string> options;
  for (const auto& each : wrong) options.push_back(each.first);
  const std::vector<Outcome> runs = launch_all(driver, workers, options);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    INFO(options[i] << '\n' << runs[i].err);
    CHECK(runs[i].status == 2);
    CHECK(contains(runs[i].err, wrong[i].second));
    CHECK(lines_in(without_warnings(runs[i].err)) == 1);
    CHECK(runs[i].out.empty());
  }
}
