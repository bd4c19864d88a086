#pragma once

// What the tests of many-models share: a fit by the kernel, and what NIST certifies of it.
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

namespace scalelab::test {

using Texts = std::map<std::string, std::string>;
using Values = std::vector<double>;

template <class... Args>
std::string print(const char* format, Args... args) {
  char text[200];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

inline Texts with(Texts options, const std::string& name, const std::string& text) {
  options.insert_or_assign(name, text);
  return options;
}

/// The options that fit y of this CSV text, from a file that the next call overwrites.
inline Texts csv_file(const std::string& text, Texts options = {}) {
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
    const KernelDescription description = kernel_named("many-models");
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

inline double deviation(double computed, double expected) {
  return std::abs(computed - expected) / std::abs(expected);
}

/// NIST's measure, the number of correct digits (LRE). Where 0 is certified, `tiny` is correct.
inline double digits(double computed, double certified, double tiny) {
  if (certified == 0) return std::abs(computed) < tiny ? 17 : 0;
  return std::min(17.0, -std::log10(deviation(computed, certified)));
}

inline double worst_digits(const Estimate& computed, const Estimate& certified, double tiny = 0) {
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

}  // namespace scalelab::test
