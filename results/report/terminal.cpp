#include "results/report/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "results/text/units.hpp"
#include "results/text/wrapped.hpp"

namespace scalelab {

namespace {

constexpr std::size_t most_rows = 24;  // no more than a screen

/// All numbers of workers, or if those are too many, powers of two and the largest of each curve.
bool is_shown(const Study& study, const Curve& curve, const Point& point) {
  std::size_t rows = 0;
  for (const Curve& each : study.curves) rows += each.points.size();
  const bool power = (point.workers & (point.workers - 1)) == 0;
  return rows <= most_rows || power || point.workers == curve.points.back().workers;
}

std::string table_of(const Study& study) {
  std::size_t wide = 10;
  for (const Curve& curve : study.curves) wide = std::max(wide, curve.name.size());
  wide = std::min<std::size_t>(wide, 20);
  std::string text =
      fmt::format("  {:<{}} {:>7} {:>2} {:>8}  {:<18} {:>8} {:>11}\n", "driver", wide, "workers",
                  "n", "median", "95 % interval", study.weak ? "scaled" : "speed-up", "efficiency");
  bool hidden = false;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      if (!is_shown(study, curve, point)) {
        hidden = true;
        continue;
      }
      text += fmt::format(
          "  {:<{}} {:>7} {:>2} {:>8}  {:<18} {:>8} {:>11}\n", curve.name, wide, point.shape,
          point.times.size(), text_of_seconds(point.seconds.value), text_of_interval(point.seconds),
          point.speedup ? fmt::format("{:.2f}", point.speedup->value) : "-",
          point.efficiency ? fmt::format("{:.0f} %", 100 * point.efficiency->value) : "-");
    }
  }
  if (hidden) text += "  (more numbers of workers: in scaling.csv)\n";
  if (study.base) {
    text += fmt::format("  {} over {}, {}\n", study.weak ? "scaled speed-up" : "speed-up",
                        study.base->name, text_of_seconds(study.base->seconds.value));
  } else if (!study.own_base.empty()) {
    text += fmt::format("  {} over each driver's own time {}\n",
                        study.weak ? "scaled speed-up" : "speed-up", study.own_base);
  }
  return text;
}

// At most 80 columns.
constexpr const char* row_format = "  {:<10} {:<6} {:>11} {:<18}{:>11} {}\n";

/// The ends of METG(95 %), as the head of a column says them.
std::string name_of_fitted_interval(const GranularityStudy& study, std::size_t fewest) {
  const bool fitted = std::all_of(study.curves.begin(), study.curves.end(),
                                  [](const GranularityCurve& curve) { return curve.cost; });
  return fitted && fewest >= 6 ? "95 % interval" : "interval";
}

/// The ends between which the quartile is, as the head of a column says it.
std::string name_of_interval(double confidence, std::size_t fewest) {
  // Of fewer, not even the whole range says much.
  return fewest < 6 ? "min .. max" : fmt::format("{:.0f} % interval", std::floor(100 * confidence));
}

}  // namespace

std::string text_of(const Study& study, const std::string& plot, bool figures) {
  std::string text = fmt::format("{}\n\n{}", wrapped(study.title, 0), table_of(study));
  if (!plot.empty()) text += fmt::format("\n{}", plot);
  if (!study.verdicts.empty()) text += '\n';
  for (const Verdict& verdict : study.verdicts) {
    const std::string figure =
        figures ? fmt::format(" [figure {}-{}]", study.name, verdict.figure) : "";
    text += fmt::format("  - {}\n", wrapped(verdict.text + figure, 4));
  }
  for (const std::string& note : study.notes) {
    text += fmt::format("  note: {}\n", wrapped(note, 8));
  }
  return text;
}

std::string text_of(const GranularityStudy& study) {
  std::size_t fewest = study.curves.front().fewest_runs;
  double confidence = 1;
  double longest = 0;
  std::string table;
  for (const GranularityCurve& curve : study.curves) {
    fewest = std::min(fewest, curve.fewest_runs);
    confidence = std::min(confidence, curve.confidence);
    if (curve.driver != sequential_driver) longest = std::max(longest, curve.value.back().work);
    const MetgEstimate half = metg_of(curve, 0.5);
    const MetgEstimate most = metg_95_of(curve);
    table += fmt::format(row_format, curve.driver, curve.timers ? "on" : "off", text_of(half.value),
                         interval_of(half), text_of(most.value), interval_of(most));
  }
  const std::uint64_t workers = study.curves.back().workers;
  std::string text = fmt::format("{}, {} worker{}; lower quartile of {} runs of each length\n",
                                 study.title, workers, workers == 1 ? "" : "s", fewest);
  text +=
      fmt::format("a unit of work: {} in the sequential driver's tasks of {} ({} runs)\n\n",
                  text_of_task_time(study.unit.seconds.value),
                  text_of_task_time(study.unit.seconds.value * study.unit.units), study.unit.runs);
  text += fmt::format(row_format, "driver", "timers", "METG(50 %)",
                      name_of_interval(confidence, fewest), "METG(95 %)",
                      name_of_fitted_interval(study, fewest));
  text += fmt::format("{}\n", table);
  for (const std::string& never : never_95(study))
    text += fmt::format("  {}\n\n", wrapped(never, 2));
  return text +
         fmt::format(
             "  driver      who ran the tasks; sequential: no more than its own loop\n"
             "  timers      whether workers measured where their time went\n"
             "  METG(50 %)  if a task takes that long, overhead included, half of it is work\n"
             "  METG(95 %)  tasks (or chunks of them) should take at least that long, by the\n"
             "              line overhead + units x time of a unit, fitted to all lengths\n"
             "  interval    where the efficiency may be 50 % (95 %)\n"
             "  <X          even the shortest tasks, which took X, were efficient enough\n"
             "  never       no length would be, as a unit of work takes too long\n"
             "  not reached not even the longest tasks were, of {} of work\n",
             text_of_task_time(longest));
}

}  // namespace scalelab
