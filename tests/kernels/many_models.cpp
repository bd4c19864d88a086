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

/// A CSV file for the time of a test.
class TempCsv {
 public:
  explicit TempCsv(const std::string& text) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("scalelab-models-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".csv");
    std::ofstream(path_) << text;
  }
  TempCsv(const TempCsv&) = delete;
  TempCsv& operator=(const TempCsv&) = delete;
  ~TempCsv() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Model {
  explicit Model(const Texts& given) {
    const KernelDescription& description = kernel_named("many-models");
    for (const Option& option : description.options) options.set(option.name, option.fallback, false);
    options.set("tasks", "1", false);
    options.set("seed", "1", false);
    for (const auto& [name, text] : given) options.set(name, text);
    data = description.load(options);
    kernel = description.make(options, data);
    p = data.columns.size() - 1;
  }

  Values run(std::size_t first, std::size_t last, Workspace& workspace) const {
    Values values((last - first) * kernel->width());
    kernel->run(first, last, workspace, values);
    return values;
  }
  Values run(std::size_t first, std::size_t last) const {
    return run(first, last, *kernel->workspace());
  }

  OptionValues options;
  DataSet data;
  std::unique_ptr<Kernel> kernel;
  std::size_t p;  ///< coefficients
};

/// The values of task 0: the fit of the data as they are.
struct Fit {
  explicit Fit(const Texts& given) {
    const Model model(given);
    const Values values = model.run(0, 1);
    const auto p = static_cast<std::ptrdiff_t>(model.p);
    coefficients.assign(values.begin(), values.begin() + p);
    errors.assign(values.begin() + p, values.begin() + 2 * p);
    r2 = values[2 * model.p];
    sigma = values[2 * model.p + 1];
    redraws = values[2 * model.p + 2];
    fallbacks = values[2 * model.p + 3];
    warnings = model.data.warnings;
  }
  Values coefficients, errors;
  double r2, sigma, redraws, fallbacks;
  std::vector<std::string> warnings;
};

/// "usage: ..." or "data: ...": what making the model complains of.
std::string complaint(const Texts& given) {
  try {
    Model model{given};
  } catch (const UsageError& error) {
    return std::string("usage: ") + error.what();
  } catch (const std::runtime_error& error) {
    return std::string("data: ") + error.what();
  }
  return "no complaint";
}

std::string complaint_about(const std::string& csv, Texts given = {}) {
  const TempCsv file(csv);
  given.insert({{"data", file.path()}, {"target", "y"}});
  return complaint(given);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

double deviation(double computed, double expected) {
  return std::abs(computed - expected) / std::abs(expected);
}

/// NIST's measure: the number of correct digits. Where nothing but 0 is right, the computed value
/// has to be below `tiny`.
double digits(double computed, double certified, double tiny) {
  if (certified == 0) return std::abs(computed) < tiny ? 17 : 0;
  return std::min(17.0, -std::log10(deviation(computed, certified)));
}

struct Certified {
  Values coefficients, errors;
  double sigma, r2;
};

double worst_digits(const Fit& fit, const Certified& certified, double tiny = 0) {
  REQUIRE(fit.coefficients.size() == certified.coefficients.size());
  double worst = std::min(digits(fit.sigma, certified.sigma, tiny), digits(fit.r2, certified.r2, tiny));
  for (std::size_t j = 0; j < fit.coefficients.size(); ++j) {
    worst = std::min(worst, digits(fit.coefficients[j], certified.coefficients[j], tiny));
    worst = std::min(worst, digits(fit.errors[j], certified.errors[j], tiny));
  }
  return worst;
}

nlohmann::json nist_json(const std::string& name) {
  std::ifstream file(std::string(TEST_DATA "/nist/") + name + "/certified.json");
  return nlohmann::json::parse(file);
}

Certified nist_values(const std::string& name) {
  const nlohmann::json exact = nist_json(name).at("exact_32_digits");
  const auto number = [](const nlohmann::json& text) { return std::stod(text.get<std::string>()); };
  Certified values{{}, {}, number(exact.at("residual_standard_deviation")), number(exact.at("r_squared"))};
  for (const auto& text : exact.at("coefficients")) values.coefficients.push_back(number(text));
  for (const auto& text : exact.at("standard_errors")) values.errors.push_back(number(text));
  return values;
}

Texts nist_options(const std::string& name) {
  const nlohmann::json model = nist_json(name).at("model");
  Texts options{{"data", std::string(TEST_DATA "/nist/") + name + "/data.csv"}, {"target", "y"}};
  if (model.at("kind") == "polynomial") options["degree"] = std::to_string(model.at("degree").get<int>());
  if (!model.at("intercept").get<bool>()) options["no-intercept"] = "yes";
  return options;
}

/// Wampler's sets with noise: y of Wampler1 plus `factor` times the noise of Wampler4.
std::string wampler(double factor) {
  std::ifstream one(TEST_DATA "/nist/Wampler1/data.csv");
  std::ifstream four(TEST_DATA "/nist/Wampler4/data.csv");
  std::string header, text = "y,x\n";
  one >> header, four >> header;
  double clean = 0, noisy = 0;
  int x = 0;
  for (char comma = 0; one >> clean >> comma >> x && four >> noisy >> comma >> x;) {
    text += std::to_string(clean + factor * (noisy - clean)) + "," + std::to_string(x) + "\n";
  }
  return text;
}

// Source: NIST StRD, Filip.dat (A. Filippelli), separated by spaces here.
const char* const filip = R"(y,x 0.8116,-6.860120914 0.9072,-4.324130045 0.9052,-4.358625055 0.9039,-4.358426747
0.8053,-6.955852379 0.8377,-6.661145254 0.8667,-6.355462942 0.8809,-6.118102026
0.7975,-7.115148017 0.8162,-6.815308569 0.8515,-6.519993057 0.8766,-6.204119983
0.8885,-5.853871964 0.8859,-6.109523091 0.8959,-5.79832982 0.8913,-5.482672118 0.8959,-5.171791386
0.8971,-4.851705903 0.9021,-4.517126416 0.909,-4.143573228 0.9139,-3.709075441 0.9199,-3.499489089
0.8692,-6.300769497 0.8872,-5.953504836 0.89,-5.642065153 0.891,-5.031376979 0.8977,-4.680685696
0.9035,-4.329846955 0.9078,-3.928486195 0.7675,-8.56735134 0.7705,-8.363211311 0.7713,-8.107682739
0.7736,-7.823908741 0.7775,-7.522878745 0.7841,-7.218819279 0.7971,-6.920818754
0.8329,-6.628932138 0.8641,-6.323946875 0.8804,-5.991399828 0.7668,-8.781464495
0.7633,-8.663140179 0.7678,-8.473531488 0.7697,-8.247337057 0.77,-7.971428747 0.7749,-7.676129393
0.7796,-7.352812702 0.7897,-7.072065318 0.8131,-6.774174009 0.8498,-6.478861916
0.8741,-6.159517513 0.8061,-6.835647144 0.846,-6.53165267 0.8751,-6.224098421 0.8856,-5.910094889
0.8919,-5.598599459 0.8934,-5.290645224 0.894,-4.974284616 0.8957,-4.64454848 0.9047,-4.290560426
0.9129,-3.885055584 0.9209,-3.408378962 0.9219,-3.13200249 0.7739,-8.726767166 0.7681,-8.66695597
0.7665,-8.511026475 0.7703,-8.165388579 0.7702,-7.886056648 0.7761,-7.588043762
0.7809,-7.283412422 0.7961,-6.995678626 0.8253,-6.691862621 0.8602,-6.392544977
0.8809,-6.067374056 0.8301,-6.684029655 0.8664,-6.378719832 0.8834,-6.065855188
0.8898,-5.752272167 0.8964,-5.132414673 0.8963,-4.811352704 0.9074,-4.098269308 0.9119,-3.66174277
0.9228,-3.2644011)";

const Texts diabetes{{"data", KIT_DATA "/diabetes.csv"}, {"target", "progression"}};

}  // namespace

