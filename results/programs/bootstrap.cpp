// bootstrap VALUES.csv ROWS: reads what many-models wrote with --values and prints, for each
// coefficient, the fit of the data as they are, its 95 % interval by the textbook formula
// (Student's t), and the one between the 2.5 % and 97.5 % quantiles of the resamples. Source of the
// second: Efron and Tibshirani, "An Introduction to the Bootstrap", chapter 13.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <stdexcept>
#include <string>

#include "kernels/csv/csv.hpp"
#include "kernels/options.hpp"
#include "kernels/printable.hpp"
#include "results/programs/program.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

std::string interval(double low, double high) { return fmt::format("{:.5g} .. {:.5g}", low, high); }

void print(const CsvTable& table, double rows) {
  // task, coefficients, as many standard errors, r2, sigma
  if (table.header.size() < 5 || table.header.size() % 2 == 0 || table.header.front() != "task") {
    throw std::runtime_error("expected a file written by many-models with --values");
  }
  const std::size_t coefficients = (table.header.size() - 3) / 2;
  if (table.rows() < 2) throw std::runtime_error("expected at least one resample (2 tasks)");
  if (!(rows > static_cast<double>(coefficients))) {
    throw std::runtime_error("ROWS: expected the number of rows of the data");
  }
  const boost::math::students_t student(rows - static_cast<double>(coefficients));
  const double t = boost::math::quantile(student, 0.975);

  fmt::print("  {:<12} {:>12}   {:<25} {}\n", "coefficient", "estimate", "95 % by formula",
             "95 % by bootstrap");
  for (std::size_t j = 1; j <= coefficients; ++j) {
    const double estimate = table.columns[j].front();
    const double error = table.columns[j + coefficients].front();
    std::vector<double> resamples(table.columns[j].begin() + 1, table.columns[j].end());
    std::sort(resamples.begin(), resamples.end());
    fmt::print("  {:<12} {:>12.6g}   {:<25} {}\n", printable(table.header[j], 200), estimate,
               interval(estimate - t * error, estimate + t * error),
               interval(quantile(resamples, 0.025), quantile(resamples, 0.975)));
  }
}

int main(int argc, char** argv) {
  return run_program("bootstrap", [&] {
    double rows = 0;
    if (argc != 3 || !read_number(argv[2], rows)) {
      throw UsageError("expected VALUES.csv and ROWS, the number of rows of the data");
    }
    print(read_csv_file(argv[1]), rows);
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
