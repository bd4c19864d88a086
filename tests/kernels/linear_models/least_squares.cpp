#include "kernels/linear_models/least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/random.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using Column = std::vector<double>;
using Columns = std::vector<Column>;

/// Fits the last column by the others, the rows weighted.
bool fit(LeastSquares& model, const Columns& columns, Solver solver = Solver::qr,
         const Column& weights = {}) {
  const std::size_t rows = columns.front().size();
  double weight = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    weight += w;
    for (std::size_t j = 0; j < columns.size(); ++j) {
      model.column(j)[i] = columns[j][i] * std::sqrt(w);
    }
  }
  return model.fit(rows, static_cast<std::size_t>(weight) - (columns.size() - 1), solver);
}

bool full_rank(const Columns& columns, Solver solver) {
  LeastSquares model(columns.front().size(), columns.size() - 1);
  return fit(model, columns, solver);
}

Collinearity collinearity_of(const Columns& columns) {
  Column values;
  for (const Column& column : columns) values.insert(values.end(), column.begin(), column.end());
  return collinearity(values, columns.front().size(), columns.size());
}

double deviation(double computed, double expected) {
  return std::abs(computed - expected) / std::abs(expected);
}

/// Some columns without a pattern, in (-0.5, 0.5).
Columns noise(std::size_t rows, std::size_t columns) {
  RandomStream random(1, 1);
  Columns result(columns, Column(rows));
  for (Column& column : result) {
    for (double& x : column) x = random() * 0x1p-32 - 0.5;
  }
  return result;
}

const auto both = {Solver::qr, Solver::normal_equations};
using Places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("least squares: a straight line through points on it") {
  for (const Solver solver : both) {
    LeastSquares model(4, 2);
    REQUIRE(fit(model, {{1, 1, 1, 1}, {0, 1, 2, 3}, {3, 5, 7, 9}}, solver));
    CHECK(deviation(model.coefficients()[0], 3) < 1e-14);
    CHECK(deviation(model.coefficients()[1], 2) < 1e-14);
    CHECK(model.residual_sum_of_squares() < 1e-26);
    CHECK(model.sigma() < 1e-13);
    CHECK_FALSE(model.fell_back());
  }
}

TEST_CASE("least squares: simple regression as in the textbook formulas") {
  // x = 1..5: mean 3, sum of squares 10; b = 6/10, a = 4 - 3b, RSS = 2.4, freedom 3,
  // se(b) = sqrt(0.8 / 10), se(a) = sqrt(0.8 (1/5 + 9/10)).
  for (const Solver solver : both) {
    LeastSquares model(5, 2);
    REQUIRE(fit(model, {{1, 1, 1, 1, 1}, {1, 2, 3, 4, 5}, {2, 4, 5, 4, 5}}, solver));
    CHECK(deviation(model.coefficients()[0], 2.2) < 1e-13);
    CHECK(deviation(model.coefficients()[1], 0.6) < 1e-13);
    CHECK(deviation(model.residual_sum_of_squares(), 2.4) < 1e-13);
    CHECK(deviation(model.sigma(), std::sqrt(0.8)) < 1e-13);
    CHECK(deviation(model.standard_errors()[0], std::sqrt(0.88)) < 1e-13);
    CHECK(deviation(model.standard_errors()[1], std::sqrt(0.08)) < 1e-13);
  }
}

TEST_CASE("least squares: as many rows as columns is a linear system without a residual") {
  LeastSquares model(2, 2);
  model.column(0)[0] = 2, model.column(1)[0] = 1, model.column(2)[0] = 5;
  model.column(0)[1] = 1, model.column(1)[1] = 3, model.column(2)[1] = 10;
  REQUIRE(model.fit(2, 1, Solver::qr));
  CHECK(deviation(model.coefficients()[0], 1) < 1e-14);
  CHECK(deviation(model.coefficients()[1], 3) < 1e-14);
  CHECK(model.residual_sum_of_squares() == 0);
  CHECK(model.sigma() == 0);
}

