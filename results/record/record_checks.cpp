#include "results/record/record_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "results/record/cpu_list.hpp"

namespace scalelab {

namespace {

bool is_digest(const std::string& text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// "2026-11-22T20:15:00.123Z", with any number of decimals: such texts sort by time.
bool is_time(const std::string& text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size() || text.back() != 'Z') return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view decimals = std::string_view(text).substr(form.size());
  return std::equal(form.begin(), form.end(), text.begin(),
                    [&](char f, char c) { return f == '0' ? is_digit(c) : f == c; }) &&
         (decimals == "Z" || (decimals.front() == '.' && decimals.size() > 2 &&
                              std::all_of(decimals.begin() + 1, decimals.end() - 1, is_digit)));
}

/// Without the Z, which sorts after the dot of the decimals.
std::string_view sortable(const std::string& time) {
  return std::string_view(time).substr(0, time.size() - 1);
}

template <class T>
double at(const std::vector<T>& values, std::size_t worker) {
  return values.empty() ? 0 : static_cast<double>(values[worker]);
}

std::string lengths_problem(const Accounts& accounts, std::uint64_t workers) {
  std::string problem;
  const auto check = [&](const char* name, std::size_t size) {
    if (size == 0 || size == workers || !problem.empty()) return;
    problem = fmt::format("expected {} workers in '{}', found {}", workers, name, size);
  };
  check("accounts.compute_seconds", accounts.compute_seconds.size());
  check("accounts.dispatch_seconds", accounts.dispatch_seconds.size());
  check("accounts.communication_seconds", accounts.communication_seconds.size());
  check("accounts.idle_seconds", accounts.idle_seconds.size());
  check("accounts.unaccounted_seconds", accounts.unaccounted_seconds.size());
  check("accounts.cpu_seconds", accounts.cpu_seconds.size());
  check("accounts.tasks", accounts.tasks.size());
  check("accounts.parts", accounts.parts.size());
  check("accounts.timed_parts", accounts.timed_parts.size());
  check("accounts.voluntary_switches", accounts.voluntary_switches.size());
  check("accounts.involuntary_switches", accounts.involuntary_switches.size());
  check("accounts.migrations", accounts.migrations.size());
  return problem;
}

/// Once the lengths are right.
std::string accounts_problem(const Repetition& repetition, const Run& run) {
  const Accounts& accounts = repetition.workers;
  if (!accounts.tasks.empty()) {
    const std::uint64_t all =
        std::accumulate(accounts.tasks.begin(), accounts.tasks.end(), repetition.resumed_tasks);
    if (all != run.tasks) {
      return fmt::format("expected {} tasks, of all workers and resumed, found {}", run.tasks, all);
    }
  }
  for (std::size_t w = 0; w < accounts.timed_parts.size(); ++w) {
    const double parts = at(accounts.parts, w);
    if (at(accounts.timed_parts, w) <= parts) continue;
    return fmt::format("expected at most {:.0f} timed parts of worker {}, found {}", parts, w,
                       accounts.timed_parts[w]);
  }
  const double tolerance = 1e-6 + 1e-6 * repetition.seconds;
  for (std::size_t w = 0; w < accounts.compute_seconds.size(); ++w) {
    const double sum = at(accounts.compute_seconds, w) + at(accounts.dispatch_seconds, w) +
                       at(accounts.communication_seconds, w) + at(accounts.idle_seconds, w) +
                       at(accounts.unaccounted_seconds, w);
    if (std::abs(sum - repetition.seconds) <= tolerance) continue;
    return fmt::format("expected the times of worker {} to add up to {} s, found {} s", w,
                       repetition.seconds, sum);
  }
  return "";
}

/// A run that could not begin may not have said it.
std::string word_problem(const char* name, const std::string& found,
                         const std::vector<std::string>& allowed) {
  if (found.empty() || std::ranges::find(allowed, found) != allowed.end()) return "";
  return fmt::format("expected {} in '{}', found '{}'", fmt::join(allowed, " or "), name, found);
}

/// Lists of CPUs: whoever reads a record makes as many numbers of them.
class CpuLists {
 public:
  /// @returns what is wrong with the list; empty: nothing. One that is cut ("0-3,8,...") or of
  /// words is none, and not told.
  std::string add(const char* name, const std::string& list) {
    if (list.size() > longest_cpu_list) {
      return fmt::format("expected at most {} bytes in '{}'", longest_cpu_list, name);
    }
    const bool is_list = list.find_first_not_of("0123456789-,") == std::string::npos;
    const std::uint64_t count = is_list ? count_cpus(list) : 0;
    if (is_list && !list.empty() && count == 0) {
      return fmt::format("expected CPUs as in 0-3,8 in '{}', found '{}'", name, list);
    }
    all_ += count;
    if (count <= most_cpus && all_ <= most_in_all) return "";
    return fmt::format("expected at most {} CPUs in '{}', and {} in all of them, found {}",
                       most_cpus, name, most_in_all, std::max(count, all_));
  }

 private:
  /// Ten thousand workers that may each be on any of a thousand.
  static constexpr std::uint64_t most_in_all = std::uint64_t{1} << 24;

