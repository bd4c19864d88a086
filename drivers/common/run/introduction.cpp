#include "drivers/common/run/introduction.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/common/machine/build.hpp"
#include "drivers/common/machine/job.hpp"
#include "drivers/common/machine/launch.hpp"
#include "drivers/common/run/task_units.hpp"
#include "kernels/registry.hpp"

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
  run.time_option = description.calibration ? description.calibration->time : "";
  run.units_option = description.calibration ? description.calibration->units : "";
  run.driver_options = texts_of(about.options, values);
  run.repetitions = options.repetitions.text();
  run.warmup = options.warmup;
  run.accounting = options.accounting;
  run.trace = !options.trace_path.empty();
  if (data.size() > 0) {
    run.data = data.name;
    run.data_bytes = data.size() * sizeof(double);
  }
  run.workspace_bytes = kernel.workspace_bytes();
  run.working_set_bytes = kernel.working_set_bytes();
  run.work = kernel.work();
  run.seconds_per_unit = seconds_per_unit(description, values);
  run.bytes_per_unit = description.bytes_per_unit;
  run.init_seconds = driver.world().init_seconds();
  run.build = build_facts(kernels_build());
  if (!about.built_on.empty()) run.build.libraries[about.name] = about.built_on;
  run.job = slurm_job();
  run.restarts = earlier_ends();
}

void introduce_workers(Run& run, const Setup& setup, Driver& driver,
                       const std::vector<std::string>& machines) {
  run.data_copies = setup.data_copies();
  run.distribution_seconds = setup.distribution_seconds();
  run.places = places_of(driver.board());
  run.machines = different(machines);
}

}  // namespace scalelab