TEST_CASE("least squares: dependent columns are refused") {
  const Column ones(6, 1.0);
  const Column x{1, 2, 3, 4, 5, 6};
  const Column z{1, 4, 9, 16, 25, 36};
  const Column y{1, 3, 2, 5, 4, 6};
  Column sum(6);
  std::transform(x.begin(), x.end(), z.begin(), sum.begin(), std::plus<>());
  Column thirds = x;
  for (double& value : thirds) value /= 3;
  for (const Solver solver : both) {
    CHECK(full_rank({ones, x, z, y}, solver));
    CHECK_FALSE(full_rank({ones, x, x, y}, solver));
    CHECK_FALSE(full_rank({x, thirds, y}, solver));
    CHECK_FALSE(full_rank({x, z, sum, y}, solver));
    CHECK_FALSE(full_rank({ones, Column(6, 7.0), y}, solver));
    CHECK_FALSE(full_rank({ones, Column(6, 0.0), y}, solver));
    CHECK_FALSE(full_rank({Column(6, 0.0), x, y}, solver));
  }
}

TEST_CASE("least squares: fewer rows than columns are refused") {
  for (const Solver solver : both) {
    LeastSquares model(4, 3);
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t i = 0; i < 2; ++i) model.column(j)[i] = static_cast<double>(i * i + j);
    }
    CHECK_FALSE(model.fit(2, 1, solver));
  }
}

TEST_CASE("least squares: the unit of a column does not change its rank") {
  const Column x{1, 2, 3, 4};
  const Column y{1, 3, 2, 5};
  for (const double unit : {1e-100, 1e-20, 1e20, 1e100}) {
    Column scaled = x;
    for (double& value : scaled) value *= unit;
    LeastSquares model(4, 2);
    REQUIRE(fit(model, {Column(4, 1.0), scaled, y}));
    CHECK(deviation(model.coefficients()[1], 1.1 / unit) < 1e-12);  // sum xy = 5.5, sum xx = 5
  }
}

TEST_CASE("least squares: a row of weight w is the same as w equal rows") {
  const Columns once{{1, 1, 1, 1, 1},
                     {0.3, 1.7, 2.9, 4.1, 5.5},
                     {2.5, 0.1, 1.9, 3.3, 0.7},
                     {1.1, 2.3, 2.2, 4.9, 5.1}};
  const Column weights{3, 1, 2, 1, 4};
  Columns repeated(once.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (std::size_t j = 0; j < once.size(); ++j) {
      repeated[j].insert(repeated[j].end(), static_cast<std::size_t>(weights[i]), once[j][i]);
    }
  }
  for (const Solver solver : both) {
    LeastSquares weighted(5, 3);
    LeastSquares plain(11, 3);
    REQUIRE(fit(weighted, once, solver, weights));
    REQUIRE(fit(plain, repeated, solver));
    CHECK(deviation(weighted.residual_sum_of_squares(), plain.residual_sum_of_squares()) < 1e-12);
    CHECK(deviation(weighted.sigma(), plain.sigma()) < 1e-12);
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK(deviation(weighted.coefficients()[j], plain.coefficients()[j]) < 1e-12);
      CHECK(deviation(weighted.standard_errors()[j], plain.standard_errors()[j]) < 1e-12);
    }
  }
}

TEST_CASE("least squares: the residual is orthogonal to every column") {
  const Columns columns = noise(200, 9);
  LeastSquares model(200, 8);
  REQUIRE(fit(model, columns));
  Column residual = columns.back();
  for (std::size_t j = 0; j < 8; ++j) {
    for (std::size_t i = 0; i < 200; ++i) residual[i] -= model.coefficients()[j] * columns[j][i];
  }
  double rss = 0;
  for (const double r : residual) rss += r * r;
  CHECK(deviation(model.residual_sum_of_squares(), rss) < 1e-12);
  CHECK(deviation(model.sigma(), std::sqrt(rss / 192)) < 1e-12);
  for (std::size_t j = 0; j < 8; ++j) {
    double product = 0;
    for (std::size_t i = 0; i < 200; ++i) product += residual[i] * columns[j][i];
    CHECK(std::abs(product) < 1e-12);
  }
}

TEST_CASE("least squares: normal equations agree with QR on columns that are far from dependent") {
  const Columns columns = noise(300, 11);
  LeastSquares qr(300, 10);
  LeastSquares normal(300, 10);
  REQUIRE(fit(qr, columns, Solver::qr));
  REQUIRE(fit(normal, columns, Solver::normal_equations));
  CHECK_FALSE(qr.fell_back());
  CHECK_FALSE(normal.fell_back());
  CHECK(deviation(normal.sigma(), qr.sigma()) < 1e-12);
  for (std::size_t j = 0; j < 10; ++j) {
    CHECK(std::abs(normal.coefficients()[j] - qr.coefficients()[j]) < 1e-12);
    CHECK(deviation(normal.standard_errors()[j], qr.standard_errors()[j]) < 1e-12);
  }
}

