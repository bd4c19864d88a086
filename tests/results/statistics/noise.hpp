#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace scalelab {

/// A distribution of noise in times, with the median that a sample's should be.
struct Noise {
  std::string name;
  double median;
  std::function<double(std::mt19937_64&)> draw;
};

/// Symmetric, skewed and with two modes.
inline std::vector<Noise> noises() {
  const auto normal = [](std::mt19937_64& random) { return std::normal_distribution<>()(random); };
  // Of the second mode no draw is near the median, so P(X < m) = 0.8 Phi(m / 0.3) = 1/2.
  const double two_modes_median = 0.3 * 0.318639;  // Phi(0.318639) = 0.625
  return {{"normal", 0, normal},
          {"lognormal", 1, [=](std::mt19937_64& random) { return std::exp(normal(random)); }},
          {"exponential", std::log(2.0),
           [](std::mt19937_64& random) { return std::exponential_distribution<>()(random); }},
          {"two modes", two_modes_median, [=](std::mt19937_64& random) {
             const bool slow = std::uniform_real_distribution<>()(random) < 0.2;
             return 0.3 * normal(random) + (slow ? 4 : 0);
           }}};
}

}  // namespace scalelab
