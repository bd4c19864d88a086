#include "drivers/common/run/introduction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "drivers/common/machine/build.hpp"
#include "drivers/common/machine/job.hpp"
#include "drivers/common/run/task_units.hpp"
#include "kernels/registry.hpp"
#include "results/record/digest.hpp"

namespace scalelab {

std::vector<Place> places_of(Board& board) {
  std::vector<Place> places;
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    const WorkerFacts& facts = board.facts(worker);
    if (facts.pid == 0) return {};
    places.push_back({facts.host.data(), static_cast<std::uint64_t>(facts.pid), facts.cpus.data()});
  }
  return places;
}

namespace {

std::vector<Machine> different(const std::vector<std::string>& texts) {
  std::vector<Machine> machines;
  for (const std::string& text : texts) {
    Machine machine = machine_from_json(text);
    if (std::ranges::find(machines, machine.host, &Machine::host) == machines.end()) {
      machines.push_back(std::move(machine));
    }
  }
  return machines;
}

}  // namespace

void introduce(Run& run, const Setup& setup, Driver& driver) {
  const RunOptions& options = setup.options();
  const OptionValues& values = setup.request().options;
  const KernelDescription& description = setup.description();
  const DriverDescription about = driver.description();
  const Kernel& kernel = setup.kernel();
  const DataSet& data = setup.data();
  run.bound_by = description.bound_by;
  run.tasks = kernel.tasks();
  run.scaling = options.tasks_per_worker ? "weak" : "strong";
  run.schedule = options.schedule.name();
  run.chunk = options.schedule.chunk;
  run.bind = options.bind ? "cores" : "none";
  run.options = own_options(description, values);
  run.driver_options = texts_of(about.options, values);
  run.repetitions = options.repetitions.text();
  run.warmup = options.warmup;
  run.accounting = options.accounting;
  run.trace = !options.trace_path.empty();
  if (data.size() > 0) {
    run.data = data.name;
    run.data_bytes = data.size() * sizeof(double);
    run.data_digest = fmt::format("{:016x}", digest({data.values.get(), data.size()}));
  }
  run.workspace_bytes = kernel.workspace_bytes();
  run.work = kernel.work();
  run.seconds_per_unit = seconds_per_unit(description, values);
  run.bytes_per_unit = description.bytes_per_unit;
  run.init_seconds = driver.world().init_seconds();
  run.build = build_facts(kernels_build());
  if (!about.built_on.empty()) run.build.libraries[about.name] = about.built_on;
  run.job = slurm_job();
}

void introduce_workers(Run& run, const Setup& setup, Driver& driver,
                       const std::vector<std::string>& machines) {
  run.data_copies = setup.data_copies();
  run.distribution_seconds = setup.distribution_seconds();
  run.places = places_of(driver.board());
  run.machines = different(machines);
}

void require_memory(const Kernel& kernel, std::size_t neighbours, const Machine& machine) {
  const double values = static_cast<double>(kernel.tasks()) *
                        (static_cast<double>(kernel.width()) * sizeof(double) + 1);
  if (machine.memory_bytes && values > static_cast<double>(*machine.memory_bytes)) {
    throw std::runtime_error(fmt::format(
        "--tasks: the values of {} tasks need {:.3g} GB of memory, this machine has {:.3g}",
        kernel.tasks(), values * 1e-9, static_cast<double>(*machine.memory_bytes) * 1e-9));
  }
  const double each = static_cast<double>(kernel.workspace_bytes());
  const double all = each * static_cast<double>(neighbours);
  if (machine.available_bytes && all > 0.5 * static_cast<double>(*machine.available_bytes)) {
    throw UsageError(
        fmt::format("--workers or --working-set: expected workspaces that take at most half of the "
                    "{:.3g} GB of "
                    "memory that are available, got {} of {:.3g} GB",
                    static_cast<double>(*machine.available_bytes) * 1e-9, neighbours, each * 1e-9));
  }
}

}  // namespace scalelab
