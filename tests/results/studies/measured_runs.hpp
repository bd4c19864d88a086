#pragma once

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <vector>

#include "results/record/record.hpp"
#include "tests/results/record/lines.hpp"

namespace scalelab::test {

/// A folder with records of runs that never were, so that what they say is known.
class MeasuredRuns {
 public:
  std::string path() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

  /// A run of spin on a machine with 64 cores.
  Run run(const std::string& driver, std::uint64_t workers) {
    Run run;
    run.id = fmt::format("run-{:05}", ++runs_);
    run.started = fmt::format("2026-11-22T20:{:02}:{:02}.{:03}Z", runs_ / 60 % 60, runs_ % 60,
                              runs_ / 3600 % 1000);
    run.command = {"drivers/" + driver, "--kernel", "spin"};
    run.driver = driver;
    run.kernel = "spin";
    run.workers = workers;
    run.tasks = 1000;
    run.scaling = "strong";
    run.schedule = "static";
    run.bind = "cores";
    run.options = {{"seed", "1"}, {"task-time", "50us"}, {"task-units", "6000"}};
    run.repetitions = "1";
    run.work = Work{6e6, 6000};
    run.seconds_per_unit = 1e-9;
    Machine machine;
    machine.host = "node1";
    machine.cpu = "Abacus 3000";
    machine.cpus = 64;
    machine.cores = 64;
    run.machines = {machine};
    run.build = {"0.1.0", "GNU 12", "-O3", "Release", "00ff", "abc", false, {{"fmt", "9"}}};
    for (std::uint64_t w = 0; w < workers; ++w) {
      run.places.push_back({"node1", 1000 + w, fmt::format("{}", w)});
    }
    return run;
  }

  /// Each repetition of all workers computing all the time.
  void add(const Run& run, const std::vector<double>& seconds) {
    begin(run);
    for (const double time : seconds) {
      repeat(run, time, std::vector<double>(run.workers, time));
    }
  }

  /// One repetition, whose workers compute for a part of the time and wait for the rest.
  void add_waiting(const Run& run, double seconds, double compute) {
    begin(run);
    repeat(run, seconds, std::vector<double>(run.workers, compute));
  }

  /// Of its compute time each worker was on a CPU.
  double cpu_share = 1;
  std::vector<double> cpu_seconds;  ///< of each worker, instead
  bool even_tasks = false;          ///< each worker has as many; else the first has all
  std::optional<double> stopped_seconds, suspended_seconds;  ///< of each repetition

  /// Writes its first line.
  void begin(const Run& run) {
    repetition_ = 0;
    write(to_json(run));
  }

  /// The next repetition. What is not compute is idle. @param compute  empty: without accounting
  void repeat(const Run& run, double seconds, const std::vector<double>& compute,
              std::optional<double> serial = {}, std::uint64_t resumed = 0) {
    Repetition repetition;
    repetition.run = run.id;
    repetition.number = ++repetition_;
    repetition.seconds = seconds;
    repetition.at_seconds = static_cast<double>(repetition_) * 100;
    repetition.digest = "cbf29ce484222325";
    repetition.serial_seconds = serial;
    repetition.resumed_tasks = resumed;
    repetition.stopped_seconds = stopped_seconds;
    repetition.suspended_seconds = suspended_seconds;
    Accounts& accounts = repetition.workers;
    for (const double time : compute) {
      accounts.compute_seconds.push_back(time);
      accounts.cpu_seconds.push_back(time * cpu_share);
      accounts.idle_seconds.push_back(seconds - time);
    }
    accounts.tasks.resize(run.workers);
    accounts.parts.resize(run.workers, 1);
    accounts.timed_parts.resize(run.workers, 1);
    accounts.tasks.front() = run.tasks - resumed;
    for (std::uint64_t w = 0; even_tasks && w < run.workers; ++w) {
      accounts.tasks[w] = run.tasks / run.workers + (w < run.tasks % run.workers ? 1 : 0);
    }
    if (!cpu_seconds.empty()) accounts.cpu_seconds = cpu_seconds;
    accounts.dispatch_seconds.resize(compute.size());
    accounts.communication_seconds.resize(compute.size());
    accounts.unaccounted_seconds.resize(compute.size());
    write(to_json(repetition));
  }

 private:
  void write(const std::string& line) {
    std::ofstream(folder_ / "records.jsonl", std::ios::app) << line << '\n';
  }

  TestFolder folder_;
  std::uint64_t runs_ = 0;
  std::uint64_t repetition_ = 0;
};

}  // namespace scalelab::test
