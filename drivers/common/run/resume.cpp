#include "drivers/common/run/resume.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "drivers/common/journal/journal.hpp"
#include "drivers/common/run/task_units.hpp"
#include "kernels/printable.hpp"
#include "kernels/registry.hpp"
#include "results/record/identity.hpp"

namespace scalelab {

std::string identity_of(const Request& request, const Kernel& kernel, const DataSet& data,
                        const std::optional<std::string>& data_digest) {
  const KernelDescription& description = kernel_named(request.kernel);
  Run run;  // as its record will say what it computes
  run.kernel = request.kernel;
  run.options = own_options(description, request.options);
  run.tasks = kernel.tasks();
  run.work = kernel.work();
  run.data_digest = data_digest;
  nlohmann::json not_compared = nlohmann::json::object();
  if (description.calibration) {
    const std::string& time = description.calibration->time;  // only a way of saying units
    not_compared[time] = run.options[time];
    run.time_option = time;
  } else {
    run.time_option = "";
  }
  const Computation computation = computation_of(run);
  nlohmann::json json{{"kernel", computation.kernel},
                      {"tasks", computation.tasks},
                      {"values per task", kernel.width()},
                      {"options", computation.options},
                      {"code of the kernels", kernels_build().code},
                      {"not compared", not_compared}};
  if (run.work) json["serial work"] = computation.serial_units;
  if (data.rows > 0) {
    json["data"] = {{"columns", data.columns}, {"rows", data.rows}, {"digest", computation.data}};
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool adopt_task_units(const std::string& folder, Request& request) {
  OptionValues& options = request.options;
  const auto& calibration = kernel_named(request.kernel).calibration;
  if (!calibration || options.given(calibration->units)) return false;
  const std::string ours = task_time_of(*calibration, options);
  using Pointer = nlohmann::json::json_pointer;
  const Pointer time = Pointer("/not compared") / calibration->time;
  const Pointer units = Pointer("/options") / calibration->units;
  for (const std::string& identity : journal_identities(folder)) {
    const auto json = nlohmann::json::parse(identity, nullptr, false);
    if (!json.is_object() || !json.contains(time) || !json.contains(units)) continue;
    if (json[time] != ours || json.value("kernel", "") != request.kernel) continue;
    options.set(calibration->time, ours, false);
    options.set(calibration->units, json[units].get<std::string>(), false);
    return true;
  }
  return false;
}

void require_journal_folder(const std::string& folder, bool resume) {
  const bool holds = holds_journals(folder);
  if (holds && !resume) return;  // it is refused for that
  std::vector<std::string> others = others_in(folder);
  // It may have been cut off when it had opened its record, and nothing else.
  if (resume) std::erase_if(others, [](const auto& name) { return name.ends_with(".jsonl"); });
  if (others.empty() || holds) return;
  throw UsageError(fmt::format(
      "--journal: {}: expected a new folder, or one with nothing but a journal, found {}", folder,
      some_of(others, 3)));
}

void prepare_journal(const std::string& folder, bool resume, const std::string& identity,
                     const BoardShape& shape, std::optional<FolderLock>& lock) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    throw std::runtime_error(
        fmt::format("--journal: {} cannot be written: {}", folder, error.message()));
  }
  try {
    lock.emplace(folder, "another run is using it");
  } catch (const std::runtime_error& taken) {
    throw std::runtime_error(fmt::format("--journal: {}", taken.what()));
  }
  if (!resume && holds_journals(folder)) {
    throw UsageError(
        "--journal: " + folder +
        " holds a journal already: --resume goes on from it, or choose another folder");
  }
  if (resume) require_identity(folder, identity);
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) return;
  const auto tasks = static_cast<double>(shape.tasks);
  const auto entries = static_cast<double>(shape.chunks.count() + 1000 * shape.workers);
  const double needed = tasks * static_cast<double>(shape.width) * sizeof(double) +
                        std::min(tasks, entries) * Journal::bytes_per_entry +
                        static_cast<double>(shape.workers * (identity.size() + 4096));
  const double there = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  if (there < needed) {
    throw std::runtime_error(fmt::format("--journal: {} has no room for {:.3g} MB, only for {:.3g}",
                                         folder, needed * 1e-6, there * 1e-6));
  }
}

Resumed read_into(Board& board, const std::string& folder, const std::string& identity) {
  Resumed resumed;
  const std::size_t width = board.shape().width;
  // The same task may have been written twice, by two who died.
  std::vector<bool> finished(board.shape().tasks);
  const auto accept = [&](Range tasks, std::span<const double> values) {
    std::ranges::copy(values, board.values().subspan(tasks.first * width).begin());
    std::fill_n(finished.begin() + static_cast<std::ptrdiff_t>(tasks.first), tasks.size(), true);
  };
  resumed.warnings = read_journals(folder, identity, board.shape().tasks, width, accept);

  for (auto first = std::ranges::find(finished, true); first != finished.end();) {
    const auto last = std::find(first, finished.end(), false);
    resumed.finished.push_back({static_cast<std::size_t>(first - finished.begin()),
                                static_cast<std::size_t>(last - finished.begin())});
    resumed.tasks += resumed.finished.back().size();
    first = std::find(last, finished.end(), true);
  }
  if (resumed.finished.empty()) {
    resumed.warnings.push_back("--resume: " + folder + " holds nothing finished: all is run");
  }
  return resumed;
}

}  // namespace scalelab