// The numbers of digits are those of tests/data/nist/README.md.
TEST_CASE("many-models: QR reaches the certified values of NIST") {
  const std::map<std::string, double> promised{{"Norris", 11.5}, {"Pontius", 11.5}, {"NoInt1", 14},
                                               {"Longley", 10}, {"Wampler1", 8.5}, {"Wampler4", 7.5}};
  for (const auto& [name, expected] : promised) {
    const Fit fit(nist_options(name));
    CAPTURE(name);
    CHECK(worst_digits(fit, nist_values(name), 2e-8) >= expected);  // n · eps · max |y| of Wampler1
    CHECK(fit.fallbacks == 0);
    CHECK(fit.warnings.empty());
  }
}

TEST_CASE("many-models: QR reaches NIST's values of NoInt2") {
  const TempCsv file("y,x\n3,4\n4,5\n4,6\n");
  const Fit fit({{"data", file.path()}, {"target", "y"}, {"no-intercept", "yes"}});
  CHECK(worst_digits(fit, {{0.727272727272727}, {0.420827318078432e-1}, 0.369274472937998,
                           0.993348115299335}) > 14);
}

TEST_CASE("many-models: QR reaches NIST's values of the other Wampler sets") {
  // Wampler2 is y = 1 + 0.1 x + ... + 0.00001 x^5 without noise; 3 and 5 have 1/100 and 100 times the
  // noise of Wampler4, and so their errors.
  std::string two = "y,x\n";
  for (int x = 0; x <= 20; ++x) {
    const double u = 0.1 * x;
    two += std::to_string(1 + u * (1 + u * (1 + u * (1 + u * (1 + u))))) + "," + std::to_string(x) + "\n";
  }
  const auto fit = [](const std::string& csv) {
    const TempCsv file(csv);
    return Fit({{"data", file.path()}, {"target", "y"}, {"degree", "5"}});
  };
  CHECK(worst_digits(fit(two), {{1, 0.1, 0.01, 1e-3, 1e-4, 1e-5}, Values(6, 0.0), 0, 1}, 1e-12) >= 8.5);
  for (const double factor : {0.01, 100.0}) {
    Certified certified = nist_values("Wampler4");
    for (double& error : certified.errors) error *= factor;
    certified.sigma *= factor;
    certified.r2 = factor < 1 ? 0.999995559025820 : 0.224668921574940e-2;
    CHECK(worst_digits(fit(wampler(factor)), certified) >= (factor < 1 ? 8.5 : 5.5));
  }
}

