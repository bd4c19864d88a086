#include "drivers/common/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <system_error>

#include "drivers/common/times.hpp"
#include "results/statistics.hpp"

namespace scalelab {

namespace {

/// No schedule is faster than max(total / workers, longest task). Only where it is known how long
/// the work lasts, other than from this run: in a run that shares too few cores all tasks take
/// longer, and every schedule would look perfect.
std::string bound_line(const Run& run, double time) {
  if (run.workers == 1 || !run.work || !(run.work->total > 0) || !run.seconds_per_unit) return "";
  const auto workers = static_cast<double>(run.workers);
  const bool giant = run.work->longest * workers > run.work->total * 1.01;
  const double bound = (run.work->serial + std::max(run.work->total / workers, run.work->longest)) *
                       *run.seconds_per_unit;
  return fmt::format(
      "  bound       {:.4g} s, {}{}: {:.3g} % of the time\n", bound,
      run.work->serial > 0 ? "the serial part and " : "",
      giant ? "the longest task" : fmt::format("total work / {} workers", run.workers),
      100 * bound / time);
}

double sum_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

/// Load balance as POP defines it: mean / longest of the workers' compute times.
std::string balance_line(const Run& run, const std::vector<Repetition>& repetitions) {
  std::vector<double> balances;
  for (const Repetition& repetition : repetitions) {
    const auto& compute = repetition.workers.compute_seconds;
    if (repetition.warmup || repetition.resumed_tasks > 0 || compute.empty()) continue;
    const double longest = *std::max_element(compute.begin(), compute.end());
    if (longest > 0)
      balances.push_back(sum_of(compute) / static_cast<double>(compute.size()) / longest);
  }
  if (run.workers == 1 || balances.empty()) return "";
  return fmt::format("  balance     {:.3g} % (mean / longest compute time of a worker)\n",
                     100 * median_of(balances).value);
}

/// Where the time of all workers went, in all measured repetitions.
std::string time_line(const Run& run, const std::vector<Repetition>& repetitions) {
  double all = 0;
  Times times;
  double cpu = 0;
  for (const Repetition& repetition : repetitions) {
    if (repetition.warmup || repetition.workers.compute_seconds.empty()) continue;
    all += repetition.seconds * static_cast<double>(run.workers);
    times.compute += sum_of(repetition.workers.compute_seconds);
    times.dispatch += sum_of(repetition.workers.dispatch_seconds);
    times.communication += sum_of(repetition.workers.communication_seconds);
    times.idle += sum_of(repetition.workers.idle_seconds);
    cpu += sum_of(repetition.workers.cpu_seconds);
  }
  if (!(all > 0)) return "";
  const auto percent = [all](double seconds) { return 100 * seconds / all; };
  return fmt::format(
      "  time went   {:.1f} % compute, {:.1f} % dispatch, {:.1f} % communication, {:.1f} % idle\n"
      "  on a CPU    {:.1f} % of the time\n",
      percent(times.compute), percent(times.dispatch), percent(times.communication),
      percent(times.idle), percent(cpu));
}

}  // namespace

std::string summary(const Run& run, const std::vector<Repetition>& repetitions) {
  std::vector<double> seconds;
  for (const Repetition& repetition : repetitions) {
    if (!repetition.warmup) seconds.push_back(repetition.seconds);
  }
  const Median median = median_of(seconds);
  const Repetition& last = repetitions.back();

  std::string text =
      fmt::format("{}{}, {}, {} worker{}\n", run.kernel, run.data ? " on " + *run.data : "",
                  run.driver, run.workers, run.workers == 1 ? "" : "s");
  const std::string chunk = run.chunk == 0 ? "" : fmt::format(", chunk {}", run.chunk);
  text += fmt::format("  tasks       {}, schedule {}{}\n", run.tasks, run.schedule, chunk);
  const std::string spread =
      seconds.size() == 1 ? ", one repetition"
                          : fmt::format(", median of {} ({} {:.4g} to {:.4g} s)", seconds.size(),
                                        median.confident ? "95 % interval" : "min and max",
                                        median.low, median.high);
  text += fmt::format("  time        {:.4g} s{}\n", median.value, spread);
  text +=
      fmt::format("  throughput  {:.4g} tasks/s\n", static_cast<double>(run.tasks) / median.value);
  if (run.bytes_per_unit && run.work) {
    const double bytes =
        (run.work->total + run.work->serial) * static_cast<double>(*run.bytes_per_unit);
    text += fmt::format("  bandwidth   {:.4g} GB/s\n", bytes / median.value * 1e-9);
  }
  if (run.workspace_bytes > 0) {
    text += fmt::format("  memory      {} x {:.4g} MB that the workers go through\n", run.workers,
                        static_cast<double>(run.workspace_bytes) * 1e-6);
  }
  if (last.resumed_tasks == 0) text += bound_line(run, median.value);
  text += balance_line(run, repetitions);
  text += time_line(run, repetitions);
  std::size_t retries = 0;
  for (const Repetition& repetition : repetitions) retries += repetition.retries;
  if (retries > 0) text += fmt::format("  retries     {} dead workers were replaced\n", retries);
  if (last.resumed_tasks > 0) {
    text += fmt::format("  resumed     {} tasks were in the journal: this time is no measurement\n",
                        last.resumed_tasks);
  }
  for (const auto& [name, count] : last.counters) {
    if (count > 0) text += fmt::format("  {:<11} {}\n", name, count);
  }
  text += fmt::format("  digest      {}\n", last.digest);
  return text;
}

namespace {

/// -1.2345678901234567e-308 and a comma
constexpr std::size_t longest_value = 25;

const std::string& refuse_data(const std::string& path, const std::string& data) {
  std::error_code unknown;
  if (std::filesystem::equivalent(path, data, unknown)) {
    throw UsageError("--values: expected another file than that of --data, got '" + path + "'");
  }
  return path;
}

std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"") == std::string::npos) return name;
  std::string field = "\"";
  for (const char c : name) field.append(c == '"' ? 2 : 1, c);
  return field + '"';
}

}  // namespace

ValuesFile::ValuesFile(const std::string& path, const std::string& data, const Kernel& kernel)
    : columns_(kernel.columns()),
      file_("--values", refuse_data(path, data),
            kernel.tasks() * (columns_.size() + 1) * longest_value) {
  if (file_.is_stream() && path != "-") write_header();
}

void ValuesFile::write_header() {
  std::string text = "task";
  for (const std::string& column : columns_) text += ',' + quoted(column);
  file_.write(text + '\n');
}

void ValuesFile::write(Board& board) {
  if (!file_.has_begun()) write_header();
  fmt::memory_buffer text;
  const auto pass_on = [&] {
    file_.write({text.data(), text.size()});
    text.clear();
  };
  const auto values = board.values();
  for (std::size_t task = 0; task < board.shape().tasks; ++task) {
    fmt::format_to(std::back_inserter(text), "{}", task);
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      fmt::format_to(std::back_inserter(text), ",{:.17g}", values[task * board.shape().width + j]);
    }
    text.push_back('\n');
    if (text.size() > (1 << 16)) pass_on();
  }
  pass_on();
  file_.finish();
}

}  // namespace scalelab
