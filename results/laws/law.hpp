#pragma once

#include <cstddef>
#include <string>
#include <vector>

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
//
// In weak scaling each worker has the same work, whatever their number. The same models with q = 1
// are its laws:
//
//     T(p) = c0 + c2 (g(p) - g(f))          beta = c2 / c0
//
// where f is the fewest workers that were measured, so that c0 is their time. c2 = 0 is what
// Gustafson hopes for (CACM 31(5), 1988): the time is constant. It grows by log2 p where all meet
// once in a tree, as in collectives, by p - 1 where each worker adds something that is done one
// after another, and by sqrt p - 1 between these.

/// A number with a 95 % interval; without one, low = high = value.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// A value with the percentile interval of what it was in resamples; without those, it alone.
/// @param resampled  may be infinite, but not NaN
Estimate percentiles(double value, std::vector<double> resampled);

enum class Law { ideal, amdahl, tree, root, usl, constant, weak_tree, weak_root, weak_linear };

/// "ideal", "Amdahl", "log p", "sqrt p", "USL"; of weak scaling "constant", "log p", "sqrt p",
/// "linear"
std::string name_of(Law law);

/// Whether it is one of weak scaling.
bool is_weak(Law law);

/// Whether it has a term that grows with the workers.
bool grows(Law law);

std::size_t terms_of(Law law);

/// g(p); 0 of ideal, Amdahl and constant
double growth(Law law, double workers);

/// Seconds.
struct Coefficients {
  double c0 = 0;
  double c1 = 0;
  double c2 = 0;
  Law law = Law::usl;  ///< whose g c2 is of
  double fewest = 1;   ///< f, of weak scaling

  /// @param share  q; 0: 1 / p, or in weak scaling 1
  double seconds(double workers, double share = 0) const {
    const double q = is_weak(law) ? 1 : share > 0 ? share : 1 / workers;
    return c0 * q + c1 * (1 - q) + (c2 == 0 ? 0 : c2 * grown(workers));
  }
  double grown(double workers) const {
    return growth(law, workers) - (is_weak(law) ? growth(law, fewest) : 0);
  }
  double alpha() const { return c1 / c0; }
  double beta() const { return c2 / c0; }
  /// Parallel efficiency c0 / (p T(p)), in weak scaling c0 / T(p): over the law's own time on one
  /// worker, or on the fewest.
  double efficiency(double workers) const {
    return c0 / ((is_weak(law) ? 1 : workers) * seconds(workers));
  }
};

/// Experimentally determined serial fraction, e(p) = (1/S - 1/p) / (1 - 1/p).
/// Source: Karp and Flatt, CACM 33(5), 1990, equation 2. @param workers  at least 2
double karp_flatt(double speedup, double workers);

/// Number of workers from which on the law's efficiency, base / (p T(p)), in weak scaling
/// base / T(p), is below a target, as a real number; infinite if that never happens, 1 if it always
/// was. alpha + beta p >= 0 is not needed: the first such number counts.
/// @param target  above 0, below 1
/// @param base    what the efficiency is over: c0, or the sequential driver's time [s]
double workers_at_efficiency(const Coefficients& law, double target, double base);

/// Number of workers with the shortest time, sqrt((1 - alpha) / beta); infinite where beta <= 0;
/// 1 where alpha >= 1. Source: Gunther 2007, equation 4. @param law  of strong scaling
double peak_workers(const Coefficients& law);

}  // namespace scalelab