TEST_CASE("many-models: QR fits NIST's Filip and warns of it") {
  std::string csv = filip;
  std::replace(csv.begin(), csv.end(), ' ', '\n');
  const TempCsv file(csv);
  const Fit fit({{"data", file.path()}, {"target", "y"}, {"degree", "10"}});
  const Certified certified{
      {-1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349,
       -75.1242017393757, -10.8753180355343, -1.06221498588947, -0.670191154593408e-1,
       -0.246781078275479e-2, -0.402962525080404e-4},
      {298.084530995537, 559.779865474950, 466.477572127796, 227.204274477751, 71.6478660875927,
       15.2897178747400, 2.23691159816033, 0.221624321934227, 0.142363763154724e-1,
       0.535617408889821e-3, 0.896632837373868e-5},
      0.334801051324544e-2, 0.996727416185620};
  CHECK(worst_digits(fit, certified) >= 6.5);
  REQUIRE(fit.warnings.size() == 1);
  CHECK(contains(fit.warnings[0], "'x^10'"));
}

TEST_CASE("many-models: the diabetes data have the published fit") {
  // Source: kernels/data/README.md; R's summary(lm(progression ~ ., diabetes)) for the errors.
  for (const char* solver : {"qr", "normal-equations"}) {
    Texts options = diabetes;
    options["solver"] = solver;
    const Fit fit(options);
    CHECK(std::abs(fit.r2 - 0.51774842) < 5e-9);
    CHECK(std::abs(fit.sigma - 54.15423933) < 5e-9);
    CHECK(std::abs(fit.coefficients[0] + 334.567139) < 5e-7);
    CHECK(std::abs(fit.coefficients[3] - 5.60296209) < 5e-9);
    CHECK(std::abs(fit.coefficients[4] - 1.11680799) < 5e-9);
    CHECK(std::abs(fit.coefficients[9] - 68.4831250) < 5e-8);
    CHECK(std::abs(fit.errors[0] - 67.4546) < 5e-5);
    CHECK(std::abs(fit.errors[3] - 0.717106) < 5e-7);
  }
}

