#include "results/figures/other_figures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>

#include "results/figures/dots.hpp"
#include "results/figures/script.hpp"
#include "results/studies/rounds.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// "2026-11-22T20:15:00.123Z" in seconds since 1970; nothing if it is no time.
std::optional<double> seconds_of(const std::string& started) {
  std::tm time{};
  double seconds = 0;
  if (std::sscanf(started.c_str(), "%d-%d-%dT%d:%d:%lf", &time.tm_year, &time.tm_mon, &time.tm_mday,
                  &time.tm_hour, &time.tm_min, &seconds) != 6) {
    return std::nullopt;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return static_cast<double>(timegm(&time)) + seconds;
}

struct Moment {
  double seconds;
  double percent;  ///< over the median of its configuration
};

void set_curves(FigureData& figure, const std::vector<int>& styles) {
  figure.settings.emplace_back("curves", std::to_string(styles.size()));
  figure.settings.emplace_back("styles", fmt::format("'{}'", fmt::join(styles, " ")));
}

/// Whether what changed during a work's runs touched all of its configurations alike.
std::string touched(const Analysis& analysis) {
  std::vector<std::string> not_mixed;
  bool mixed = false;
  for (const Study& study : analysis.studies) {
    std::size_t several = 0;
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) several += point.runs.size() > 1 ? 1 : 0;
    }
    if (one_after_the_other(study)) {
      not_mixed.push_back(study.name);
    } else {
      mixed = mixed || several > 1;
    }
  }
  if (!not_mixed.empty()) {
    return fmt::format(
        " In {} the runs of a configuration were started one after the other, so it touched some "
        "configurations more than others.",
        fmt::join(not_mixed, ", "));
  }
  return mixed ? " As the configurations of a work were run in turn, it touched all of them alike."
               : "";
}

}  // namespace

std::vector<FigureData> figures_of(const Analysis& analysis) {
  const DriverStyles looks(analysis);
  std::map<std::string, std::vector<Moment>> drivers;
  double first = INFINITY;
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) {
        if (point.runs.size() < 2) continue;  // its only run is its median
        for (const Sample& run : point.runs) {
          const auto seconds = seconds_of(run.started);
          if (!seconds) continue;
          first = std::min(first, *seconds);
          drivers[curve.driver].push_back(
              {*seconds, 100 * (run.seconds / point.seconds.value - 1)});
        }
      }
    }
  }
  if (drivers.empty()) return {};
  FigureData figure;
  figure.kind = "drift";
  figure.name = "drift";
  figure.title = "All runs in their order";
  figure.caption =
      "time of each run beside the median of its configuration, against when it was started";
  figure.reading =
      "Level: the machine was the same all the time. A slope or a step: it was not (heat, another "
      "user)." +
      touched(analysis);
  std::string file;
  std::vector<int> styles;
  std::size_t runs = 0;
  for (const auto& [driver, moments] : drivers) runs += moments.size();
  Dots dots(runs, drivers.size());
  double last = 0;
  double lowest = -1;
  double highest = 1;
  for (const auto& [driver, moments] : drivers) {
    file += block_head(driver, "percent");
    std::vector<double> percents;
    for (const Moment& moment : moments) {
      last = std::max(last, (moment.seconds - first) / 60);
      percents.push_back(moment.percent);
    }
    for (const std::size_t i : dots.of(percents)) {
      const Moment& moment = moments[i];
      const double minutes = (moment.seconds - first) / 60;
      lowest = std::min(lowest, moment.percent);
      highest = std::max(highest, moment.percent);
      file += fmt::format("{:.4f}\t{:.4f}\n", minutes, moment.percent);
    }
    file += end_of_block;
    styles.push_back(style_of(looks.index_of(driver)));
  }
  figure.caption += dots.note();
  figure.files = {{"", file}};
  set_curves(figure, styles);
  figure.settings.emplace_back("most", fmt::format("{:g}", std::max(1.02 * last, 0.1)));
  figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest));
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.1 * highest));
  return {figure};
}

FigureData figure_of(const GranularityStudy& study, const DriverStyles& looks) {
  FigureData figure;
  figure.kind = "metg";
  figure.name = fmt::format("{}-metg", study.name);
  figure.study = study.name;
  figure.title = study.title;
  figure.height = static_cast<int>(330 + 18 * study.curves.size());  // and a key of as many lines
  std::string lengths;
  std::string marks;
  std::vector<int> styles;
  std::vector<std::string> names;
  std::map<std::string, int> same;
  std::size_t fewest = SIZE_MAX;
  for (const GranularityCurve& curve : study.curves) {
    const std::string name = curve.timers ? curve.driver + ", timers on" : curve.driver;
    const MetgEstimate half = metg_of(curve, 0.5);
    names.push_back(quoted_for_gnuplot(fmt::format("{}: {}", name, text_of(half.value))));
    lengths += block_head(name, "efficiency\tlow\thigh");
    for (std::size_t i = 0; i < curve.value.size(); ++i) {
      // The longer a task takes, the less efficient it is.
      lengths += fmt::format("{:.6g}\t{:.4f}\t{:.4f}\t{:.4f}\n", curve.value[i].granularity,
                             100 * curve.value[i].efficiency(), 100 * curve.high[i].efficiency(),
                             100 * curve.low[i].efficiency());
    }
    lengths += end_of_block;
    const bool crosses = half.value.kind == Metg::Kind::at;
    marks += block_head(name, "metg50") +
             fmt::format("{:.6g}\t50\n", crosses ? half.value.seconds : NAN) + end_of_block;
    styles.push_back(style_of(looks.index_of(curve.driver), same[curve.driver]++));
    fewest = std::min(fewest, curve.fewest_runs);
  }
  figure.caption = fmt::format(
      "efficiency against task granularity, circles and key: METG(50 %); lower quartile of n = {} "
      "runs of each length, {}; a unit of work is {}",
      fewest,
      // Of fewer than 11, the quartile has no interval of 95 %: see metg.hpp.
      fewest < 11 ? "smallest time and largest" : "95 % intervals",
      text_of_seconds(study.unit.seconds.value));
  figure.reading = fmt::format(
      "Long tasks, on the right, are nearly all work. To the left, what a task costs eats it: {}",
      "where a curve crosses 50 % is METG(50 %), the shortest task that is worth handing out.");
  figure.files = {{"", lengths}, {"-marks", marks}};
  set_curves(figure, styles);
  figure.settings.emplace_back(fmt::format("array names[{}]", names.size()),
                               fmt::format("[{}]", fmt::join(names, ", ")));
  return figure;
}

}  // namespace scalelab
