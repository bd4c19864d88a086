// Dummy work that moves memory: the triad a = b + s·c of STREAM, over three arrays that are larger
// together than the last-level cache. Workers beyond those that fill the memory's bandwidth do not
// help it. Source: McCalpin, "Memory bandwidth and machine balance in current high performance
// computers", IEEE TCCA Newsletter, December 1995.
#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <vector>

#include "kernels/description.hpp"
#include "kernels/dummy_work/task_costs.hpp"

namespace scalelab {

namespace {

/// One cache line.
struct alignas(64) Line {
  static constexpr std::size_t numbers = 8;
  double number[numbers];
};

using Lanes = Eigen::Array<double, Line::numbers, 1>;

/// A unit moves one line of each array. Counted as STREAM does: what is read or written, not what
/// the cache moves besides (it may read a line before it is overwritten).
constexpr std::uint64_t bytes_per_unit = 3 * sizeof(Line);

Line line_of(double number) {
  Line line{};
  std::fill_n(line.number, Line::numbers, number);
  return line;
}

/// The arrays, and where the next unit begins: tasks go on where the last one stopped, so that
/// nothing is in the cache when they come to it.
struct StreamWorkspace final : Workspace {
  explicit StreamWorkspace(std::size_t lines)
      : a(lines, line_of(0)), b(lines, line_of(1)), c(lines, line_of(2)) {}

  std::vector<Line> a;
  std::vector<Line> b;
  std::vector<Line> c;
  std::size_t next = 0;
};

class Stream final : public Kernel {
 public:
  explicit Stream(const OptionValues& options)
      : costs_(task_costs_of(options)), lines_(options.bytes("working-set") / bytes_per_unit) {
    if (lines_ == 0) {
      throw UsageError(
          fmt::format("--working-set: expected at least {}B, a cache line of each of "
                      "three arrays, got '{}'",
                      bytes_per_unit, options.text("working-set")));
    }
  }

  std::size_t tasks() const override { return costs_.tasks(); }
  std::size_t width() const override { return 1; }
  std::unique_ptr<Workspace> workspace() const override {
    return std::make_unique<StreamWorkspace>(lines_);
  }
  std::size_t workspace_bytes() const override { return working_set_bytes(); }
  std::size_t working_set_bytes() const override { return lines_ * bytes_per_unit; }
  std::vector<std::string> columns() const override { return {"sum"}; }
  std::optional<Work> work() const override { return costs_.work(); }

  double run_serial(Workspace& workspace) const override {
    return triad(0, costs_.serial_units(), static_cast<StreamWorkspace&>(workspace));
  }

  void run(std::size_t first, std::size_t last, Workspace& workspace,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      values[task - first] =
          triad(task, costs_.units(task), static_cast<StreamWorkspace&>(workspace));
    }
  }

 private:
  /// @returns the sum of what was written to a. b and c are the same all over, so it does not
  /// depend on where the task begins; but nobody knows that without reading them. All are whole
  /// numbers, so the sum is exact (below 2^53).
  static double triad(std::size_t task, std::uint64_t units, StreamWorkspace& arrays) {
    using Eigen::Aligned64;
    Line* const a = arrays.a.data();
    const Line* const b = arrays.b.data();
    const Line* const c = arrays.c.data();
    const auto s = static_cast<double>(1 + task % 1024);
    Lanes sum = Lanes::Zero();
    while (units > 0) {
      const std::size_t first = arrays.next;
      const std::uint64_t behind = std::min<std::uint64_t>(units, arrays.a.size() - first);
      const std::size_t last = first + static_cast<std::size_t>(behind);
      for (std::size_t line = first; line < last; ++line) {
        const Lanes moved = Eigen::Map<const Lanes, Aligned64>(b[line].number) +
                            s * Eigen::Map<const Lanes, Aligned64>(c[line].number);
        Eigen::Map<Lanes, Aligned64>(a[line].number) = moved;
        sum += moved;
      }
      units -= behind;
      arrays.next = last == arrays.a.size() ? 0 : last;
    }
    return sum.sum();
  }

  TaskCosts costs_;
  std::size_t lines_;  ///< of each array
};

std::vector<Option> stream_options() {
  std::vector<Option> options = dummy_work_options();
  options.push_back(
      {"working-set", "", "each worker's arrays, as in 256MB (else: 4 x last cache)"});
  return options;
}

/// Four times the last-level cache, and at least 64 MiB.
/// @param cache  of the last level, 0: not known [bytes]
void choose_working_set(OptionValues& options, std::uint64_t cache) {
  if (options.given("working-set")) return;
  const std::uint64_t mib = std::max<std::uint64_t>(64, (4 * cache + (1 << 20) - 1) >> 20);
  options.set("working-set", fmt::format("{}MiB", mib), false);
}

}  // namespace

KernelDescription describe_stream() {
  return {
      .name = "stream",
      .summary = "dummy work that moves memory: STREAM's triad (unit: 192 bytes)",
      .options = stream_options(),
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<Stream>(options);
      },
      .size_options = [](const OptionValues&) -> std::vector<std::string> {
        return {"working-set"};
      },
      .resolve = choose_working_set,
      .bound_by = "memory",
      .calibration = dummy_work_calibration(),
      .bytes_per_unit = bytes_per_unit,
  };
}

}  // namespace scalelab
