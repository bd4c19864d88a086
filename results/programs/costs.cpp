// costs FILE...: what each driver costs apart from any work, from runs with --costs: starting it,
// barriers, messages, handing out a task; and how long work must be so that this does not matter.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "results/programs/program.hpp"
#include "results/record/read_records.hpp"
#include "results/statistics/statistics.hpp"
#include "results/studies/warnings.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// Of the time: as much as fixed costs may be before they matter.
constexpr double tolerable = 0.05;

/// What a run's record calls a cost, and what the table does, in its order.
struct Known {
  const char* name;
  const char* text;
};
constexpr std::array<Known, 8> known{{
    {"init", "MPI_Init"},
    {"start", "start all workers"},
    {"fork", "fork and end a process"},
    {"region", "empty parallel region"},
    {"barrier", "barrier"},
    {"polite-barrier", "barrier that burns no core"},
    {"round", "a word to all and back"},
    {"task", "hand out one task"},
}};

/// One quantity of one configuration. Ordered as the table is.
struct What {
  std::size_t place;  ///< in `known`, or behind all of them
  std::string name;
  std::string driver;
  std::uint64_t workers;
  std::uint64_t bytes;
  auto operator<=>(const What&) const = default;
};

What what_of(const Run& run, const std::string& name, std::uint64_t bytes = 0) {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Known& k) { return name == k.name; });
  return {static_cast<std::size_t>(found - known.begin()), name, run.driver, run.workers, bytes};
}

bool is_message(const What& what) { return what.name == "broadcast" || what.name == "ping-pong"; }

/// What costs what, from a sample of each run: inside one process costs are too much alike.
class Costs {
 public:
  void add(const Run& run, const Cost& cost) {
    if (cost.seconds.empty()) return;
    if (cost.run != last_run_) {
      last_run_ = cost.run;
      if (run.init_seconds > 0) sample(what_of(run, "init"), run.init_seconds);
      sample(what_of(run, "start"), run.start_seconds);
    }
    sample(what_of(run, cost.name, cost.bytes), median_of(cost.seconds).value);
    take_note(run);
  }

  /// Tasks without any work, handed out one by one: all of the time is the handing out.
  void add(const Run& run, const Repetition& repetition) {
    const bool empty = run.work && run.work->total == 0 && run.work->serial == 0 && !run.waits &&
                       !run.bytes_per_unit;
    const bool one_by_one = run.schedule == "dynamic" && run.chunk <= 1;
    if (!empty || !one_by_one || !counts(repetition) || run.tasks == 0) return;
    tasks_[{what_of(run, "task"), run.id}].push_back(
        repetition.seconds * static_cast<double>(run.workers) / static_cast<double>(run.tasks));
    take_note(run);
  }

  /// All runs have been read.
  void finish() {
    for (const auto& [task, seconds] : tasks_) sample(task.first, median_of(seconds).value);
    tasks_.clear();
    if (samples_.empty()) {
      throw std::runtime_error("no costs: expected records of runs with --costs");
    }
  }

  std::map<What, Median> medians() const {
    std::map<What, Median> medians;
    for (const auto& [what, seconds] : samples_) medians.emplace(what, median_of(seconds));
    return medians;
  }

  std::size_t runs(const What& what) const { return samples_.at(what).size(); }
  const std::set<std::string>& hosts() const { return hosts_; }
  const Warnings& warnings() const { return warnings_; }

 private:
  void sample(const What& what, double seconds) { samples_[what].push_back(seconds); }

  void take_note(const Run& run) {
    for (const Machine& machine : run.machines) {
      hosts_.insert(fmt::format("{}, {}, {} cores", machine.host, machine.cpu.value_or("unknown"),
                                machine.cores.value_or(machine.cpus)));
    }
    warnings_.add(run);
  }

  std::string last_run_;
  std::map<What, std::vector<double>> samples_;                        ///< one of each run
  std::map<std::pair<What, std::string>, std::vector<double>> tasks_;  ///< by run: repetitions
  std::set<std::string> hosts_;
  Warnings warnings_;
};

std::string text_of(const What& what) {
  const std::string name = what.place < known.size() ? known[what.place].text : what.name;
  if (what.bytes == 0) return name;
  if (what.name == "fork") return fmt::format("  with {} resident", text_of_bytes(what.bytes));
  return name + ", " + text_of_bytes(what.bytes);
}

