#include "tests/kernels/linear_models/models.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

const Texts diabetes{{"data", KIT_DATA "/diabetes.csv"}, {"target", "progression"}};

}  // namespace

TEST_CASE("many-models: the diabetes data have the published fit, and names for its values") {
  // Source: kernels/data/README.md; for the errors R's summary(lm(progression ~ .)).
  for (const char* solver : {"qr", "normal-equations"}) {
    const Fit fit(with(diabetes, "solver", solver));
    for (const auto& [computed, published] :
         std::vector<std::pair<double, double>>{{fit.r2, 0.51774842},
                                                {fit.sigma, 54.15423933},
                                                {fit.coefficients[0], -334.567139},
                                                {fit.coefficients[3], 5.60296209},
                                                {fit.coefficients[4], 1.11680799},
                                                {fit.coefficients[9], 68.4831250}}) {
      CHECK(deviation(computed, published) < 1e-8);
    }
    CHECK(deviation(fit.errors[0], 67.4546) < 1e-6);
    CHECK(deviation(fit.errors[3], 0.717106) < 1e-6);
  }
  const Model model(diabetes);
  const auto names = model.kernel->columns();
  REQUIRE(names.size() + model.kernel->counters().size() == model.kernel->width());
  CHECK((names[0] == "intercept" && names[14] == "se_bmi" && names[22] == "r2" &&
         names[23] == "sigma"));
  CHECK(model.kernel->counters() == std::vector<std::string>{"redraws", "fallbacks"});
}

TEST_CASE("many-models: the resamples scatter as the sandwich formula says") {
  // HC0 (White, Econometrica 48, 1980): sqrt(diag(G X' diag(e²) X G)), G = (X'X)^-1, from an exact
  // rational solve. 2000 resamples add 1.6 % of noise, the leverage of some rows a few percent.
  const Values sandwich{64.237,   0.205977, 5.5416,  0.717201, 0.222057, 0.535129,
                        0.481789, 0.728537, 5.73761, 14.598,   0.257414};
  const Model model(diabetes);
  const Values values = model.run(1, 2001);
  for (std::size_t j = 0; j < 11; ++j) {
    double mean = 0, square = 0;
    for (std::size_t at = j; at < values.size(); at += model.kernel->width()) {
      mean += values[at] / 2000;
      square += values[at] * values[at] / 2000;
    }
    CHECK(deviation(std::sqrt(square - mean * mean), sandwich[j]) < 0.12);
  }
}

TEST_CASE("many-models: drawn data give back y = 1 + x1 + 2 x2 + ... and noise of 1") {
  for (const std::size_t first : {1U, 0U}) {  // with an intercept and without
    const Fit fit(
        {{"rows", "2000"}, {"features", "10"}, {"no-intercept", first == 1 ? "no" : "yes"}});
    REQUIRE(fit.coefficients.size() == first + 10);
    for (std::size_t j = 0; j < first + 10; ++j) {
      const double truth = j < first ? 1 : static_cast<double>(j + 1 - first);
      CHECK(std::abs(fit.coefficients[j] - truth) < 5 * fit.errors[j]);
      CHECK(deviation(fit.errors[j], 1 / std::sqrt(2000.0)) < 0.15);
    }
    CHECK(std::abs(fit.sigma - 1) < 5 / std::sqrt(2 * 1990.0));
    CHECK(std::abs(fit.r2 - 385.0 / 386) < 5e-4);  // 1² + ... + 10² = 385
  }
}

TEST_CASE("many-models: a task's values depend on nothing but its number, data and seed") {
  for (const char* solver : {"qr", "normal-equations"}) {
    const Texts options{{"rows", "60"}, {"features", "5"}, {"solver", solver}};
    const Model model(options), twin(options);
    const Values together = model.run(0, 40);
    const auto workspace = twin.kernel->workspace();
    for (std::size_t task = 40; task-- > 0;) {
      const auto width = static_cast<std::ptrdiff_t>(model.kernel->width());
      const auto at = together.begin() + static_cast<std::ptrdiff_t>(task) * width;
      CHECK(model.run(task, task + 1) == Values(at, at + width));
      CHECK(twin.run(task, task + 1, *workspace) == Values(at, at + width));
    }
  }
  const Model one(diabetes), two(with(diabetes, "seed", "2"));
  CHECK(one.run(0, 1) == two.run(0, 1));  // the data as they are
  CHECK(one.run(1, 2) != two.run(1, 2));
  CHECK(one.run(1, 2) != one.run(2, 3));
}

TEST_CASE("many-models: resamples that cannot be fitted are drawn again and counted") {
  // Of 27 resamples of three rows 3 have one x and 6 more one y: 0.5 redraws, with a variance of
  // 0.75.
  const Model model(csv_file("x,y\n1,1\n2,2\n3,2\n"));
  const Values values = model.run(1, 4001);
  double redraws = 0;
  for (std::size_t at = 6; at < values.size(); at += 8) redraws += values[at];
  CHECK(std::abs(redraws / 4000 - 0.5) < 5 * std::sqrt(0.75 / 4000));
  CHECK(std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }));
  CHECK(model.run(0, 1)[6] == 0);

  std::string csv = "x,y\n";  // a polynomial of degree 12 needs 13 of the 14 rows
  for (int row = 0; row < 14; ++row) csv += print("%.3f,%d\n", 0.15 * row - 1, row % 5);
  const Model hopeless(csv_file(csv, {{"degree", "12"}}));
  CHECK_NOTHROW(hopeless.run(0, 1));
  CHECK_THROWS_AS(hopeless.run(1, 2), std::runtime_error);
}

