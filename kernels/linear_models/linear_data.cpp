#include "kernels/linear_models/linear_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "kernels/linear_models/data_file.hpp"
#include "kernels/linear_models/design.hpp"
#include "kernels/printable.hpp"
#include "kernels/random.hpp"

namespace scalelab {

namespace {

/// Beyond this condition number (columns of unit length) coefficients lose more than half of their
/// digits.
constexpr double doubtful_condition = 1e8;

/// The stream of random numbers that draws the data; tasks use the streams 1, 2, ...
constexpr std::uint64_t data_stream = std::numeric_limits<std::uint64_t>::max();

using Column = std::vector<double>;

std::size_t rows_of(const OptionValues& options) { return options.whole("rows", 1, 1ULL << 31); }

std::size_t features_of(const OptionValues& options) { return options.whole("features", 1, 10000); }

DataSet draw(const OptionValues& options, bool intercept) {
  refuse_data_file_options(options);
  const std::size_t rows = rows_of(options);
  const std::size_t features = features_of(options);

  RandomStream random(options.whole("seed", 0), data_stream);
  std::normal_distribution<double> normal;
  std::vector<std::string> names;
  std::vector<Column> columns;
  if (intercept) {
    names.emplace_back("intercept");
    columns.emplace_back(rows, 1.0);
  }
  Column response(rows, intercept ? 1.0 : 0.0);
  for (std::size_t j = 1; j <= features; ++j) {
    Column x(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      x[i] = normal(random);
      response[i] += static_cast<double>(j) * x[i];
    }
    names.push_back(fmt::format("x{}", j));
    columns.push_back(std::move(x));
  }
  for (double& y : response) y += normal(random);
  names.emplace_back("y");
  columns.push_back(std::move(response));
  return assemble(fmt::format("synthetic {}x{}", rows, features), std::move(names),
                  std::move(columns));
}

DataSet read(const OptionValues& options, bool intercept) {
  for (const char* name : {"rows", "features"}) {
    if (options.chosen(name)) {
      throw UsageError(fmt::format("--{}: the size of drawn data, not allowed with --data", name));
    }
  }
  return read_data_file(options, intercept);
}

/// --values has a column of its own for each of these, and for the intercept.
void refuse_names_of_results(const DataSet& data) {
  std::set<std::string> taken{"task", "r2", "sigma"};
  for (std::size_t j = 0; j + 1 < data.columns.size(); ++j) taken.insert("se_" + data.columns[j]);
  for (std::size_t j = 0; j + 1 < data.columns.size(); ++j) {
    if (!taken.insert(data.columns[j]).second) {
      throw std::runtime_error(fmt::format(
          "{}: column '{}' has the name of a result: rename it, or leave it out (--without)",
          data.name, data.columns[j]));
    }
  }
}

std::string named(const DataSet& data, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names;
  for (const std::size_t j : columns) names.push_back("'" + data.columns[j] + "'");
  return some_of(names);
}

/// Refuses what cannot be fitted, and warns of what can hardly be.
void examine(DataSet& data, const OptionValues& options, bool intercept) {
  const std::size_t columns = data.columns.size() - 1;
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error(data.name + ": " + what);
  };
  if (data.rows >= std::numeric_limits<std::uint32_t>::max()) fail("more than 2^32 rows");
  if (data.rows <= columns) {
    fail(fmt::format("expected more rows than coefficients, found {} rows for {} coefficients{}",
                     data.rows, columns, intercept ? " (the intercept is one)" : ""));
  }
  for (std::size_t j = 0; j < columns; ++j) {
    const auto column = data.column(j);
    if (std::all_of(column.begin(), column.end(), [](double x) { return x == 0; })) {
      fail(fmt::format("column '{}' has only zeros", data.columns[j]));
    }
    if (intercept && j > 0 &&
        std::all_of(column.begin(), column.end(), [&](double x) { return x == column.front(); })) {
      fail(fmt::format("column '{}' is the same in every row ({}), as the intercept is",
                       data.columns[j], column.front()));
    }
  }
  const auto response = data.column(columns);
  const double constant = intercept ? response.front() : 0.0;
  if (std::all_of(response.begin(), response.end(), [&](double y) { return y == constant; })) {
    fail(fmt::format("target '{}' is the same in every row ({}), nothing to explain",
                     data.columns[columns], constant));
  }
  const Design design(options, data);
  if (const auto lost = design.lost_power()) {
    fail(
        fmt::format("column '{}', less what its numbers have in common, is too small or too large "
                    "for numbers: a lower --degree, or another unit, mends it",
                    data.columns[*lost]));
  }
  const Collinearity c =
      collinearity(data.rows, columns, [&](std::size_t j, double* to) { design.write(j, to); });
  if (!(1 / c.condition > rank_tolerance(data.rows))) {
    fail(fmt::format("columns {} are linearly dependent: expected columns of full rank",
                     named(data, c.columns)));
  }
  if (c.condition >= doubtful_condition) {
    data.warnings.push_back(fmt::format(
        "{}: columns {} are nearly linearly dependent (condition number {:.1e}): expect about {} "
        "correct digits",
        data.name, named(data, c.columns), c.condition,
        std::max(0, static_cast<int>(16 - std::log10(c.condition)))));
  }
}

}  // namespace

std::vector<Option> linear_model_options() {
  std::vector<Option> options = {
      {"rows", "1000", "rows of the drawn data set"},
      {"features", "20", "its columns, without the intercept"},
  };
  const std::vector<Option> of_file = data_file_options();
  options.insert(options.end(), of_file.begin(), of_file.end());
  options.push_back({"no-intercept", "no", "fit through the origin", Option::Kind::flag});
  options.push_back({"solver", "qr", "qr (accurate) or normal-equations (faster)"});
  return options;
}

DataSet load_linear_data(const OptionValues& options) {
  solver_of(options);  // a wrong option is reported before a file is read
  const bool intercept = !options.flag("no-intercept");
  DataSet data = options.given("data") ? read(options, intercept) : draw(options, intercept);
  refuse_names_of_results(data);
  examine(data, options, intercept);
  return data;
}

std::uint64_t linear_data_bytes(const OptionValues& options) {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  if (options.given("data")) {
    const DataFileSize file = foresee_data_file(options, !options.flag("no-intercept"));
    rows = file.rows;
    columns = file.columns;
  } else {
    rows = rows_of(options);
    columns = features_of(options) + 2;  // the intercept and the response
  }
  // All columns twice, while they are put together and while they are examined; the latter also
  // takes four square matrices. At the largest 3.5e14 bytes: nothing can overflow.
  return (2 * rows * columns + 4 * columns * columns) * sizeof(double);
}

std::vector<std::string> linear_size_options(const OptionValues& options) {
  if (options.given("data")) return {"columns"};
  return {"rows", "features"};
}

Solver solver_of(const OptionValues& options) {
  return options.choice("solver", {"qr", "normal-equations"}) == 0 ? Solver::qr
                                                                   : Solver::normal_equations;
}

}  // namespace scalelab