void print_table(const Costs& costs, const std::map<What, Median>& medians) {
  fmt::print("{:<27} {:<10} {:>7} {:>8}  {:<19} {:>3}\n", "what it costs", "driver", "workers",
             "median", "95 % interval", "n");
  for (const auto& [what, median] : medians) {
    if (is_message(what)) continue;
    fmt::print("{:<27} {:<10} {:>7} {:>8}  {:<19} {:>3}\n", text_of(what), what.driver,
               what.workers, text_of_seconds(median.value), text_of_interval(median),
               costs.runs(what));
  }
}

/// Broadcast and ping-pong of a driver, by size.
void print_messages(const Costs& costs, const std::map<What, Median>& medians) {
  std::map<std::tuple<std::string, std::uint64_t>, std::set<std::uint64_t>> sizes;
  for (const auto& [what, median] : medians) {
    if (is_message(what)) sizes[{what.driver, what.workers}].insert(what.bytes);
  }
  for (const auto& [of, all] : sizes) {
    const auto& [driver, workers] = of;
    fmt::print("\nmessages: {}, {} workers\n{:>8} {:>9}  {:<19} {:>9}  {:<19} {:>4} {:>3}\n",
               driver, workers, "size", "broadcast", "95 % interval", "ping-pong", "95 % interval",
               "GB/s", "n");
    for (const std::uint64_t bytes : all) {
      std::string line = fmt::format("{:>8}", text_of_bytes(bytes));
      std::string rate;
      std::size_t runs = 0;
      for (const char* name : {"broadcast", "ping-pong"}) {
        const What what{known.size(), name, driver, workers, bytes};
        const auto found = medians.find(what);
        if (found == medians.end()) {
          line += fmt::format(" {:>9}  {:<19}", "-", "");
          continue;
        }
        const Median& median = found->second;
        line +=
            fmt::format(" {:>9}  {:<19}", text_of_seconds(median.value), text_of_interval(median));
        runs = costs.runs(what);
        if (name == std::string("ping-pong")) {
          rate = fmt::format("{:.2f}", static_cast<double>(bytes) / median.value * 1e-9);
        }
      }
      fmt::print("{} {:>4} {:>3}\n", line, rate, runs);
    }
  }
}

std::string text_of(std::optional<double> seconds) {
  return seconds ? text_of_seconds(*seconds) : "-";
}

void print_meaning(const std::map<What, Median>& medians) {
  struct Lengths {
    std::optional<double> task, between_barriers, run;
  };
  std::map<std::tuple<std::string, std::uint64_t>, Lengths> lengths;
  for (const auto& [what, median] : medians) {
    Lengths& row = lengths[{what.driver, what.workers}];
    const double length = median.value / tolerable;
    if (what.name == "task") row.task = length;
    if (what.name == "barrier" || what.name == "round") row.between_barriers = length;
    if (what.name == "init" || what.name == "start") row.run = row.run.value_or(0) + length;
  }
  fmt::print(
      "\nWhat it means: so that a cost is at most {:.0f} % of the work it is for, work lasts\n"
      "at least\n{:<10} {:>7}  {:>11}  {:>16}  {:>10}\n",
      tolerable * 100, "driver", "workers", "in one task", "between barriers", "in all");
  for (const auto& [of, row] : lengths) {
    fmt::print("{:<10} {:>7}  {:>11}  {:>16}  {:>10}\n", std::get<0>(of), std::get<1>(of),
               text_of(row.task), text_of(row.between_barriers), text_of(row.run));
  }
}

void print(const Costs& costs) {
  const std::map<What, Median> medians = costs.medians();
  for (const std::string& host : costs.hosts()) fmt::print("{}\n", host);
  fmt::print("\n");
  print_table(costs, medians);
  print_messages(costs, medians);
  if (std::any_of(medians.begin(), medians.end(),
                  [](const auto& row) { return !row.second.confident; })) {
    fmt::print("\n* fewer than 6 runs: smallest and largest\n");
  }
  print_meaning(medians);
  fmt::print("{}", costs.warnings().text());
}

int main(int argc, char** argv) {
  return run_program("costs", [&] {
    Costs costs;
    read_records(paths_in({argv + 1, argv + argc}, "files of records, FILE.jsonl"),
                 {.repetition = [&](const Run& run,
                                    const Repetition& repetition) { costs.add(run, repetition); },
                  .cost = [&](const Run& run, const Cost& cost) { costs.add(run, cost); },
                  .finding = [](const Finding& finding) { tell("costs", finding); }});
    costs.finish();
    print(costs);
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
