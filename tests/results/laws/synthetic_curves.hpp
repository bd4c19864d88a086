#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "results/laws/scaling_laws.hpp"

// Times that no machine has measured: their law is known.
namespace scalelab::test {

using Workers = std::vector<double>;
using Times = std::vector<TimesOnWorkers>;

/// Sanitizers and debug builds take 20 times as long.
inline const bool fast = std::string(BUILD_TYPE) == "Release" && std::string(SANITIZE).empty();
inline const int data_sets = fast ? 500 : 50;
inline constexpr std::size_t resamples = 500;

inline const Workers powers = {1, 2, 4, 8, 16, 32, 64};
inline const Coefficients ideal{3, 0, 0};
inline const Coefficients amdahl{3, 3 * 0.05, 0};
inline const Coefficients usl{3, 3 * 0.03, 3 * 0.0005};
inline const Coefficients usl2{1, 0.02, 0.002};

inline double alpha(const Coefficients& c) { return c.alpha(); }
inline double beta(const Coefficients& c) { return c.beta(); }

/// A truth that curves are made of.
struct Truth {
  std::string name;
  std::function<double(double)> seconds;
  std::optional<Coefficients> law;                ///< none of the kit's laws is true without it
  std::function<double(double)> share = nullptr;  ///< of the work, where the record tells it
};

inline Truth of_law(const std::string& name, const Coefficients& law) {
  return {name, [law](double p) { return law.seconds(p); }, law};
}

/// One time each, without noise.
template <class Seconds>
Times exact(const Workers& workers, Seconds seconds) {
  Times times;
  for (const double p : workers) times.push_back({p, {seconds(p)}});
  return times;
}

inline Times exact(const Workers& workers, const Coefficients& truth) {
  return exact(workers, [&](double p) { return truth.seconds(p); });
}

/// So many times of each number of workers, with lognormal noise: their median is the law's.
inline Times noisy(Times times, std::size_t runs, double noise, std::mt19937_64& random) {
  std::normal_distribution<> normal;
  for (TimesOnWorkers& point : times) {
    const double truth = point.seconds.front();
    point.seconds.clear();
    for (std::size_t i = 0; i < runs; ++i) {
      point.seconds.push_back(truth * std::exp(noise * normal(random)));
    }
  }
  return times;
}

}  // namespace scalelab::test
