#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/studies/study.hpp"

// Which times a report compares with which: two differ where their intervals do not overlap.
namespace scalelab {

struct CurveAt {
  const Curve* curve;
  const Point* point;
};

/// What has been measured of a curve's driver on so many workers, with another schedule and nothing
/// else changed.
std::vector<CurveAt> with_other_schedules(const Study& study, const Curve& curve,
                                          std::uint64_t workers);

/// Whether there is another schedule that a curve's own could be worse than: it is a static one.
bool may_have_a_better_schedule(const Curve& curve);

/// The points of a curve with more workers than can compute at a time, if there is one with all
/// cores at work beside which it shows what they bring. Else none.
std::vector<const Point*> beyond_the_cores(const Curve& curve);

/// How many comparisons of two times the sentences about a study rest on.
struct Comparisons {
  std::size_t shortest = 0;   ///< the shortest time with each other one
  std::size_t schedules = 0;  ///< the same workers with two schedules
  std::size_t crowded = 0;    ///< more workers than can compute at a time with all cores at work
  /// Which time is the shortest is known only when all are: each two could have been compared.
  std::size_t pairs = 0;
  /// How many of these pairs would differ by chance alone, on average, if no two times differed and
  /// all scattered alike.
  double by_chance = 0;

  std::size_t made() const { return shortest + schedules + crowded; }
  Comparisons& operator+=(const Comparisons& other);
};

Comparisons comparisons_of(const Study& study);

/// "99 comparisons that rank two times: 96 of a work's shortest with its others, 3 of two
/// schedules"
std::string text_of(const Comparisons& all);

/// How sure it is that nothing is said to differ by chance. @param all  from pairs, 1 at least
std::string sureness_of(const Comparisons& all);

/// How sure the intervals of all laws that are believed are together, after Bonferroni: "3 laws
/// have 4 intervals: each of them holds what is true in 95 %, all of them together in 80 % at
/// least". Empty: there are fewer than two such laws.
std::string sureness_of_laws(const std::vector<Study>& studies);

}  // namespace scalelab
