#include "results/laws/law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace scalelab {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

Estimate percentiles(double value, std::vector<double> resampled) {
  if (resampled.empty()) return {value, value, value};
  std::sort(resampled.begin(), resampled.end());
  // Order statistics, not between them: some may be infinite.
  const auto tail = static_cast<std::size_t>(0.025 * static_cast<double>(resampled.size()));
  return {value, resampled[tail], resampled[resampled.size() - 1 - tail]};
}

std::string name_of(Law law) {
  switch (law) {
    case Law::ideal: return "ideal";
    case Law::amdahl: return "Amdahl";
    case Law::tree: return "log p";
    case Law::root: return "sqrt p";
    case Law::usl: return "USL";
    case Law::constant: return "constant";
    case Law::weak_tree: return "log p";
    case Law::weak_root: return "sqrt p";
    case Law::weak_linear: return "linear";
  }
  throw std::logic_error("a law that nobody knows");
}

bool is_weak(Law law) {
  return law == Law::constant || law == Law::weak_tree || law == Law::weak_root ||
         law == Law::weak_linear;
}

bool grows(Law law) { return law != Law::ideal && law != Law::amdahl && law != Law::constant; }

std::size_t terms_of(Law law) {
  if (law == Law::ideal || law == Law::constant) return 1;
  return law == Law::amdahl || is_weak(law) ? 2 : 3;
}

double growth(Law law, double workers) {
  switch (law) {
    case Law::tree:
    case Law::weak_tree: return std::log2(workers);
    case Law::root:
    case Law::weak_root: return std::sqrt(workers) - 1;
    case Law::usl:
    case Law::weak_linear: return workers - 1;
    default: return 0;
  }
}

double karp_flatt(double speedup, double workers) {
  if (!(workers > 1) || !(speedup > 0)) {
    throw std::invalid_argument("Karp-Flatt: expected a speed-up on at least 2 workers");
  }
  return (1 / speedup - 1 / workers) / (1 - 1 / workers);
}

double workers_at_efficiency(const Coefficients& law, double target, double base) {
  if (!(target > 0 && target < 1)) {
    throw std::invalid_argument("workers at an efficiency: expected one between 0 and 1");
  }
  if (base <= target * law.c0) return 1;
  // base / (p T(p)) = target where p T(p) = base / target: the smallest such p above 1.
  const double enough = base / target;
  if (is_weak(law.law)) {
    // base / T(p) = target where g(p) is as large as this:
    if (!(law.c2 > 0)) return infinity;
    const double g = growth(law.law, law.fewest) + (base / target - law.c0) / law.c2;
    switch (law.law) {
      case Law::weak_tree: return std::exp2(g);
      case Law::weak_root: return std::pow(1 + g, 2);
      default: return 1 + g;
    }
  }
  if (law.law == Law::usl || law.c2 == 0) {
    // c2 p² + b p = c, with:
    const double b = law.c1 - law.c2;
    const double c = law.c1 - law.c0 + enough;
    const double discriminant = b * b + 4 * law.c2 * c;
    if (discriminant < 0) return infinity;
    const double root = std::sqrt(discriminant);
    // Without taking a difference of like numbers.
    const double workers = b > 0        ? 2 * c / (b + root)
                           : law.c2 > 0 ? (root - b) / (2 * law.c2)
                                        : infinity;
    return workers > 1 ? workers : infinity;
  }
  const auto missing = [&](double p) { return p * law.seconds(p) - enough; };
  double below = 1;
  double above = 2;
  while (missing(above) < 0) {
    if (above > 1e9) return infinity;
    below = above;
    above *= 2;
  }
  for (int i = 0; i < 60; ++i) {
    const double middle = (below + above) / 2;
    (missing(middle) < 0 ? below : above) = middle;
  }
  return above;
}

double peak_workers(const Coefficients& law) {
  if (law.c2 < 0) return infinity;
  if (law.c1 >= law.c0) return 1;
  if (law.c2 == 0) return infinity;
  const double ratio = (law.c0 - law.c1) / law.c2;
  switch (law.law) {
    case Law::tree: return std::max(1.0, ratio * std::log(2.0));
    case Law::root: return std::max(1.0, std::pow(2 * ratio, 2.0 / 3));
    default: return std::max(1.0, std::sqrt(ratio));
  }
}

}  // namespace scalelab
