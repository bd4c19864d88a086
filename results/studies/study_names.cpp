#include "results/studies/study_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "results/text/units.hpp"

namespace scalelab {

std::string title_of(const Run& run) {
  std::string title = run.kernel;
  if (run.data) title += fmt::format(" on {}", *run.data);
  const bool weak = run.scaling == "weak" && run.workers > 0;
  title += fmt::format(": {} tasks", weak ? run.tasks / run.workers : run.tasks);
  if (run.work && run.seconds_per_unit && run.tasks > 0) {
    title += fmt::format(" of {}", text_of_seconds(run.work->total * *run.seconds_per_unit /
                                                   static_cast<double>(run.tasks)));
  }
  if (weak) title += " for each worker";
  if (run.work && run.work->serial > 0) {
    title += fmt::format(", {:.3g} % serial",
                         100 * run.work->serial / (run.work->serial + run.work->total));
  }
  const auto skew = run.options.find("skew");
  if (skew != run.options.end() && skew->second != "uniform") {
    title += fmt::format(", skew {}", skew->second);
  }
  return title;
}

std::string difference_of(const Fields& work, const std::vector<const Fields*>& others) {
  std::vector<std::string> texts;
  for (const auto& entry : work) {
    const bool same = std::all_of(others.begin(), others.end(), [&](const Fields* other) {
      const auto there = other->find(entry.first);
      return there != other->end() && there->second == entry.second;
    });
    const auto& [field, value] = entry;
    if (!same && field != "data" && field != "tasks" && field != "tasks-per-worker" &&
        field != "scaling") {
      texts.push_back(fmt::format("{} {}", field, value));
    }
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void name_curves(std::vector<Curve>& curves) {
  // The sequential driver has only one worker, so it is rarely run with all schedules and bindings
  // of the others: it is told apart from its own kind only.
  const auto differs = [&](const Curve& one, const auto& of) {
    return std::any_of(curves.begin(), curves.end(), [&](const Curve& other) {
      return (one.driver == sequential_driver) == (other.driver == sequential_driver) &&
             of(one) != of(other);
    });
  };
  for (Curve& curve : curves) {
    const bool schedules = differs(curve, [](const Curve& c) { return c.schedule; });
    const bool binds = differs(curve, [](const Curve& c) { return c.bind; });
    const bool timers = differs(curve, [](const Curve& c) { return c.accounting; });
    curve.name = curve.driver;
    if (schedules) curve.name += fmt::format(" {}", curve.schedule);
    if (curve.threads_per_rank > 1) {
      curve.name += fmt::format(" {} threads", curve.threads_per_rank);
    }
    if (curve.nodes > 0) {
      curve.name += fmt::format(" {} node{}", curve.nodes, curve.nodes == 1 ? "" : "s");
    }
    if (binds) curve.name += curve.bind == "cores" ? " bound" : " unbound";
    if (timers && !curve.accounting) curve.name += " untimed";
    if (curve.traced) curve.name += " traced";
  }
  std::map<std::string, int> same;
  for (Curve& curve : curves) {
    if (const int n = ++same[curve.name]; n > 1) curve.name += fmt::format(" ({})", n);
  }
}

}  // namespace scalelab