TEST_CASE("many-models: normal equations agree with QR, and fall back on it where they must") {
  const Fit qr(Texts{{"solver", "qr"}});
  const Fit normal(Texts{{"solver", "normal-equations"}});
  CHECK(normal.fallbacks == 0);
  CHECK(worst_digits(normal, qr) > 9);
  const Nist nist("Longley");
  const Fit longley(with(nist.options, "solver", "normal-equations"));
  CHECK(longley.fallbacks == 0);  // since its years are counted from one in their midst
  CHECK(worst_digits(longley, nist.values) >= 10);
  // b is a but for 1e-6: the Gram matrix has a condition number of 1e12.
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 12; ++i) csv += print("%d,%.6f,%d\n", i, i + 1e-6 * (i * i % 5), i * 7 % 4);
  const Texts close = csv_file(csv);
  const Fit fallen_back(with(close, "solver", "normal-equations")), same(close);
  CHECK(fallen_back.fallbacks == 1);
  CHECK(fallen_back.coefficients == same.coefficients);
}

TEST_CASE("many-models: columns near the ends of the range of doubles are fitted") {
  // y = 2.2 + 0.6 x, R² = 1 - 2.4 / 6, errors sqrt(0.88) and sqrt(0.08): see least_squares.cpp.
  for (const char* solver : {"qr", "normal-equations"}) {
    for (const auto& [x, y] : std::vector<std::pair<int, int>>{
             {200, 0}, {-200, 0}, {0, 200}, {0, -200}, {150, -150}, {-150, 150}, {300, 300}}) {
      std::string csv = "x,y\n";
      for (int i = 0; i < 5; ++i) csv += print("%de%d,%ce%d\n", i + 1, x, "24545"[i], y);
      const Fit fit(csv_file(csv, {{"solver", solver}}));
      const double unit = std::pow(10, y), slope_unit = std::pow(10, y - x);
      CAPTURE(csv);
      CHECK(worst_digits(fit, {{2.2 * unit, 0.6 * slope_unit},
                               {std::sqrt(0.88) * unit, std::sqrt(0.08) * slope_unit},
                               std::sqrt(0.8) * unit,
                               0.6}) > 12);
    }
  }
}

TEST_CASE("many-models: a response that varies little for its size keeps its digits") {
  // y = 1e16 + 0, 0, 2, 4, 2: slope 0.8, intercept 1e16 - 0.8, R² = 1 - 4.8 / 11.2.
  for (const char* solver : {"qr", "normal-equations"}) {
    for (const double sign : {1.0, -1.0}) {
      std::string csv = "x,y\n";
      for (int i = 0; i < 5; ++i)
        csv += print("%d,%.17g\n", i + 1, sign * (1e16 + "00242"[i] - '0'));
      const Fit fit(csv_file(csv, {{"solver", solver}}));
      CAPTURE(csv);
      CHECK(std::abs(fit.coefficients[1] - sign * 0.8) < 1e-14);
      CHECK(std::abs(fit.coefficients[0] - sign * (1e16 - 0.8)) <= 2);
      CHECK(std::abs(fit.r2 - (1 - 4.8 / 11.2)) < 1e-14);
    }
  }
}

TEST_CASE("many-models: the largest doubles are fitted, and a slope beyond them is an error") {
  const Fit fit(csv_file("x,y\n1.7e308,1\n-1.7e308,2\n1.1e308,2\n0,4\n"));
  CHECK(std::isfinite(fit.coefficients[1]));
  const Model steep(csv_file("x,y\n1e-310,1\n2e-310,2\n3e-310,2\n5e-310,4\n"));
  CHECK_THROWS_WITH(steep.run(0, 1), "the coefficient of column 'x' is too large for a number");
}

TEST_CASE("many-models: no resample of small discrete data gives garbage") {
  // Coefficients of full-rank resamples of these are small; of singular ones they were up to 1e16.
  const Model model(csv_file("a,b,y\n0,1,1\n1,0,2\n1,1,4\n0,0,1\n0,1,2\n1,0,3\n1,1,3\n0.1,0.3,2\n",
                             {{"tasks", "20000"}}));
  const Values values = model.run(0, 20000);
  const std::size_t width = model.kernel->width();
  double largest = 0, redraws = 0;
  for (std::size_t task = 0; task < 20000; ++task) {
    for (std::size_t j = 0; j < 3; ++j)
      largest = std::max(largest, std::abs(values[task * width + j]));
    redraws += values[task * width + width - 2];
  }
  CHECK(largest < 1000);
  CHECK(redraws > 0);
}

TEST_CASE("many-models: a column named like a result is refused") {
  for (const char* name : {"task", "r2", "sigma", "intercept", "se_intercept"}) {
    CHECK_THROWS_AS(Model(csv_file(std::string(name) + ",y\n1,1\n2,3\n4,4\n5,1\n")),
                    std::runtime_error);
  }
}
