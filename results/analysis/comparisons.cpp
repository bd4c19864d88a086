#include "results/analysis/comparisons.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "results/analysis/causes.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

/// Whether they differ in nothing but their schedule.
bool differ_by_schedule(const Curve& a, const Curve& b) {
  return a.driver == b.driver && a.schedule != b.schedule && a.bind == b.bind &&
         a.threads_per_rank == b.threads_per_rank && a.nodes == b.nodes &&
         a.accounting == b.accounting && a.traced == b.traced;
}

/// How many pairs of a study's times differ by chance, on average, if none do.
void add_pairs(const Study& study, Comparisons& comparisons) {
  std::map<std::size_t, std::size_t> points;  // by their number of times
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) ++points[point.times.size()];
  }
  for (auto a = points.begin(); a != points.end(); ++a) {
    for (auto b = a; b != points.end(); ++b) {
      const std::size_t pairs = a == b ? a->second * (a->second - 1) / 2 : a->second * b->second;
      comparisons.pairs += pairs;
      comparisons.by_chance += static_cast<double>(pairs) * chance_to_differ(a->first, b->first);
    }
  }
}

}  // namespace

std::vector<CurveAt> with_other_schedules(const Study& study, const Curve& curve,
                                          std::uint64_t workers) {
  std::vector<CurveAt> others;
  for (const Curve& other : study.curves) {
    if (!differ_by_schedule(curve, other)) continue;
    for (const Point& point : other.points) {
      if (point.workers == workers) others.push_back({&other, &point});
    }
  }
  return others;
}

bool may_have_a_better_schedule(const Curve& curve) {
  return curve.schedule.starts_with("static") && curve.driver != sequential_driver;
}

std::vector<const Point*> beyond_the_cores(const Curve& curve) {
  const Point* within = last_with_like_cores(curve);
  const Point& last = curve.points.back();
  if (within == nullptr || !last.oversubscribed() || within->workers != last.cores) return {};
  std::vector<const Point*> points;
  for (const Point& point : curve.points) {
    if (point.oversubscribed()) points.push_back(&point);
  }
  return points;
}

Comparisons& Comparisons::operator+=(const Comparisons& other) {
  shortest += other.shortest;
  schedules += other.schedules;
  crowded += other.crowded;
  pairs += other.pairs;
  by_chance += other.by_chance;
  return *this;
}

Comparisons comparisons_of(const Study& study) {
  Comparisons comparisons;
  std::size_t points = 0;
  for (const Curve& curve : study.curves) {
    points += curve.points.size();
    if (!study.weak) comparisons.crowded += beyond_the_cores(curve).size();
    const Point* last = last_with_like_cores(curve);
    if (may_have_a_better_schedule(curve) && last != nullptr && last->workers > 1) {
      for (const CurveAt& other : with_other_schedules(study, curve, last->workers)) {
        // Of two static schedules each is the other's other one.
        if (may_have_a_better_schedule(*other.curve) && other.curve < &curve) continue;
        ++comparisons.schedules;
        if (!study.weak) continue;
        ++comparisons.pairs;
        comparisons.by_chance += chance_to_differ(last->times.size(), other.point->times.size());
      }
    }
  }
  if (study.weak || points == 0) return comparisons;
  comparisons.shortest = points - 1;
  add_pairs(study, comparisons);
  return comparisons;
}

std::string text_of(const Comparisons& all) {
  std::vector<std::string> kinds;
  const auto add = [&](std::size_t number, const char* what) {
    if (number > 0) kinds.push_back(fmt::format("{} {}", number, what));
  };
  add(all.shortest, "of a work's shortest with its others");
  add(all.schedules, "of two schedules");
  add(all.crowded, "of crowded workers with all cores at work");
  if (kinds.empty()) return "no two times are ranked";
  return fmt::format("{} comparison{} that rank{} two times: {}", all.made(),
                     all.made() == 1 ? "" : "s", all.made() == 1 ? "s" : "",
                     fmt::join(kinds, ", "));
}

std::string sureness_of(const Comparisons& all) {
  constexpr double held = 0.05;
  const std::string chance =
      all.by_chance <= held
          ? fmt::format("so the chance of a false one is {:.2g} % or so", 100 * all.by_chance)
          : "each alone is hardly false, but nothing corrects for their number";
  return fmt::format(
      "which these are is seen only when all is measured: they are from {} pair{}, of which {:.2g} "
      "would seem to differ by chance if none did and all scattered alike (where one scatters much "
      "more, "
      "several times as many); {}",
      all.pairs, all.pairs == 1 ? "" : "s", all.by_chance, chance);
}

std::string sureness_of_laws(const std::vector<Study>& studies) {
  std::size_t laws = 0;
  std::size_t intervals = 0;  // of all terms but the first, c0
  for (const Study& study : studies) {
    for (const Curve& curve : study.curves) {
      if (!curve.laws || !curve.laws->chosen || terms_of(*curve.laws->chosen) == 1) continue;
      ++laws;
      intervals += terms_of(*curve.laws->chosen) - 1;
    }
  }
  if (laws < 2) return "";
  constexpr std::size_t most = 10;
  const std::string together =
      intervals <= most ? fmt::format("all of them together in {} % at least", 100 - 5 * intervals)
                        : "nothing corrects for their number";
  return fmt::format("{} laws have {} intervals: each of them holds what is true in 95 %, {}", laws,
                     intervals, together);
}

}  // namespace scalelab
