#pragma once

#include <string>

namespace scalelab {

// The laws of strong scaling are linear models of the time on p workers:
//
//     T(p) = c0 q + c1 (1 - q) + c2 g(p)          alpha = c1 / c0, beta = c2 / c0
//
// where q is the part of the work that falls to the worker with most of it: 1 / p, or more where
// few tasks are to be shared out. c1 = c2 = 0 is ideal; c2 = 0 is Amdahl's law with serial fraction
// alpha (AFIPS 1967). What grows with the workers is g: p - 1 in Gunther's Universal Scalability
// Law with contention alpha and coherency beta ("Guerrilla Capacity Planning", 2007, chapter 4),
// where each worker deals with every other; log2 p where messages go along a tree; sqrt p - 1
// between them. They are fitted by the kit's own least squares.

/// A number with a 95 % interval; without one, low = high = value.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

enum class Law { ideal, amdahl, tree, root, usl };

/// "ideal", "Amdahl", "log p", "sqrt p", "USL"
std::string name_of(Law law);

/// g(p); 0 of ideal and Amdahl
double growth(Law law, double workers);

/// Seconds.
struct Coefficients {
  double c0 = 0;
  double c1 = 0;
  double c2 = 0;
  Law law = Law::usl;  ///< whose g c2 is of

  /// @param share  q; 0: 1 / p
  double seconds(double workers, double share = 0) const {
    const double q = share > 0 ? share : 1 / workers;
    return c0 * q + c1 * (1 - q) + (c2 == 0 ? 0 : c2 * growth(law, workers));
  }
  double alpha() const { return c1 / c0; }
  double beta() const { return c2 / c0; }
  /// Parallel efficiency c0 / (p T(p)): over the law's own time on one worker.
  double efficiency(double workers) const { return c0 / (workers * seconds(workers)); }
};

/// Experimentally determined serial fraction, e(p) = (1/S - 1/p) / (1 - 1/p).
/// Source: Karp and Flatt, CACM 33(5), 1990, equation 2. @param workers  at least 2
double karp_flatt(double speedup, double workers);

/// Number of workers from which on the law's efficiency, base / (p T(p)), is below a target, as a
/// real number; infinite if that never happens, 1 if it always was. alpha + beta p >= 0 is not
/// needed: the first such number counts.
/// @param target  above 0, below 1
/// @param base    what the efficiency is over: c0, or the sequential driver's time [s]
double workers_at_efficiency(const Coefficients& law, double target, double base);

/// Number of workers with the shortest time, sqrt((1 - alpha) / beta); infinite where beta <= 0;
/// 1 where alpha >= 1. Source: Gunther 2007, equation 4.
double peak_workers(const Coefficients& law);

}  // namespace scalelab
