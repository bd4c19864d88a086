#include "drivers/common/run/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/machine/machine.hpp"
#include "drivers/common/machine/process_limits.hpp"
#include "drivers/common/output/distinct_files.hpp"
#include "drivers/common/output/output_file.hpp"
#include "drivers/common/output/say.hpp"
#include "drivers/common/output/trace.hpp"
#include "drivers/common/run/common_options.hpp"
#include "drivers/common/run/on_reporter.hpp"
#include "drivers/common/run/resume.hpp"
#include "drivers/common/run/task_units.hpp"
#include "kernels/contract.hpp"
#include "kernels/registry.hpp"
#include "results/record/digest.hpp"

namespace scalelab {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

const KernelDescription& Setup::description() const { return kernel_named(request_.kernel); }

BoardShape Setup::shape() const {
  const std::size_t most_events = options_->trace_path.empty() ? 0 : most_events_of(workers_);
  return shape_of(*kernel_, options_->schedule, workers_, most_events);
}

std::size_t Setup::data_copies_here() const {
  return data_copies_here_.value_or(driver_.world().copies_here(data_bytes()));
}

MemoryNeed Setup::need() const {
  const World& world = driver_.world();
  // The data come first, and what is shared of them takes of the same room.
  const std::uint64_t data_to_come = data_copies_here_ ? 0 : data_bytes();
  const Copies copies{data_copies_here(), world.copies_here(data_to_come + board_bytes(shape()))};
  MemoryNeed need =
      memory_need(*kernel_, data_bytes(), shape(), driver_.world().workers_here(workers_), copies);
  add_loading(need);
  // While the data are passed on, the reporter has its own besides.
  if (world.reports() && world.processes_here() > 1) {
    need.loading = std::max(need.loading, need.data + data_bytes());
  }
  return need;
}

MemoryNeed Setup::own_need() const {
  const std::size_t workers_here = driver_.world().workers_here(workers_);
  const std::size_t workers =
      driver_.description().forks ? 1 : workers_here / driver_.world().processes_here();
  MemoryNeed need = memory_need(*kernel_, data_bytes(), shape(), workers);
  add_loading(need);
  return need;
}

void Setup::add_loading(MemoryNeed& need) const {
  need.size_options = size_options();
  if (driver_.world().reports()) need.loading = loading_bytes_;
}

void Setup::require(const MemoryNeed& on_machine, const MemoryNeed& in_process) const {
  require_memory(on_machine, left_on(machine_));
  require_memory(in_process, left_to_a_process(address_space_));
}

void Setup::require_room_for_data() const {
  if (options_->dry_run || driver_.world().reports()) return;  // the reporter has looked
  require({.data = data_bytes() * data_copies_here(), .size_options = size_options()},
          {.data = data_bytes(), .size_options = size_options()});
}

std::vector<std::string> Setup::size_options() const {
  const auto options = description().size_options;
  return options == nullptr ? std::vector<std::string>{} : options(request_.options);
}

std::string Setup::doubt_about_memory() const {
  const MemoryNeed here = need();
  if (!options_->dry_run) require(here, own_need());
  const std::string lack = lack_of_memory(here, left_on(machine_));
  return lack.empty() ? warning_about_memory(here, machine_) : lack;
}

bool Setup::read(int argc, char** argv) {
  if (!driver_.world().reports()) machine_ = read_machine_memory();
  address_space_ = address_space_left();
  // All have looked before the reporter takes anything, which may be on the same machine.
  driver_.world().end_if_any_failed("");
  on_reporter(driver_.world(), [&] { read_on_reporter(argc, argv); });
  const auto begin = Clock::now();
  share(driver_.world(), request_);
  if (!request_.answer.empty()) return false;
  driver_.world().broadcast(std::as_writable_bytes(std::span(&workers_, 1)));
  distribution_seconds_ = seconds_since(begin);
  options_.emplace(request_.options);
  // Or mpirun would have to end the others, which takes it some seconds.
  if (!driver_.world().reports() && options_->timeout) limit_time(*options_->timeout);
  return true;
}

void Setup::read_on_reporter(int argc, char** argv) {
  command_.assign(argv, argv + argc);
  request_ = read_command_line(argc, argv, driver_.description());
  if (!request_.answer.empty()) return print(request_.answer);
  const RunOptions options(request_.options);
  if (options.timeout) limit_time(*options.timeout);
  workers_ = driver_.workers(options.workers, request_.options);
  if (options.tasks_per_worker) {
    request_.options.set("tasks", std::to_string(*options.tasks_per_worker * workers_), false);
    RunOptions{request_.options};  // not too many?
  }
  machine_ = read_machine();
  if (description().resolve != nullptr) {
    description().resolve(request_.options, machine_.last_level_cache_bytes.value_or(0));
  }
  if (options.resume && adopt_task_units(options.journal, request_)) return;
  resolve_task_units(description(), request_.options, [this](const Kernel& probe) {
    require_contract(description(), probe);
    // One, which is made here and now, also for --dry-run.
    const MemoryNeed need{
        .workspace = probe.workspace_bytes(), .workers = 1, .size_options = size_options()};
    require(need, need);
  });
}

void Setup::require_distinct_files() const {
  std::vector<NamedFile> files;
  const auto add = [&](const std::string& name, const std::string& path, bool written) {
    if (!path.empty() && path != "-") files.push_back({name, path, written});
  };
  add("--values", options_->values_path, true);
  add("--trace", options_->trace_path, true);
  // Else it is a folder, which gets a new file.
  if (options_->record_path.ends_with(".jsonl")) add("--record", options_->record_path, true);
  for (const NamedFile& file : files) {
    const fs::path target = target_of(file.path);
    std::error_code unknown;
    if ((target.extension() == ".journal" || target.filename() == ".lock") &&
        fs::equivalent(target.has_parent_path() ? target.parent_path() : ".", options_->journal,
                       unknown)) {
      throw UsageError(fmt::format("{}: expected another file than those of --journal, got '{}'",
                                   file.name, file.path));
    }
  }
  const std::string output = driver_.world().standard_stream(1);
  const std::string errors = driver_.world().standard_stream(2);
  std::error_code unknown;
  add("standard output", output, true);
  if (!fs::equivalent(output, errors, unknown)) add("standard error", errors, true);
  for (const auto* options : {&common_options(), &description().options}) {
    for (const Option& option : *options) {
      if (option.kind != Option::Kind::file) continue;
      add("--" + option.name, request_.options.text(option.name), false);
    }
  }
  require_distinct(files);
}

void Setup::build(Run& run) {
  run.command = command_;
  run.kernel = request_.kernel;
  run.waits = description().waits;
  run.workers = workers_;
  require_stack();
  if (description().load_bytes != nullptr) {
    loading_bytes_ = description().load_bytes(request_.options);
    const MemoryNeed need{.loading = loading_bytes_, .size_options = size_options()};
    require(need, need);
  }
  const auto begin = Clock::now();
  if (description().load != nullptr) data_ = description().load(request_.options);
  run.load_seconds = seconds_since(begin);
  run.warnings.insert(run.warnings.end(), data_.warnings.begin(), data_.warnings.end());
  run.data_notes = data_.notes;
  kernel_ = kernel_of(description(), request_.options, data_);
  require_contract(description(), *kernel_);
  doubt_ = doubt_about_memory();
  if (!doubt_.empty()) run.warnings.push_back(doubt_);
  if (data_.size() > 0) {
    run.data_digest = fmt::format("{:016x}", digest({data_.values.get(), data_.size()}));
  }
  if (!options_->journal.empty()) {
    journal_identity_ = identity_of(request_, *kernel_, data_, run.data_digest);
  }
}

void Setup::end_if_failed(const std::function<void()>& action) {
  std::string failure;
  try {
    action();
  } catch (...) {
    failure = what_is_thrown();
  }
  driver_.world().end_if_any_failed(failure);
}

void Setup::distribute() {
  const auto begin = Clock::now();
  share(driver_.world(), journal_identity_);
  if (description().load != nullptr) {
    kernel_.reset();  // it keeps the reporter's own copy of the data alive
    share_description(driver_.world(), data_);
    end_if_failed([this] {
      data_copies_here_ = data_copies_here();
      require_room_for_data();
    });
    data_copies_ = share_values(driver_.world(), data_);
  }
  end_if_failed([this] {
    if (!kernel_) kernel_ = kernel_of(description(), request_.options, data_);
    if (!driver_.world().reports()) doubt_ = doubt_about_memory();  // the reporter has looked
  });
  distribution_seconds_ += seconds_since(begin);
  for (const std::string& doubt : driver_.world().gather([this] { return doubt_; })) {
    if (!doubt.empty() && doubt != doubt_) doubts_elsewhere_.push_back(doubt);
  }
}

}  // namespace scalelab
