#include "drivers/common/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "results/statistics.hpp"

namespace scalelab {

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
  const double workers = static_cast<double>(run.workers);
  if (run.work && run.work->longest * workers > run.work->total * 1.01) {
    text +=
        fmt::format("  limit       {:.3g} times one worker: the longest task is {:.3g} % of all\n",
                    run.work->total / run.work->longest, 100 * run.work->longest / run.work->total);
  }
  for (const auto& [name, count] : last.counters) {
    if (count > 0) text += fmt::format("  {:<11} {}\n", name, count);
  }
  text += fmt::format("  digest      {}\n", last.digest);
  return text;
}

ValuesFile::ValuesFile(const std::string& path, const std::string& data) : path_(path) {
  if (path == "-") return;
  std::error_code unknown;
  if (std::filesystem::equivalent(path, data, unknown)) {
    throw UsageError("--values: expected another file than that of --data, got '" + path + "'");
  }
  if (!std::ofstream(path, std::ios::app)) {
    throw std::runtime_error(fmt::format("--values: {} cannot be written: {}", path,
                                         std::generic_category().message(errno)));
  }
}

void ValuesFile::write(const Kernel& kernel, Board& board) {
  std::ofstream named;
  if (path_ != "-") named.open(path_);
  std::ostream& file = path_ == "-" ? std::cout : named;
  const auto columns = kernel.columns();
  fmt::memory_buffer text;
  const auto flush = [&] {
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  };
  const auto quoted = [](const std::string& name) {
    if (name.find_first_of(",\"") == std::string::npos) return name;
    std::string field = "\"";
    for (const char c : name) field.append(c == '"' ? 2 : 1, c);
    return field + '"';
  };
  text.append(std::string_view("task"));
  for (const std::string& column : columns) {
    fmt::format_to(std::back_inserter(text), ",{}", quoted(column));
  }
  text.push_back('\n');
  const auto values = board.values();
  for (std::size_t task = 0; task < board.shape().tasks; ++task) {
    fmt::format_to(std::back_inserter(text), "{}", task);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      fmt::format_to(std::back_inserter(text), ",{:.17g}", values[task * board.shape().width + j]);
    }
    text.push_back('\n');
    if (text.size() > (1 << 16)) flush();
  }
  flush();
  file.flush();
  if (!file) throw std::runtime_error("--values: writing " + path_ + " failed: is the disk full?");
}

}  // namespace scalelab
