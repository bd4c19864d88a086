// Dummy work that computes: floating-point operations in registers, no memory, as many independent
// chains as the units of a core can overlap. One chain per task would leave room for the next task
// to run in the same core at the same time, and tasks would look too cheap.
#include <Eigen/Core>

#include "kernels/description.hpp"
#include "kernels/dummy_work/task_costs.hpp"

namespace scalelab {

namespace {

/// Multiply-add steps of every chain in one unit: about 10 ns.
constexpr int steps_per_unit = 8;

using Lanes = Eigen::Array<double, 4, 1>;

class Spin final : public Kernel {
 public:
  explicit Spin(const OptionValues& options) : costs_(task_costs_of(options)) {}

  std::size_t tasks() const override { return costs_.tasks(); }
  std::size_t width() const override { return 1; }
  std::optional<Work> work() const override { return costs_.work(); }

  double run_serial(Workspace&) const override { return spin(0, costs_.serial_units()); }

  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      values[task - first] = spin(task, costs_.units(task));
    }
  }

 private:
  /// x <- a x + b in 8 × 4 chains, each of which creeps towards b / (1 - a) = 1. Nobody can know
  /// the sum without taking every step.
  static double spin(std::size_t task, std::uint64_t units) {
    const double a = 1 - 0x1p-20;
    const double b = 0x1p-20;
    const auto start = static_cast<double>(task % 1024);
    Lanes x0 = Lanes::LinSpaced(start, start + 3);
    Lanes x1 = x0 + 4;
    Lanes x2 = x0 + 8;
    Lanes x3 = x0 + 12;
    Lanes x4 = x0 + 16;
    Lanes x5 = x0 + 20;
    Lanes x6 = x0 + 24;
    Lanes x7 = x0 + 28;
    for (std::uint64_t unit = 0; unit < units; ++unit) {
      for (int step = 0; step < steps_per_unit; ++step) {
        x0 = x0 * a + b;
        x1 = x1 * a + b;
        x2 = x2 * a + b;
        x3 = x3 * a + b;
        x4 = x4 * a + b;
        x5 = x5 * a + b;
        x6 = x6 * a + b;
        x7 = x7 * a + b;
      }
    }
    const Lanes sum = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
    return (sum(0) + sum(1)) + (sum(2) + sum(3));
  }

  TaskCosts costs_;
};

}  // namespace

KernelDescription describe_spin() {
  return {
      .name = "spin",
      .summary = "dummy work that computes in registers (one unit: 512 flops)",
      .options = dummy_work_options(),
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<Spin>(options);
      },
      .calibration = dummy_work_calibration(),
  };
}

}  // namespace scalelab