TEST_CASE("many-models: the values are named, and the names are as many as the values") {
  const Model model(diabetes);
  const auto names = model.kernel->columns();
  CHECK(names.size() + model.kernel->counters().size() == model.kernel->width());
  CHECK(names[0] == "intercept");
  CHECK(names[3] == "bmi");
  CHECK(names[14] == "se_bmi");
  CHECK(names[23] == "sigma");
  CHECK(model.kernel->counters() == std::vector<std::string>{"redraws", "fallbacks"});
}

TEST_CASE("many-models: the resamples scatter as the sandwich formula says") {
  // HC0 of White (Econometrica 48, 1980), sqrt(diag(G X' diag(e²) X G)), G = (X'X)^-1, computed in
  // exact rational arithmetic. 2000 resamples add 1.6 % of noise, leverage some percent more.
  const Values sandwich{64.237,   0.205977, 5.5416,   0.717201, 0.222057, 0.535129,
                        0.481789, 0.728537, 5.73761,  14.598,   0.257414};
  Texts options = diabetes;
  options["tasks"] = "2001";
  const Model model(options);
  const Values values = model.run(1, 2001);
  for (std::size_t j = 0; j < 11; ++j) {
    double mean = 0, square = 0;
    for (std::size_t task = 0; task < 2000; ++task) {
      const double b = values[task * model.kernel->width() + j];
      mean += b / 2000;
      square += b * b / 2000;
    }
    CAPTURE(j);
    CHECK(deviation(std::sqrt(square - mean * mean), sandwich[j]) < 0.12);
  }
}

TEST_CASE("many-models: drawn data give back y = 1 + x1 + 2 x2 + ... and noise of 1") {
  for (const char* intercept : {"no", "yes"}) {
    const Fit fit({{"rows", "2000"}, {"features", "10"}, {"no-intercept", intercept}, {"seed", "7"}});
    const std::size_t first = fit.coefficients.size() - 10;
    CHECK(first == (intercept == std::string("no") ? 1 : 0));
    if (first == 1) CHECK(std::abs(fit.coefficients[0] - 1) < 5 * fit.errors[0]);
    for (std::size_t j = 0; j < 10; ++j) {
      const double truth = static_cast<double>(j + 1);
      CHECK(std::abs(fit.coefficients[first + j] - truth) < 5 * fit.errors[first + j]);
      CHECK(deviation(fit.errors[first + j], 1 / std::sqrt(2000.0)) < 0.15);
    }
    CHECK(std::abs(fit.sigma - 1) < 5 / std::sqrt(2 * 1990.0));
    CHECK(std::abs(fit.r2 - 385.0 / 386) < 5e-4);  // 1² + ... + 10² = 385
  }
}

TEST_CASE("many-models: a task's values depend on nothing but its number, data and seed") {
  for (const char* solver : {"qr", "normal-equations"}) {
    const Texts options{{"rows", "60"}, {"features", "5"}, {"tasks", "40"}, {"solver", solver}};
    const Model model(options), twin(options);
    const std::size_t width = model.kernel->width();
    const Values together = model.run(0, 40);
    const auto workspace = twin.kernel->workspace();
    for (std::size_t task = 40; task-- > 0;) {
      const auto at = together.begin() + static_cast<std::ptrdiff_t>(task * width);
      const Values expected(at, at + static_cast<std::ptrdiff_t>(width));
      CHECK(model.run(task, task + 1) == expected);
      CHECK(twin.run(task, task + 1, *workspace) == expected);
    }
    Texts other = options;
    other["seed"] = "2";
    CHECK(Model(other).run(0, 1) != model.run(0, 1));
  }
}

