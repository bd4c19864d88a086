#include "results/analysis/bandwidth.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/text/phrases.hpp"

namespace scalelab {

namespace {

/// Machines that a point's workers are on: one, where nobody knows.
double nodes_of(const Point& point) {
  return static_cast<double>(std::max<std::size_t>(point.nodes, 1));
}

/// Each node has its own memory and caches; a disk may be that of all.
bool is_of_each_node(const Study& study) { return study.bound_by == "memory"; }

/// [bytes/s]
Estimate bandwidth_of_node(const Point& point) {
  const Estimate all = bandwidth_of(point);
  const double nodes = nodes_of(point);
  return {all.value / nodes, all.low / nodes, all.high / nodes};
}

/// A point, and whose it is.
struct Mover {
  const Curve* curve = nullptr;
  const Point* point = nullptr;
};

/// Whether what one point moves says anything about another. What each node has is compared for
/// each node; anything else for as many nodes only.
bool may_be_compared(const Study& study, const Point& a, const Point& b) {
  return a.bytes > 0 && b.bytes > 0 && a.in_caches == b.in_caches &&
         (is_of_each_node(study) || nodes_of(a) == nodes_of(b));
}

/// Whether some workers of the study were seen to move clearly more: what these share is not used
/// up.
bool moves_less_than_others(const Study& study, const Point& last) {
  constexpr double nearly_all = 0.8;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      if (may_be_compared(study, point, last) &&
          bandwidth_of_node(last).high < nearly_all * bandwidth_of_node(point).low) {
        return true;
      }
    }
  }
  return false;
}

/// The fewest workers that move as much as those of a point, who are half as many again at least:
/// the intervals leave no room for more than a quarter. Empty: there are none, or nobody knows.
Mover moves_as_much(const Study& study, const Curve& curve, const Point& last) {
  constexpr double some = 1.25;
  constexpr double more = 1.5;
  if (moves_less_than_others(study, last)) return {};
  for (const Curve* of : {&study.curves.front(), &curve}) {
    if (of != &curve && of->driver != sequential_driver) continue;
    for (const Point& point : of->points) {
      if (!may_be_compared(study, point, last)) continue;
      const double times = static_cast<double>(last.workers) / nodes_of(last) /
                           (static_cast<double>(point.workers) / nodes_of(point));
      if (times >= more && bandwidth_of_node(last).high <= some * bandwidth_of_node(point).low) {
        return {of, &point};
      }
    }
  }
  return {};
}

std::string text_of_bandwidth(double bytes_per_second) {
  return fmt::format("{:.3g} GB/s", 1e-9 * bytes_per_second);
}

/// The most that one of its points moves through memory; nothing: it does not, or nobody knows.
std::optional<MemoryBandwidth> most_of(const Study& study) {
  std::optional<MemoryBandwidth> most;
  if (study.bound_by != "memory") return most;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      if (!(point.bytes > 0) || point.in_caches) continue;
      const Estimate bandwidth = bandwidth_of_node(point);
      if (!most || bandwidth.value > most->bytes_per_second.value) {
        most = MemoryBandwidth{bandwidth, study.kernel};
      }
    }
  }
  return most;
}

/// Beside what another kernel was seen to move; empty: that tells nothing.
std::string beside_others(const Study& study, const Point& last) {
  const bool may_be_memory = study.bound_by.empty() || study.bound_by == "memory";
  if (!study.memory || !may_be_memory || !(last.bytes > 0) || last.in_caches) return "";
  const Estimate own = bandwidth_of_node(last);
  const Estimate most = study.memory->bytes_per_second;
  const std::string of = fmt::format("{} of {} that {} moves {}", text_of_bandwidth(own.value),
                                     text_of_bandwidth(most.value), study.memory->kernel,
                                     last.nodes > 1 ? "on a node" : "here");
  constexpr double nearly_all = 0.8;
  constexpr double too_little = 0.5;
  if (own.low > nearly_all * most.high) return "the bandwidth of the memory is used up: " + of;
  if (own.high < too_little * most.low) {
    return fmt::format(
        "the same work takes longer side by side, though it moves only {} (perf stat would tell "
        "clock rate and cache misses)",
        of);
  }
  return "";
}

}  // namespace

Estimate bandwidth_of(const Point& point) {
  double compute = 1;  // as a part of the time
  if (point.spent && point.spent->compute > 0) {
    const TimeSpent& spent = *point.spent;
    compute = spent.compute / (spent.compute + spent.dispatch + spent.communication + spent.idle +
                               spent.unaccounted);
  }
  const double bytes = point.bytes / compute;
  return {bytes / point.seconds.value, bytes / point.seconds.high, bytes / point.seconds.low};
}

void compare_bandwidths(std::vector<Study>& studies) {
  for (Study& study : studies) {
    for (const Study& other : studies) {
      const auto most = &other == &study ? std::nullopt : most_of(other);
      if (!most) continue;
      const bool is_more =
          !study.memory || most->bytes_per_second.value > study.memory->bytes_per_second.value;
      if (is_more) study.memory = most;
    }
  }
}

std::string slowed_by(const Study& study, const Curve& curve, const Point& last) {
  const std::string longer = "the same work takes longer side by side";
  const std::string beside = beside_others(study, last);
  if (!beside.empty()) return beside;
  if (study.bound_by.empty()) {
    const bool would_tell = !study.memory && study.kernel != "stream";
    return fmt::format(
        "{}, and these records do not tell why ({}perf stat would tell clock rate and cache "
        "misses)",
        longer, would_tell ? "stream in the same sweep would tell what memory can give, " : "");
  }
  if (!(last.bytes > 0)) {
    return fmt::format("{}: its kernel says that it is bound by the {}, but not how much it moves",
                       longer, study.bound_by);
  }
  const std::string what =
      study.bound_by == "memory" && last.in_caches ? "last-level cache" : study.bound_by;
  return moves_as_much(study, curve, last).point != nullptr
             ? fmt::format("the bandwidth of the {} is used up", what)
             : fmt::format("{}, but that the bandwidth of the {} is used up does not show", longer,
                           what);
}

std::string moved_by(const Study& study, const Curve& curve, const Point& last) {
  if (study.bound_by.empty() || !(last.bytes > 0)) return "";
  const auto text_of = [&](const Point& point) {
    if (is_of_each_node(study) && point.nodes > 1) {
      return fmt::format("{} on each of {} nodes ({} in all)",
                         text_of_bandwidth(bandwidth_of_node(point).value), point.nodes,
                         workers(point.workers));
    }
    return fmt::format("{} on {}", text_of_bandwidth(bandwidth_of(point).value),
                       workers(point.workers));
  };
  Mover fewer = moves_as_much(study, curve, last);
  for (const Curve* of : {&study.curves.front(), &curve}) {
    if (of != &curve && of->driver != sequential_driver) continue;
    const Point& first = of->points.front();
    if (fewer.point == nullptr && first.workers < last.workers &&
        may_be_compared(study, first, last)) {
      fewer = {of, &first};
    }
  }
  if (fewer.point == nullptr) return text_of(last);
  if (fewer.curve == &curve) return text_of(*fewer.point) + ", " + text_of(last);
  return fmt::format("{}, {} {}", text_of(last), fewer.curve->name, text_of(*fewer.point));
}

}  // namespace scalelab