TEST_CASE("least squares: on nearly dependent columns normal equations fall back on QR") {
  // y = 1 + 2 x with x = 1 + i · 1e-6: condition 1e6, its square leaves 4 digits of 16.
  const std::size_t n = 20;
  Columns columns(3, Column(n, 1.0));
  for (std::size_t i = 0; i < n; ++i) {
    columns[1][i] = 1 + static_cast<double>(i) * 0x1p-20;
    columns[2][i] = 1 + 2 * columns[1][i];
  }
  LeastSquares model(n, 2);
  REQUIRE(fit(model, columns, Solver::normal_equations));
  CHECK(model.fell_back());
  CHECK(deviation(model.coefficients()[0], 1) < 1e-9);
  CHECK(deviation(model.coefficients()[1], 2) < 1e-9);

  SECTION("and the next fit does not remember it") {
    REQUIRE(fit(model, {{1, 1, 1}, {0, 1, 2}, {1, 3, 5}}, Solver::normal_equations));
    CHECK_FALSE(model.fell_back());
  }
}

TEST_CASE("least squares: a fit depends on nothing that was fitted before") {
  const Columns columns = noise(50, 4);
  LeastSquares fresh(64, 3);
  LeastSquares used(64, 3);
  REQUIRE(fit(used, noise(64, 4), Solver::normal_equations));
  REQUIRE_FALSE(fit(used, {Column(9, 1.0), Column(9, 1.0), Column(9, 2.0), Column(9, 3.0)}));
  for (const Solver solver : both) {
    REQUIRE(fit(fresh, columns, solver));
    REQUIRE(fit(used, columns, solver));
    CHECK(std::ranges::equal(fresh.coefficients(), used.coefficients()));
    CHECK(std::ranges::equal(fresh.standard_errors(), used.standard_errors()));
    CHECK(fresh.sigma() == used.sigma());
  }
}

TEST_CASE("collinearity: orthogonal columns of any length have condition 1") {
  CHECK(std::abs(
            collinearity_of({{1, 1, 1, 1}, {5, -5, 5, -5}, {1e-9, 1e-9, -1e-9, -1e-9}}).condition -
            1) < 1e-14);
  CHECK(std::abs(collinearity_of({{3, 1, 4}}).condition - 1) < 1e-14);
}

TEST_CASE("collinearity: two columns at an angle have condition sqrt((1 + cos) / (1 - cos))") {
  for (const double angle : {1.5, 1.0, 0.1, 1e-3, 1e-5}) {
    const Collinearity c = collinearity_of(
        {{1, 0, 0}, {1e7 * std::cos(angle), 1e7 * std::sin(angle), 0}, {0, 0, 1e-7}});
    CHECK(deviation(c.condition, 1 / std::tan(angle / 2)) < 1e-10);
    CHECK(c.columns == Places{0, 1});
  }
}

TEST_CASE("collinearity: dependent columns are named, whatever their units, and no other") {
  const Column a{1, 1, 1, 1, 1, 1};
  const Column b{1, 2, 3, 4, 5, 6};
  const Column c{2, -1, 4, 0, -3, 1};
  Column d(6);
  for (std::size_t i = 0; i < 6; ++i) d[i] = 1e12 * (a[i] + b[i]);
  const Collinearity dependent = collinearity_of({a, b, c, d});
  CHECK(dependent.condition > 1e15);
  CHECK(dependent.columns == Places{0, 1, 3});
  CHECK(collinearity_of({a, b, c}).condition < 10);
}

TEST_CASE("collinearity: a small share in an exact dependence is named as well") {
  const Column a{1, 2, 3, 4, 5, 6};
  const Column b{2, -1, 4, 0, -3, 1};
  Column c(6);
  for (std::size_t i = 0; i < 6; ++i) c[i] = a[i] + 0x1p-7 * b[i];
  CHECK(collinearity_of({a, b, c}).columns == Places{0, 1, 2});
}

TEST_CASE("collinearity: columns near the ends of the range of doubles are no harder") {
  const Column a{1e200, 1e200, 1e200};
  const Column b{1e-200, -1e-200, 0};
  CHECK(std::abs(collinearity_of({a, b}).condition - 1) < 1e-14);
}
