#include "results/laws/sharing.hpp"

#include <algorithm>
#include <cmath>

namespace scalelab {

double Sharing::share(double workers) const {
  constexpr double visible = 1e-3;
  const double even = 1 / workers;
  double share = std::max(even, longest);
  if (longest == 0 && tasks > 0) {
    // Whole rounds of one chunk for each worker, and the rest: its first worker has a chunk of it.
    const auto all = static_cast<double>(tasks);
    const auto round = static_cast<double>(chunk) * workers;
    const double rounds = std::floor(all / round);
    const double rest = all - rounds * round;
    share =
        (rounds * static_cast<double>(chunk) + std::min(static_cast<double>(chunk), rest)) / all;
  }
  return share < (1 + visible) * even ? even : share;
}

}  // namespace scalelab
