// many-models where predictors lie far from zero, against closed forms.
#include "tests/kernels/linear_models/models.hpp"

using namespace scalelab::test;

namespace {

/// x = base + step i, i = 1, ..., 5, y = 2, 4, 5, 4, 5: by hand, the fit by i is 2.2 + 0.6 i with a
/// sigma of sqrt(0.8), and what i is in x moves into the intercept.
std::string line(double base, double step) {
  std::string csv = "x,y\n";
  for (int i = 0; i < 5; ++i) csv += print("%.17g,%c\n", base + step * (i + 1), "24545"[i]);
  return csv;
}

Estimate fit_of_line(double base, double step) {
  const double zero = -base / step;  // x = 0 in i
  return {{2.2 + 0.6 * zero, 0.6 / step},
          {std::sqrt(0.8 * (0.2 + (zero - 3) * (zero - 3) / 10)), std::sqrt(0.08) / step},
          std::sqrt(0.8),
          0.6};
}

constexpr double nanoseconds = 1.7e18, microseconds = 1.7e15, milliseconds = 1.7e12,
                 seconds = 1.7e9;

}  // namespace

TEST_CASE("many-models: a predictor far from zero keeps its digits") {
  for (const char* solver : {"qr", "normal-equations"}) {
    for (const auto& [base, step] : std::vector<std::pair<double, double>>{{nanoseconds, 1024},
                                                                           {nanoseconds, 1e9},
                                                                           {microseconds, 1},
                                                                           {milliseconds, 13},
                                                                           {seconds, 1},
                                                                           {-seconds, 0.25},
                                                                           {1e12, 0x1p-10},
                                                                           {-1e12, 1},
                                                                           {0x1p1000, 0x1p955},
                                                                           {293.15, 0x1p-20},
                                                                           {1950, 1},
                                                                           {0, 2},
                                                                           {1e9, 1e9}}) {
      const Fit fit(csv_file(line(base, step), {{"solver", solver}}));
      CAPTURE(solver, base, step);
      // Of base + step i the file holds 53 bits.
      CHECK(worst_digits(fit, fit_of_line(base, step)) > (base == 293.15 ? 9 : 13));
      CHECK(fit.warnings.empty());
      CHECK(fit.fallbacks == 0);
    }
  }
}

TEST_CASE("many-models: several predictors far from zero keep their digits") {
  // A factorial design of ±1 in three columns: a coefficient is the mean of ±y.
  const std::vector<std::pair<double, double>> x{{nanoseconds, 4096}, {1e12, 0.125}, {-seconds, 1}};
  const Values y{3, 1, 4, 1, 5, 9, 2, 6};
  Estimate truth{{0, 0, 0, 0}, {0, 0, 0, 0}, 0, 0};
  std::string csv = "a,b,c,y\n";
  double mean = 0, around_mean = 0, explained = 0, intercept_variance = 0.125;
  for (const double value : y) mean += value / 8;
  for (const double value : y) around_mean += (value - mean) * (value - mean);
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double sign = i >> j & 1 ? 1 : -1;
      csv += print("%.17g,", x[j].first + sign * x[j].second);
      truth.coefficients[j + 1] += sign * y[i] / 8 / x[j].second;
    }
    csv += print("%.0f\n", y[i]);
  }
  truth.coefficients[0] = mean;
  for (std::size_t j = 0; j < 3; ++j) {
    const double slope = truth.coefficients[j + 1] * x[j].second;
    explained += 8 * slope * slope;
    truth.coefficients[0] -= slope * (x[j].first / x[j].second);
    intercept_variance += x[j].first / x[j].second * (x[j].first / x[j].second) / 8;
  }
  truth.sigma = std::sqrt((around_mean - explained) / 4);
  truth.r2 = explained / around_mean;
  truth.errors[0] = truth.sigma * std::sqrt(intercept_variance);
  for (std::size_t j = 0; j < 3; ++j) {
    truth.errors[j + 1] = truth.sigma / std::sqrt(8.0) / x[j].second;
  }
  for (const char* solver : {"qr", "normal-equations"}) {
    const Fit fit(csv_file(csv, {{"solver", solver}}));
    CHECK(worst_digits(fit, truth) > 13);
    CHECK(fit.warnings.empty());
  }
}

TEST_CASE("many-models: powers of a predictor far from zero keep their digits") {
  // z = -2, ..., 2 and y = 1, 0, 0, 0, 2: by the orthogonal polynomials 1, z and z² - 2, whose
  // squares sum up to 5, 10 and 14, y = 0.6 + 0.2 z + 3/7 (z² - 2), with a residual of 8/35.
  const double q = 3.0 / 7, variance = (5 - 1.8 - 0.4 - 14 * q * q) / 2;
  for (const double base : {seconds, milliseconds, -milliseconds, 2000.0}) {
    std::string csv = "x,y\n";
    for (int i = 0; i < 5; ++i) csv += print("%.17g,%c\n", base + i - 2, "10002"[i]);
    const double at_zero = base * base - 2;
    const Estimate truth{
        {0.6 - 0.2 * base + q * at_zero, 0.2 - 2 * q * base, q},
        {std::sqrt(variance * (0.2 + base * base / 10 + at_zero * at_zero / 14)),
         std::sqrt(variance * (0.1 + 4 * base * base / 14)), std::sqrt(variance / 14)},
        std::sqrt(variance),
        1 - 2 * variance / 3.2};
    for (const char* solver : {"qr", "normal-equations"}) {
      CAPTURE(base, solver);
      const Fit fit(csv_file(csv, {{"degree", "2"}, {"solver", solver}}));
      CHECK(worst_digits(fit, truth) > 12);
      CHECK(fit.warnings.empty());
    }
  }
}

TEST_CASE("many-models: resamples of data far from zero are those of the same data near it") {
  std::string near = "x,y\n", far = "x,y\n";
  for (int i = 0; i < 30; ++i) {
    const int x = i == 7 ? -1000 : i;  // one is apart, and some resamples are without it
    near += print("%d,%d\n", x, i * i % 11);
    far += print("%.0f,%d\n", milliseconds + x, i * i % 11);
  }
  const Values a = Model(csv_file(near)).run(0, 200);
  const Values b = Model(csv_file(far)).run(0, 200);
  for (std::size_t at = 0; at < a.size(); at += 8) {
    CHECK(std::abs(b[at + 1] - a[at + 1]) < 1e-12);                    // slope
    CHECK(deviation(b[at + 3], a[at + 3]) < 1e-9);                     // its error
    CHECK(deviation(b[at], a[at] - milliseconds * a[at + 1]) < 1e-3);  // intercept
    CHECK(deviation(b[at + 5], a[at + 5]) < 1e-11);                    // sigma
    CHECK((b[at + 6] == a[at + 6] && b[at + 7] == 0));
  }
}

TEST_CASE("many-models: through the origin nothing is shifted") {
  // Σxy / Σx² of x = 1e9 + 1, 2, 3 and y = 1, 2, 4.
  const Fit fit(
      csv_file("x,y\n1000000001,1\n1000000002,2\n1000000003,4\n", {{"no-intercept", "yes"}}));
  CHECK(deviation(fit.coefficients[0], 7000000017.0 / 3000000012000000014.0) < 1e-15);
}

TEST_CASE("many-models: columns that depend on each other are so far from zero, too") {
  CHECK_THROWS_WITH(Model(csv_file("a,b,y\n1700000001,3400000002,1\n1700000002,3400000004,2\n"
                                   "1700000003,3400000006,2\n1700000007,3400000014,5\n")),
                    Catch::Matchers::Contains("columns 'a', 'b' are linearly dependent"));
}