  std::uint64_t all_ = 0;
};

std::string cpus_problem(const Run& run) {
  CpuLists lists;
  std::string problem;
  const auto check = [&](const char* name, const std::string& list) {
    if (problem.empty()) problem = lists.add(name, list);
  };
  for (const Place& place : run.places) check("places[].cpus", place.cpus);
  for (const Machine& machine : run.machines) {
    check("machines[].slow_cpus", machine.slow_cpus.value_or(""));
    for (const std::string& core : machine.core_cpus) check("machines[].core_cpus", core);
  }
  return problem;
}

}  // namespace

std::string problem_of(const Run& run) {
  if (run.id.empty()) return "expected a name of the run in 'run', found none";
  if (!is_time(run.started)) {
    return fmt::format("expected a time as 2026-11-22T20:15:00Z in 'started', found '{}'",
                       run.started);
  }
  if (!run.places.empty() && run.places.size() != run.workers) {
    return fmt::format("expected {} workers in 'places', found {}", run.workers, run.places.size());
  }
  if (run.driver == sequential_driver && run.workers > 1) {
    return fmt::format("expected 1 worker of the driver {}, found {}", sequential_driver,
                       run.workers);
  }
  if (run.job && run.job->cpus == 0) return "expected at least 1 CPU in 'job.cpus', found 0";
  if (run.work && run.work->longest > run.work->total) {
    return fmt::format("expected 'longest_task_units' of at most {}, all 'work_units', found {}",
                       run.work->total, run.work->longest);
  }
  for (const std::string& problem :
       {word_problem("schedule", run.schedule, {"static", "dynamic", "guided"}),
        word_problem("scaling", run.scaling, {"strong", "weak"}),
        word_problem("bind", run.bind, {"cores", "none"})}) {
    if (!problem.empty()) return problem;
  }
  return cpus_problem(run);
}

std::string problem_of(const Repetition& repetition, const RunSoFar& before) {
  const char* kind = repetition.warmup ? "warm-up" : "repetition";
  const auto last = before.last_number.find(repetition.warmup);
  if (repetition.number == 0) return fmt::format("{}s are counted from 1, found 0", kind);
  if (last != before.last_number.end() && repetition.number <= last->second) {
    return fmt::format("{} {} after {} {}: expected each once, and in order", kind,
                       repetition.number, kind, last->second);
  }
  // A clock's tick, and 30 years: of other times nothing could be computed.
  if (!(repetition.seconds >= 1e-9 && repetition.seconds <= 1e9)) {
    return fmt::format("expected 'seconds' from 1e-9 to 1e9, found {}", repetition.seconds);
  }
  if (!is_digest(repetition.digest)) {
    return fmt::format("expected 16 hexadecimal digits in 'digest', found '{}'", repetition.digest);
  }
  if (repetition.at_seconds < before.last_at_seconds) {
    return fmt::format("it began {} s after the run, the one before it {} s: a clock went back",
                       repetition.at_seconds, before.last_at_seconds);
  }
  const std::string problem = lengths_problem(repetition.workers, before.run.workers);
  return problem.empty() ? accounts_problem(repetition, before.run) : problem;
}

std::string problem_of(const Cost& cost) {
  return cost.seconds.empty() ? "expected at least one time in 'seconds', found none" : "";
}

std::string problem_of(const End& end, const Run& run) {
  if (end.status != "done" && end.status != "stopped" && end.status != "failed") {
    return fmt::format("expected done, stopped or failed in 'status', found '{}'", end.status);
  }
  if (end.status != "stopped" && (end.status == "done") != (end.exit == 0)) {
    return fmt::format("status '{}' does not go with exit status {}", end.status, end.exit);
  }
  if (!is_time(end.ended)) {
    return fmt::format("expected a time as 2026-11-22T20:15:00Z in 'ended', found '{}'", end.ended);
  }
  if (sortable(end.ended) < sortable(run.started)) {
    return fmt::format("it ended at {}, before it began at {}: a clock went back", end.ended,
                       run.started);
  }
  return "";
}

std::string finding_in(const Repetition& repetition, const RunSoFar& before) {
  if (!before.digest.empty() && repetition.digest != before.digest) {
    return fmt::format(
        "digest {}, of an earlier repetition {}: the values differ, the kernel or the machine is "
        "broken",
        repetition.digest, before.digest);
  }
  if (repetition.at_seconds < before.last_end_seconds - 1e-3) {
    return fmt::format("it began {} s after the run, before the end of the last one at {} s",
                       repetition.at_seconds, before.last_end_seconds);
  }
  const auto& cpu_seconds = repetition.workers.cpu_seconds;
  // The system may count CPU time in ticks.
  const double most = 1.01 * repetition.seconds + 0.02;
  if (!cpu_seconds.empty() && std::ranges::max(cpu_seconds) > most) {
    return fmt::format("a worker had {} s of CPU time in a repetition of {} s",
                       std::ranges::max(cpu_seconds), repetition.seconds);
  }
  const auto last = before.last_number.find(repetition.warmup);
  const std::uint64_t expected = last == before.last_number.end() ? 1 : last->second + 1;
  if (repetition.number > expected) {
    return fmt::format("expected {} {}, found {}: lines are missing",
                       repetition.warmup ? "warm-up" : "repetition", expected, repetition.number);
  }
  return "";
}

}  // namespace scalelab