TEST_CASE("many-models: the seed draws other resamples of the same file") {
  Texts options = diabetes;
  const Model one(options);
  options["seed"] = "2";
  const Model two(options);
  CHECK(one.run(0, 1) == two.run(0, 1));
  CHECK(one.run(1, 2) != two.run(1, 2));
  CHECK(one.run(1, 2) != one.run(2, 3));
}

TEST_CASE("many-models: resamples of tiny data that cannot be fitted are drawn again and counted") {
  // Of 27 resamples of three rows, 3 have one x and 6 more one y: the mean of redraws is (1/3)/(2/3).
  const TempCsv file("x,y\n1,1\n2,2\n3,2\n");
  const Model model({{"data", file.path()}, {"target", "y"}, {"tasks", "4001"}});
  const Values values = model.run(1, 4001);
  double redraws = 0;
  for (std::size_t task = 0; task < 4000; ++task) redraws += values[task * 8 + 6];
  CHECK(std::abs(redraws / 4000 - 0.5) < 5 * std::sqrt(0.75 / 4000));  // variance p / (1 - p)²
  CHECK(std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }));
  CHECK(model.run(0, 1)[6] == 0);
}

TEST_CASE("many-models: data whose resamples can hardly ever be fitted end with a message") {
  std::string csv = "y,a,b,c,d,e,f,g,h,i,j,k,l\n";  // a resample needs 12 of the 13 rows
  for (int row = 0; row < 13; ++row) {
    csv += std::to_string(row + 1);
    for (int column = 0; column < 12; ++column) csv += row == column || row == 12 ? ",1" : ",0";
    csv += "\n";
  }
  const TempCsv file(csv);
  const Model model({{"data", file.path()}, {"target", "y"}, {"no-intercept", "yes"}, {"tasks", "2"}});
  CHECK_NOTHROW(model.run(0, 1));
  CHECK_THROWS_AS(model.run(1, 2), std::runtime_error);
}

TEST_CASE("many-models: normal equations agree with QR, and fall back on it for Longley") {
  const Fit qr(Texts{{"solver", "qr"}});
  const Fit normal(Texts{{"solver", "normal-equations"}});
  CHECK(normal.fallbacks == 0);
  CHECK(deviation(normal.sigma, qr.sigma) < 1e-9);
  for (std::size_t j = 0; j < qr.coefficients.size(); ++j) {
    CHECK(deviation(normal.coefficients[j], qr.coefficients[j]) < 1e-9);
    CHECK(deviation(normal.errors[j], qr.errors[j]) < 1e-9);
  }
  Texts options = nist_options("Longley");
  options["solver"] = "normal-equations";
  const Fit longley(options);
  CHECK(longley.fallbacks == 1);
  CHECK(worst_digits(longley, nist_values("Longley")) >= 10);
}

TEST_CASE("many-models: columns near the ends of the range of doubles are fitted") {
  // y = 2.2 + 0.6 x with errors sqrt(0.88) and sqrt(0.08), see the test of least squares.
  for (const char* solver : {"qr", "normal-equations"}) {
    for (const auto& [x, y] : std::vector<std::pair<int, int>>{
             {200, 0}, {-200, 0}, {0, 200}, {0, -200}, {150, -150}, {-150, 150}, {300, 300}}) {
      const auto exponents = "e" + std::to_string(x) + ",";
      std::string csv = "x,y\n";
      for (int i = 0; i < 5; ++i) {
        csv += "12345"[i] + exponents + "24545"[i] + "e" + std::to_string(y) + "\n";
      }
      const TempCsv file(csv);
      const Fit fit({{"data", file.path()}, {"target", "y"}, {"solver", solver}});
      CAPTURE(csv);
      CHECK(deviation(fit.coefficients[0], 2.2 * std::pow(10, y)) < 1e-12);
      CHECK(deviation(fit.coefficients[1], 0.6 * std::pow(10, y - x)) < 1e-12);
      CHECK(deviation(fit.errors[1], std::sqrt(0.08) * std::pow(10, y - x)) < 1e-12);
      CHECK(std::abs(fit.r2 - 0.6) < 1e-12);  // 1 - 2.4 / 6
    }
  }
}

