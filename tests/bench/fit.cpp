// fit [ROUNDS]: one bootstrap fit of many-models (resampling, QR, statistics) beside the bare
// factorisation by Eigen of the same matrix, and of one as small as what the kit factorises: a row
// drawn k times counts once, with weight k, so 63 % of the rows are left (and the response is a
// column more). In one process, alternating. Prints medians in µs.
#include <fmt/format.h>

#include <Eigen/QR>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "kernels/linear_models/linear_data.hpp"
#include "kernels/registry.hpp"
#include "results/statistics/statistics.hpp"

namespace {

using namespace scalelab;

constexpr std::size_t rows = 1000;
constexpr std::size_t columns = 20;
constexpr std::size_t fits = 200;  // in one timing

template <class Body>
double microseconds(const Body& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(fits);
}

OptionValues options_for(const KernelDescription& kernel, const std::string& solver) {
  OptionValues options;
  for (const Option& option : kernel.options) options.set(option.name, option.fallback, false);
  options.set("rows", std::to_string(rows));
  options.set("features", std::to_string(columns));
  options.set("no-intercept", "yes");  // so that the matrix is 1000 × 20
  options.set("solver", solver);
  options.set("tasks", std::to_string(fits + 1));
  options.set("seed", "1");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  const KernelDescription description = kernel_named("many-models");
  const OptionValues qr_options = options_for(description, "qr");
  const DataSet data = description.load(qr_options);
  const auto qr_kernel = description.make(qr_options, data);
  const auto normal_kernel = description.make(options_for(description, "normal-equations"), data);
  const auto workspace = qr_kernel->workspace();
  std::vector<double> values(fits * qr_kernel->width());

  const Eigen::Map<const Eigen::MatrixXd> map(data.values.get(), rows, columns);
  const Eigen::MatrixXd matrix = map;
  Eigen::HouseholderQR<Eigen::MatrixXd> bare(rows, columns);
  const Eigen::MatrixXd distinct =
      Eigen::Map<const Eigen::MatrixXd>(data.values.get(), rows, columns + 1).topRows(632);
  Eigen::HouseholderQR<Eigen::MatrixXd> bare_distinct(632, columns + 1);
  double sink = 0;

  std::vector<double> bare_times;
  std::vector<double> distinct_times;
  std::vector<double> qr_times;
  std::vector<double> normal_times;
  for (int round = 0; round < rounds; ++round) {
    bare_times.push_back(microseconds([&] {
      for (std::size_t i = 0; i < fits; ++i) {
        bare.compute(matrix);
        sink += bare.matrixQR()(0, 0);
      }
    }));
    distinct_times.push_back(microseconds([&] {
      for (std::size_t i = 0; i < fits; ++i) {
        bare_distinct.compute(distinct);
        sink += bare_distinct.matrixQR()(0, 0);
      }
    }));
    qr_times.push_back(microseconds([&] { qr_kernel->run(1, fits + 1, *workspace, values); }));
    normal_times.push_back(
        microseconds([&] { normal_kernel->run(1, fits + 1, *workspace, values); }));
  }
  const double bare_time = median_of(bare_times).value;
  const double qr_time = median_of(qr_times).value;
  const double normal_time = median_of(normal_times).value;
  fmt::print("eigen_distinct {:.1f}\n", median_of(distinct_times).value);
  fmt::print("eigen_qr {:.1f}\nmany_models_qr {:.1f}\nmany_models_normal_equations {:.1f}\n",
             bare_time, qr_time, normal_time);
  return sink == 0 ? 1 : 0;  // the factorisations are used, so none is optimised away
}
