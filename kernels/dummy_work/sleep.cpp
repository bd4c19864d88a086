// Dummy work that waits: what a task does that asks a disk, a network or a person. Workers beyond
// the number of cores help it.
#if __has_include(<sys/prctl.h>)
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <ctime>
#include <system_error>

#include "kernels/description.hpp"
#include "kernels/dummy_work/task_costs.hpp"

namespace scalelab {

namespace {

constexpr double seconds_per_unit = 1e-6;
constexpr std::uint64_t units_per_second = 1'000'000;

/// Linux lets a sleeper oversleep by 50 µs to save wake-ups; a worker asks for none of it.
class PunctualWorkspace final : public Workspace {
 public:
  PunctualWorkspace() {
#ifdef PR_SET_TIMERSLACK
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
#endif
  }
};

class Sleep final : public Kernel {
 public:
  explicit Sleep(const OptionValues& options) : costs_(task_costs_of(options)) {}

  std::size_t tasks() const override { return costs_.tasks(); }
  std::size_t width() const override { return 1; }
  std::unique_ptr<Workspace> workspace() const override {
    return std::make_unique<PunctualWorkspace>();
  }
  std::vector<std::string> columns() const override { return {"slept_us"}; }
  std::optional<Work> work() const override { return costs_.work(); }

  double run_serial(Workspace&) const override { return sleep(costs_.serial_units()); }

  /// The value of a task is the time that it asked to sleep and has slept to the end [µs].
  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      values[task - first] = sleep(costs_.units(task));
    }
  }

 private:
  static double sleep(std::uint64_t units) {
    if (units == 0) return 0;
    timespec left{static_cast<time_t>(units / units_per_second),
                  static_cast<long>(units % units_per_second * 1000)};
    while (nanosleep(&left, &left) != 0) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "nanosleep");
    }
    return static_cast<double>(units);
  }

  TaskCosts costs_;
};

}  // namespace

KernelDescription describe_sleep() {
  return {
      .name = "sleep",
      .summary = "dummy work that waits (one unit: 1 µs)",
      .options = dummy_work_options(),
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<Sleep>(options);
      },
      .waits = true,
      .calibration = dummy_work_calibration(seconds_per_unit),
  };
}

}  // namespace scalelab
