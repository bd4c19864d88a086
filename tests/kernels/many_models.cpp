#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "kernels/registry.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using Texts = std::map<std::string, std::string>;
using Values = std::vector<double>;

template <class... Args>
std::string print(const char* format, Args... args) {
  char text[200];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

Texts with(Texts options, const std::string& name, const std::string& text) {
  options.insert_or_assign(name, text);
  return options;
}

/// The options that fit y of this CSV text, from a file that the next call overwrites.
Texts csv_file(const std::string& text, Texts options = {}) {
  static const struct File {
    std::string path = std::filesystem::temp_directory_path() / print("scalelab-%d.csv", getpid());
    ~File() { std::filesystem::remove(path); }
  } file;
  std::ofstream(file.path) << text;
  options.insert({{"data", file.path}, {"target", "y"}});
  return options;
}

struct Model {
  explicit Model(const Texts& given) {
    const KernelDescription& description = kernel_named("many-models");
    OptionValues options;
    for (const Option& o : description.options) options.set(o.name, o.fallback, false);
    for (const char* name : {"tasks", "seed"}) options.set(name, "1", false);
    for (const auto& [name, text] : given) options.set(name, text);
    data = description.load(options);
    kernel = description.make(options, data);
  }
  Values run(std::size_t first, std::size_t last, Workspace& workspace) const {
    Values values((last - first) * kernel->width());
    kernel->run(first, last, workspace, values);
    return values;
  }
  Values run(std::size_t first, std::size_t last) const {
    return run(first, last, *kernel->workspace());
  }
  DataSet data;
  std::unique_ptr<Kernel> kernel;
};

struct Estimate {
  Values coefficients, errors;
  double sigma, r2;
};

/// Task 0: the data as they are.
struct Fit : Estimate {
  explicit Fit(const Model& model) : warnings(model.data.warnings) {
    const Values values = model.run(0, 1);
    const auto p = static_cast<std::ptrdiff_t>(values.size() - 4) / 2;
    coefficients.assign(values.begin(), values.begin() + p);
    errors.assign(values.begin() + p, values.begin() + 2 * p);
    r2 = values.end()[-4], sigma = values.end()[-3];
    fallbacks = values.end()[-1];
  }
  explicit Fit(const Texts& given) : Fit(Model(given)) {}
  std::vector<std::string> warnings;
  double fallbacks;
};

double deviation(double computed, double expected) {
  return std::abs(computed - expected) / std::abs(expected);
}

/// NIST's measure, the number of correct digits (LRE). Where 0 is certified, `tiny` is correct.
double digits(double computed, double certified, double tiny) {
  if (certified == 0) return std::abs(computed) < tiny ? 17 : 0;
  return std::min(17.0, -std::log10(deviation(computed, certified)));
}

double worst_digits(const Estimate& computed, const Estimate& certified, double tiny = 0) {
  REQUIRE(computed.coefficients.size() == certified.coefficients.size());
  double worst = std::min(digits(computed.sigma, certified.sigma, tiny),
                          digits(computed.r2, certified.r2, tiny));
  for (std::size_t j = 0; j < computed.coefficients.size(); ++j) {
    worst = std::min({worst, digits(computed.coefficients[j], certified.coefficients[j], tiny),
                      digits(computed.errors[j], certified.errors[j], tiny)});
  }
  return worst;
}

struct Nist {
  explicit Nist(const std::string& name) {
    const std::string folder = TEST_DATA "/nist/" + name;
    std::ifstream file(folder + "/certified.json");
    const nlohmann::json json = nlohmann::json::parse(file);
    options = {{"data", folder + "/data.csv"}, {"target", "y"}};
    const auto& model = json.at("model");
    if (model.at("kind") == "polynomial") options["degree"] = model.at("degree").dump();
    if (!model.at("intercept").get<bool>()) options["no-intercept"] = "yes";
    const auto& exact = json.at("exact_32_digits");
    const auto number = [](const auto& text) {
      return std::stod(text.template get<std::string>());
    };
    for (const auto& text : exact.at("coefficients")) values.coefficients.push_back(number(text));
    for (const auto& text : exact.at("standard_errors")) values.errors.push_back(number(text));
    values.sigma = number(exact.at("residual_standard_deviation"));
    values.r2 = number(exact.at("r_squared"));
  }
  Texts options;
  Estimate values{};
};

/// Wampler's sets with noise: y of Wampler1 plus `factor` times the noise of Wampler4.
std::string wampler(double factor) {
  std::ifstream one(TEST_DATA "/nist/Wampler1/data.csv"), four(TEST_DATA "/nist/Wampler4/data.csv");
  std::string header, text = "y,x\n";
  one >> header, four >> header;
  double clean = 0, noisy = 0;
  int x = 0;
  for (char comma = 0; one >> clean >> comma >> x && four >> noisy >> comma >> x;) {
    text += print("%.0f,%d\n", clean + factor * (noisy - clean), x);
  }
  return text;
}

// Source: NIST StRD, Filip.dat (A. Filippelli), here with spaces between the lines.
const std::string filip = R"(
0.8116,-6.860120914 0.9072,-4.324130045 0.9052,-4.358625055 0.9039,-4.358426747 0.8053,-6.955852379
0.8377,-6.661145254 0.8667,-6.355462942 0.8809,-6.118102026 0.7975,-7.115148017 0.8162,-6.815308569
0.8515,-6.519993057 0.8766,-6.204119983 0.8885,-5.853871964 0.8859,-6.109523091 0.8959,-5.79832982
0.8913,-5.482672118 0.8959,-5.171791386 0.8971,-4.851705903 0.9021,-4.517126416 0.909,-4.143573228
0.9139,-3.709075441 0.9199,-3.499489089 0.8692,-6.300769497 0.8872,-5.953504836 0.89,-5.642065153
0.891,-5.031376979 0.8977,-4.680685696 0.9035,-4.329846955 0.9078,-3.928486195 0.7675,-8.56735134
0.7705,-8.363211311 0.7713,-8.107682739 0.7736,-7.823908741 0.7775,-7.522878745 0.7841,-7.218819279
0.7971,-6.920818754 0.8329,-6.628932138 0.8641,-6.323946875 0.8804,-5.991399828 0.7668,-8.781464495
0.7633,-8.663140179 0.7678,-8.473531488 0.7697,-8.247337057 0.77,-7.971428747 0.7749,-7.676129393
0.7796,-7.352812702 0.7897,-7.072065318 0.8131,-6.774174009 0.8498,-6.478861916 0.8741,-6.159517513
0.8061,-6.835647144 0.846,-6.53165267 0.8751,-6.224098421 0.8856,-5.910094889 0.8919,-5.598599459
0.8934,-5.290645224 0.894,-4.974284616 0.8957,-4.64454848 0.9047,-4.290560426 0.9129,-3.885055584
0.9209,-3.408378962 0.9219,-3.13200249 0.7739,-8.726767166 0.7681,-8.66695597 0.7665,-8.511026475
0.7703,-8.165388579 0.7702,-7.886056648 0.7761,-7.588043762 0.7809,-7.283412422 0.7961,-6.995678626
0.8253,-6.691862621 0.8602,-6.392544977 0.8809,-6.067374056 0.8301,-6.684029655 0.8664,-6.378719832
0.8834,-6.065855188 0.8898,-5.752272167 0.8964,-5.132414673 0.8963,-4.811352704 0.9074,-4.098269308
0.9119,-3.66174277 0.9228,-3.2644011)";