TEST_CASE("many-models: a column that repeats others to 6 decimals is fitted with a warning") {
  std::string csv = "a,b,c,other,y\n";
  for (int i = 1; i <= 40; ++i) {
    const double a = 100 * std::sqrt(i), b = 90 * std::cbrt(41 - i);
    char line[200];
    std::snprintf(line, sizeof line, "%.12g,%.12g,%.6f,%d,%d\n", a, b, a + b, i * i % 17, i * i % 23);
    csv += line;
  }
  const TempCsv file(csv);
  const Fit fit({{"data", file.path()}, {"target", "y"}});
  REQUIRE(fit.warnings.size() == 1);
  CHECK(contains(fit.warnings[0], "'a', 'b', 'c' are nearly linearly dependent"));
  CHECK(std::isfinite(fit.sigma));
}

TEST_CASE("many-models: data that cannot be fitted are refused, their columns named") {
  std::string message = complaint_about("a,b,c,y\n1,5,6,1\n2,3,5,2\n3,9,12,2\n4,1,5,7\n5,0,5,1\n6,2,8,3\n");
  CHECK(contains(message, "data: "));
  CHECK(contains(message, "columns 'a', 'b', 'c' are linearly dependent"));
  message = complaint_about("a,b,y\n1,5,1\n2,5,2\n3,5,2\n4,5,7\n");
  CHECK(contains(message, "columns 'intercept', 'b' are linearly dependent"));
  CHECK(contains(complaint_about("a,y\n1,4\n2,4\n3,4\n"), "target 'y' is the same in every row (4)"));
  CHECK(contains(complaint_about("a,y\n1,0\n2,0\n3,0\n", {{"no-intercept", "yes"}}), "target 'y'"));
  CHECK(complaint_about("a,y\n1,4\n2,4\n3,4\n", {{"no-intercept", "yes"}}) == "no complaint");
  CHECK(contains(complaint_about("a,b,y\n1,2,3\n4,5,7\n"),
                 "expected more rows than coefficients, found 2 rows for 3 coefficients"));
  CHECK(contains(complaint_about("a,y\n1,2\n4,5\n"), "found 2 rows for 2 coefficients"));
  CHECK(contains(complaint_about("a,b,y\n1,0,1\n2,0,5\n3,0,2\n9,0,4\n"), "column 'b' has only zeros"));
  CHECK(contains(complaint_about("a,y\n1,2\n3,x\n"), ".csv:3:3: expected a finite number in column 'y'"));
}

TEST_CASE("many-models: options that contradict each other or the data are refused by name") {
  const std::string csv = "a,b,y\n1,5,1\n2,5,2\n3,6,2\n4,5,7\n";
  const TempCsv file(csv);
  CHECK(contains(complaint({{"data", file.path()}}), "usage: --target: "));
  CHECK(contains(complaint_about(csv, {{"target", "z"}}), "usage: --target: "));
  CHECK(contains(complaint_about(csv, {{"target", "z"}}), "(a, b, y), got 'z'"));
  CHECK(contains(complaint_about(csv, {{"degree", "2"}}), "usage: --degree: expected one column"));
  CHECK(contains(complaint_about(csv, {{"degree", "0"}}), "usage: --degree: expected a whole number"));
  CHECK(contains(complaint_about(csv, {{"rows", "5"}}), "usage: --rows: "));
  CHECK(contains(complaint_about(csv, {{"solver", "lu"}}), "usage: --solver: expected qr or normal-eq"));
  CHECK(contains(complaint_about("intercept,y\n1,2\n2,3\n3,5\n"), "usage: --data: expected no column"));
  CHECK(contains(complaint({{"target", "y"}}), "usage: --target: "));
  CHECK(contains(complaint({{"degree", "2"}}), "usage: --degree: "));
  CHECK(contains(complaint({{"features", "0"}}), "usage: --features: "));
  CHECK(contains(complaint({{"tasks", "0"}}), "usage: --tasks: "));
  CHECK(contains(complaint({{"data", "/nowhere.csv"}, {"target", "y"}}), "data: /nowhere.csv: expected"));
}
