#include "drivers/common/run/task_units.hpp"

#include <chrono>

#include "kernels/dummy_work/task_costs.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

std::size_t workspaces_made = 0;

struct Counted final : Workspace {
  Counted() { ++workspaces_made; }
};

/// Busy for 100 ns in each unit, by the clock.
class Busy final : public Kernel {
 public:
  explicit Busy(const OptionValues& options) : costs_(task_costs_of(options)) {}

  std::size_t tasks() const override { return costs_.tasks(); }
  std::size_t width() const override { return 1; }
  std::unique_ptr<Workspace> workspace() const override { return std::make_unique<Counted>(); }

  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      const auto end = std::chrono::steady_clock::now() +
                       std::chrono::nanoseconds(100) * static_cast<long>(costs_.units(task));
      while (std::chrono::steady_clock::now() < end) continue;
      values[task - first] = 0;
    }
  }

 private:
  TaskCosts costs_;
};

KernelDescription describe_busy() {
  return {.name = "busy",
          .summary = "waits for the clock",
          .options = dummy_work_options(),
          .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
            return std::make_unique<Busy>(options);
          },
          .calibration = dummy_work_calibration()};
}

void allow(const Kernel&) {}

OptionValues options_with(const std::string& name, const std::string& text) {
  OptionValues options;
  for (const Option& option : dummy_work_options()) {
    options.set(option.name, option.fallback, false);
  }
  options.set("tasks", "30", false);
  options.set("seed", "1", false);
  options.set(name, text);
  return options;
}

}  // namespace

TEST_CASE("task units: a time is measured in units of the kernel, in one workspace") {
  OptionValues options = options_with("task-time", "5ms");
  workspaces_made = 0;
  resolve_task_units(describe_busy(), options, allow);
  CHECK(workspaces_made == 1);
  CHECK_FALSE(options.chosen("task-units"));
  const auto units = static_cast<double>(options.whole("task-units"));
  CHECK(units <= 50'000);  // 5 ms of 100 ns; the clock is read a little late
  CHECK(units > 40'000);
  CHECK(options.text("tasks") == "30");
}

TEST_CASE("task units: a unit is the same whatever is done with all of them") {
  for (const auto& [name, text] :
       {std::pair{"skew", "one-giant"}, std::pair{"tasks", "7"},
        std::pair{"serial-fraction", "0.5"}, std::pair{"tasks-per-worker", "10"}}) {
    OptionValues options = options_with(name, text);
    options.set("task-time", "5ms");
    resolve_task_units(describe_busy(), options, allow);
    const auto units = static_cast<double>(options.whole("task-units"));
    CAPTURE(name, units);
    CHECK(units <= 50'000);
    CHECK(units > 40'000);
    CHECK(options.text(name) == text);
  }
}

TEST_CASE("task units: units that are given are taken as they are, and nothing is measured") {
  OptionValues options = options_with("task-units", "123");
  workspaces_made = 0;
  resolve_task_units(describe_busy(), options, allow);
  CHECK(workspaces_made == 0);
  CHECK(options.whole("task-units") == 123);
  options.set("task-time", "1ms");
  CHECK_THROWS_AS(resolve_task_units(describe_busy(), options, allow), UsageError);
}

TEST_CASE("task units: no workspace is made that there is no memory for") {
  OptionValues options = options_with("task-time", "5ms");
  workspaces_made = 0;
  CHECK_THROWS_AS(resolve_task_units(describe_busy(), options,
                                     [](const Kernel&) { throw UsageError("too large"); }),
                  UsageError);
  CHECK(workspaces_made == 0);
}

TEST_CASE("task units: kernels call the options as they like, and say how long a unit is") {
  KernelDescription kernel = describe_busy();
  kernel.calibration = {.time = "length",
                        .units = "steps",
                        .fallback = "2ms",
                        .probe = [](OptionValues options, std::uint64_t) { return options; },
                        .seconds_per_unit = 1e-6};
  OptionValues options;
  options.set("length", "", false);
  options.set("steps", "", false);
  resolve_task_units(kernel, options, allow);
  CHECK(options.text("length") == "2ms");
  CHECK(options.text("steps") == "2000");
  CHECK_FALSE(options.chosen("steps"));
  CHECK(seconds_per_unit(kernel, options) == std::optional(1e-6));
  CHECK_THROWS_WITH(resolve_task_units(kernel, options, allow),
                    "--length: not allowed together with --steps");
  options.set("steps", "", false);
  options.set("length", "400ns");
  CHECK_THROWS_WITH(resolve_task_units(kernel, options, allow),
                    "--length: 400ns is less than one unit of busy; for tasks without work use "
                    "--steps 0");
}

TEST_CASE("task units: a kernel without a calibration is left alone") {
  KernelDescription kernel = describe_busy();
  kernel.calibration.reset();
  OptionValues options = options_with("task-time", "5ms");
  resolve_task_units(kernel, options, allow);
  CHECK(options.text("task-units").empty());
  CHECK_FALSE(seconds_per_unit(kernel, options).has_value());
}