const Texts diabetes{{"data", KIT_DATA "/diabetes.csv"}, {"target", "progression"}};

}  // namespace

// The numbers of digits are those of tests/data/nist/README.md.
TEST_CASE("many-models: QR reaches the certified values of NIST") {
  const std::map<std::string, double> promised{{"Norris", 11.5},  {"Pontius", 11.5},
                                               {"NoInt1", 14},    {"Longley", 10},
                                               {"Wampler1", 8.5}, {"Wampler4", 7.5}};
  for (const auto& [name, expected] : promised) {
    const Nist nist(name);
    const Fit fit(nist.options);
    CAPTURE(name);
    CHECK(worst_digits(fit, nist.values, 2e-8) >= expected);  // n · eps · max |y| of Wampler1
    CHECK((fit.fallbacks == 0 && fit.warnings.empty()));
  }
}

TEST_CASE("many-models: QR reaches NIST's values of NoInt2, Wampler2, 3 and 5") {
  const Fit no_intercept(csv_file("y,x\n3,4\n4,5\n4,6\n", {{"no-intercept", "yes"}}));
  CHECK(worst_digits(
            no_intercept,
            {{0.727272727272727}, {0.420827318078432e-1}, 0.369274472937998, 0.993348115299335}) >
        14);
  std::string two = "y,x\n";  // 1 + u + ... + u^5 with u = x / 10
  for (int x = 0; x <= 20; ++x) {
    const double u = 0.1 * x;
    two += print("%.5f,%d\n", 1 + u * (1 + u * (1 + u * (1 + u * (1 + u)))), x);
  }
  CHECK(worst_digits(Fit(csv_file(two, {{"degree", "5"}})),
                     {{1, 0.1, 0.01, 1e-3, 1e-4, 1e-5}, Values(6, 0.0), 0, 1}, 1e-12) >= 8.5);
  // 3 and 5 have 1/100 and 100 times the noise of Wampler4, and so their errors.
  for (const double factor : {0.01, 100.0}) {
    Estimate certified = Nist("Wampler4").values;
    for (double& error : certified.errors) error *= factor;
    certified.sigma *= factor;
    certified.r2 = factor < 1 ? 0.999995559025820 : 0.224668921574940e-2;
    const Fit fit(csv_file(wampler(factor), {{"degree", "5"}}));
    CHECK(worst_digits(fit, certified) >= (factor < 1 ? 8.5 : 5.5));
  }
}

TEST_CASE("many-models: QR fits NIST's Filip and warns of it") {
  std::string csv = "y,x" + filip;
  std::replace(csv.begin(), csv.end(), ' ', '\n');
  const Fit fit(csv_file(csv, {{"degree", "10"}}));
  const Estimate certified{
      {-1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372,
       -354.478233703349, -75.1242017393757, -10.8753180355343, -1.06221498588947,
       -0.670191154593408e-1, -0.246781078275479e-2, -0.402962525080404e-4},
      {298.084530995537, 559.779865474950, 466.477572127796, 227.204274477751, 71.6478660875927,
       15.2897178747400, 2.23691159816033, 0.221624321934227, 0.142363763154724e-1,
       0.535617408889821e-3, 0.896632837373868e-5},
      0.334801051324544e-2,
      0.996727416185620};
  CHECK(worst_digits(fit, certified) >= 6.5);
  REQUIRE(fit.warnings.size() == 1);
}

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

TEST_CASE("many-models: normal equations agree with QR, and fall back on it for Longley") {
  const Fit qr(Texts{{"solver", "qr"}});
  const Fit normal(Texts{{"solver", "normal-equations"}});
  CHECK(normal.fallbacks == 0);
  CHECK(worst_digits(normal, qr) > 9);
  const Nist nist("Longley");
  const Fit longley(with(nist.options, "solver", "normal-equations"));
  CHECK(longley.fallbacks == 1);
  CHECK(worst_digits(longley, nist.values) >= 10);
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
