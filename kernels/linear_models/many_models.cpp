// Many ordinary least-squares fits of one data set. Task 0 fits the data as they are, task i > 0
// the i-th bootstrap resample of their rows: n rows drawn from n with replacement (Efron,
// "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "kernels/description.hpp"
#include "kernels/linear_models/design.hpp"
#include "kernels/linear_models/linear_data.hpp"
#include "kernels/random.hpp"

namespace scalelab {

namespace {

constexpr std::size_t most_redraws = 100;

/// The rows of a resample. A row drawn k times counts once, with weight k: the same fit from 63 %
/// of the rows.
struct Resample {
  explicit Resample(std::size_t rows) : times(rows), row(rows), root(rows) {}

  static std::size_t bytes(std::size_t rows) {
    return rows * (2 * sizeof(std::uint32_t) + sizeof(double));
  }

  std::vector<std::uint32_t> times;  ///< how often each row of the data was drawn
  std::vector<std::uint32_t> row;    ///< the rows drawn at least once,
  std::vector<double> root;          ///< and the square roots of their weights
  std::size_t size = 0;              ///< how many these are
};

/// How many different rows a resample of n rows has, at the most: one in 30,000 has more. These are
/// as the urns that are not empty once n balls have been thrown into n of them: nearly normal, with
/// mean n (1 - 1/e) and variance n (1/e) (1 - 2/e) (Kolchin, Sevast'yanov and Chistyakov, "Random
/// allocations", Winston 1978, chapter I, for as many balls as urns).
std::size_t most_different_rows(std::size_t rows) {
  const auto n = static_cast<double>(rows);
  const double empty = std::exp(-1.0);
  const double most = n * (1 - empty) + 4 * std::sqrt(n * empty * (1 - 2 * empty));
  return std::min(rows, static_cast<std::size_t>(std::ceil(most)));
}

class ModelWorkspace final : public Workspace {
 public:
  ModelWorkspace(std::size_t rows, std::size_t columns) : resample(rows), fit(rows, columns) {}
  Resample resample;
  LeastSquares fit;
};

class ManyModels final : public Kernel {
 public:
  ManyModels(const OptionValues& options, DataSet data)
      : tasks_(options.whole("tasks")),
        seed_(options.whole("seed", 0)),
        intercept_(!options.flag("no-intercept")),
        solver_(solver_of(options)),
        data_(std::move(data)),
        columns_(data_.columns.size() - 1),
        design_(options, data_) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 2 * columns_ + 4; }

  std::unique_ptr<Workspace> workspace() const override {
    return std::make_unique<ModelWorkspace>(data_.rows, columns_);
  }

  std::size_t workspace_bytes() const override {
    return Resample::bytes(data_.rows) +
           LeastSquares::bytes(data_.rows, most_different_rows(data_.rows), columns_);
  }

  /// Task 0 has all rows.
  std::size_t largest_task_bytes() const override {
    return LeastSquares::bytes(data_.rows, data_.rows, columns_) -
           LeastSquares::bytes(data_.rows, most_different_rows(data_.rows), columns_);
  }

  void run(std::size_t first, std::size_t last, Workspace& workspace,
           std::span<double> values) const override {
    auto& own = dynamic_cast<ModelWorkspace&>(workspace);
    for (std::size_t task = first; task < last; ++task) {
      fit(task, own, values.subspan((task - first) * width(), width()));
    }
  }

  std::vector<std::string> columns() const override {
    std::vector<std::string> names(data_.columns.begin(), data_.columns.end() - 1);
    for (std::size_t j = 0; j < columns_; ++j) names.push_back("se_" + names[j]);
    names.insert(names.end(), {"r2", "sigma"});
    return names;
  }

  std::vector<std::string> counters() const override { return {"redraws", "fallbacks"}; }

 private:
  void fit(std::size_t task, ModelWorkspace& own, std::span<double> values) const {
    RandomStream random(seed_, task);
    std::size_t redraws = 0;
    double variation = 0;  // of the response, around its mean or, without an intercept, around 0
    for (;;) {
      draw(task, random, own.resample);
      variation = write_design(own.resample, own.fit);
      if (variation > 0 && own.fit.fit(own.resample.size, data_.rows - columns_, solver_)) break;
      if (task == 0) throw std::runtime_error("the data cannot be fitted: not of full rank");
      if (++redraws > most_redraws) {
        throw std::runtime_error(fmt::format(
            "no resample of {} can be fitted: {} redraws in a row were not of full rank",
            data_.name, most_redraws));
      }
    }
    design_.finish(own.fit, values.first(columns_), values.subspan(columns_, columns_));
    for (std::size_t j = 0; j < columns_; ++j) {
      if (!std::isfinite(values[j]) || !std::isfinite(values[columns_ + j])) {
        throw std::runtime_error(fmt::format(
            "the coefficient of column '{}' is too large for a number", data_.columns[j]));
      }
    }
    values[2 * columns_] = 1 - own.fit.residual_sum_of_squares() / variation;
    values[2 * columns_ + 1] = design_.in_units_of_response(own.fit.sigma());
    values[2 * columns_ + 2] = static_cast<double>(redraws);
    values[2 * columns_ + 3] = own.fit.fell_back() ? 1 : 0;
  }

  void draw(std::size_t task, RandomStream& random, Resample& resample) const {
    const auto n = static_cast<std::uint32_t>(data_.rows);
    if (task == 0) {
      std::fill(resample.times.begin(), resample.times.end(), 1);
    } else {
      std::fill(resample.times.begin(), resample.times.end(), 0);
      for (std::uint32_t i = 0; i < n; ++i) ++resample.times[random.below(n)];
    }
    resample.size = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (resample.times[i] == 0) continue;
      resample.row[resample.size] = i;
      resample.root[resample.size] = std::sqrt(static_cast<double>(resample.times[i]));
      ++resample.size;
    }
  }

  /// Writes [A | y] for the resample. @returns sum of w (y - mean)², 0 if y is constant
  double write_design(const Resample& resample, LeastSquares& fit) const {
    const std::span rows(resample.row.data(), resample.size);
    for (std::size_t j = 0; j <= columns_; ++j) {
      design_.write(j, rows, resample.root.data(), fit.column(j));
    }
    const auto y = data_.column(columns_);
    double mean = 0;
    bool constant = true;
    if (intercept_) {
      for (const std::uint32_t row : rows) {
        mean += resample.times[row] * design_.response(row);
        constant = constant && y[row] == y[rows.front()];
      }
      if (constant) return 0;
      mean /= static_cast<double>(data_.rows);
    }
    double variation = 0;
    for (const std::uint32_t row : rows) {
      const double deviation = design_.response(row) - mean;
      variation += resample.times[row] * (deviation * deviation);
    }
    return variation;
  }

  std::size_t tasks_;
  std::uint64_t seed_;
  bool intercept_;
  Solver solver_;
  DataSet data_;
  std::size_t columns_;  ///< of the design
  Design design_;
};

}  // namespace

KernelDescription describe_many_models() {
  return {
      .name = "many-models",
      .summary = "least-squares fits of bootstrap resamples of one data set",
      .options = linear_model_options(),
      .make = [](const OptionValues& options, const DataSet& data) -> std::unique_ptr<Kernel> {
        return std::make_unique<ManyModels>(options, data);
      },
      .load = load_linear_data,
      .load_bytes = linear_data_bytes,
      .size_options = linear_size_options,
  };
}

}  // namespace scalelab
