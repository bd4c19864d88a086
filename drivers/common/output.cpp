#include "drivers/common/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <system_error>

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
  const double bound =
      std::max(run.work->total / workers, run.work->longest) * *run.seconds_per_unit;
  return fmt::format(
      "  bound       {:.4g} s, {}; the schedule reached {:.3g} % of it\n", bound,
      giant ? "the longest task" : fmt::format("total work / {} workers", run.workers),
      100 * bound / time);
}

/// Load balance as POP defines it: mean / longest of the times that the workers were busy.
std::string balance_line(const Run& run, const std::vector<Repetition>& repetitions) {
  std::vector<double> balances;
  for (const Repetition& repetition : repetitions) {
    const auto& busy = repetition.busy_seconds;
    if (repetition.warmup || repetition.resumed > 0 || busy.empty()) continue;
    const double sum = std::accumulate(busy.begin(), busy.end(), 0.0);
    const double longest = *std::max_element(busy.begin(), busy.end());
    balances.push_back(sum / static_cast<double>(busy.size()) / longest);
  }
  if (run.workers == 1 || balances.empty()) return "";
  return fmt::format("  balance     {:.3g} % (mean / longest busy time of a worker)\n",
                     100 * median_of(balances).value);
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
      fmt::format("{}{}, {}, {} worker{}\n", run.kernel, run.data.empty() ? "" : " on " + run.data,
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
  if (last.resumed == 0) text += bound_line(run, median.value);
  text += balance_line(run, repetitions);
  std::size_t retries = 0;
  for (const Repetition& repetition : repetitions) retries += repetition.retries;
  if (retries > 0) text += fmt::format("  retries     {} dead workers were replaced\n", retries);
  if (last.resumed > 0) {
    text += fmt::format("  resumed     {} tasks were in the journal: this time is no measurement\n",
                        last.resumed);
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
