#include "results/figures/study_figures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "results/figures/study_drawing.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

std::string line(std::uint64_t workers, double value, double low, double high) {
  return fmt::format("{}\t{:.6g}\t{:.6g}\t{:.6g}\n", workers, value, low, high);
}

/// Labels at 1, 2 and 5 of each decade, as far as they are not too many; of times that hardly
/// differ, at equal steps.
std::string time_ticks(double shortest, double longest) {
  std::vector<double> ticks;
  const double factor = longest / shortest;
  if (factor < 5) {
    double step = std::pow(10, std::floor(std::log10(longest - shortest)));
    while ((longest - shortest) / step < 3) step /= 2;
    for (double k = std::ceil(shortest / step); k * step <= longest; ++k) ticks.push_back(k * step);
  } else {
    for (double decade = std::pow(10, std::floor(std::log10(shortest))); decade <= longest;
         decade *= 10) {
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double tick = decade * digit;
        if (tick >= shortest && tick <= longest && (digit == 1 || factor < 100)) {
          ticks.push_back(tick);
        }
      }
    }
  }
  std::vector<std::string> labels;
  for (const double tick : ticks) {
    labels.push_back(fmt::format("\"{}\" {:.6g}", text_of_seconds(tick), tick));
  }
  return fmt::format("'{}'", fmt::join(labels, ", "));
}

FigureData time_figure(StudyDrawing& draw, bool weak) {
  FigureData figure = draw.begin(
      "time", fmt::format("time of each run; {}", draw.samples()),
      fmt::format("Each faint dot is a run. Along the dotted line {}. Where a curve leaves it, "
                  "further workers bring less than they could.",
                  weak ? "the time would stay the same" : "twice the workers need half the time"));
  std::string points;
  std::string runs;
  Dots dots = draw.dots();
  double shortest = INFINITY;
  double longest = 0;
  draw.add(points, "median\tlow\thigh", [&](const Point& point) {
    shortest = std::min(shortest, *std::min_element(point.times.begin(), point.times.end()));
    longest = std::max(longest, *std::max_element(point.times.begin(), point.times.end()));
    return line(point.workers, point.seconds.value, point.seconds.low, point.seconds.high);
  });
  draw.add(
      runs, "seconds",
      [&](const Point& point) {
        std::string lines;
        for (const std::size_t i : dots.of(point.times)) {
          lines += fmt::format("{}\t{:.6g}\n", point.workers, point.times[i]);
        }
        return lines;
      },
      false);
  figure.caption += dots.note();
  figure.files = {{"", points}, {"-runs", runs}};
  draw.add_laws(figure);
  figure.reading += draw.lines();
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", shortest / 1.4));
  figure.settings.emplace_back("top", fmt::format("{:g}", longest * 1.4));
  figure.settings.emplace_back("time_ticks", time_ticks(shortest / 1.4, longest * 1.4));
  return figure;
}

FigureData speedup_figure(StudyDrawing& draw) {
  FigureData figure = draw.begin(
      "speedup", fmt::format("speed-up over {}; {}", draw.base_text(), draw.samples()),
      "On the dotted diagonal p workers are p times as fast. The further a curve bends away, the "
      "less each further worker brings.");
  std::string points;
  double lowest = 1;
  double highest = 1;
  draw.add(points, "speedup\tlow\thigh", [&](const Point& point) {
    if (point.speedup) lowest = std::min(lowest, point.speedup->low);
    if (point.speedup) highest = std::max(highest, point.speedup->high);
    return point.speedup
               ? line(point.workers, point.speedup->value, point.speedup->low, point.speedup->high)
               : "";
  });
  figure.files = {{"", points}};
  draw.add_laws(figure);
  figure.reading += draw.lines();
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", lowest / 1.3));
  figure.settings.emplace_back("highest", fmt::format("{:g}", highest));
  figure.settings.emplace_back("letters", fmt::format("'{}'", draw.letters()));
  return figure;
}

FigureData efficiency_figure(StudyDrawing& draw, bool weak) {
  FigureData figure = draw.begin(
      weak ? "weak" : "efficiency",
      fmt::format("efficiency over {}; {}", draw.base_text(), draw.samples()),
      "100 % means that every worker is worth a whole one. Below the dotted line too much of what "
      "is paid for is lost.");
  std::string points;
  double highest = 100;
  draw.add(points, "efficiency\tlow\thigh", [&](const Point& point) -> std::string {
    if (!point.efficiency) return "";
    highest = std::max(highest, 100 * point.efficiency->high);
    return line(point.workers, 100 * point.efficiency->value, 100 * point.efficiency->low,
                100 * point.efficiency->high);
  });
  figure.files = {{"", points}};
  draw.add_laws(figure);
  figure.reading += draw.lines();
  draw.finish(figure);
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.05 * highest));
  return figure;
}

FigureData karp_flatt_figure(StudyDrawing& draw) {
  FigureData figure = draw.begin(
      "karp-flatt", "serial fraction as each number of workers shows it (Karp-Flatt), %",
      "Each point says how much of the work would have to be serial to explain its time. Level: a "
      "part of the work is serial (Amdahl). Rising: workers cost each other time (USL).");
  std::string points;
  double lowest = 0;
  double highest = 1;
  draw.add(points, "serial_fraction", [&](const Point& point) -> std::string {
    if (!point.karp_flatt) return "";
    const double share = 100 * *point.karp_flatt;
    lowest = std::min(lowest, share);
    highest = std::max(highest, share);
    return fmt::format("{}\t{:.6g}\n", point.workers, share);
  });
  figure.files = {{"", points}};
  draw.add_laws(figure);
  if (draw.laws() == draw.curves()) {
    figure.caption += "; lines: the chosen laws";
  } else if (draw.laws() > 0) {
    figure.caption += "; lines: the chosen laws, of curves that have one";
  }
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest));
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.1 * highest));
  return figure;
}

FigureData where_figure(StudyDrawing& draw) {
  FigureData figure = draw.begin(
      "where", "where the time of the workers goes, % of the wall time of the run in the middle",
      "Blue: the workers compute, also where that takes longer than in the base. Idle: waiting for "
      "others, for the serial part, or to be woken. Dispatch: taking chunks. Communication: "
      "messages and gathering. If the blue shrinks, the colour that grows says why; if it does not "
      "and the speed-up still falls, computing itself got slower. The sentence on what most time "
      "is "
      "lost to names losses by their causes, which are no colours here.");
  std::string points;
  draw.add(points, "compute\tdispatch\tcommunication\tidle\tunaccounted",
           [&](const Point& point) -> std::string {
             if (!point.spent) return "";
             const TimeSpent& spent = *point.spent;
             const double whole = spent.compute + spent.dispatch + spent.communication +
                                  spent.idle + spent.unaccounted;
             const auto share = [&](double part) { return std::max(0.0, 100 * part / whole); };
             return fmt::format("{}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\n", point.workers,
                                share(spent.compute), share(spent.dispatch),
                                share(spent.communication), share(spent.idle),
                                share(spent.unaccounted));
           });
  const std::size_t rows = (draw.curves() + 2) / 2;  // and a panel for the key
  figure.files = {{"", points}};
  draw.finish(figure);
  figure.height = static_cast<int>(60 + 200 * rows);  // its key has a panel
  figure.settings.emplace_back("rows", std::to_string(rows));
  return figure;
}

/// Of all points together: how far times lie from their medians. [%]
class Spread {
 public:
  double of(double time, const Point& point) {
    const double percent = 100 * (time / point.seconds.value - 1);
    lowest_ = std::min(lowest_, percent);
    highest_ = std::max(highest_, percent);
    return percent;
  }
  void set(FigureData& figure) const {
    figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest_));
    figure.settings.emplace_back("top", fmt::format("{:g}", 1.1 * highest_));
  }

 private:
  double lowest_ = -1;
  double highest_ = 1;
};

FigureData distribution_figure(StudyDrawing& draw) {
  FigureData figure =
      draw.begin("distribution",
                 "times of all runs beside the median of their number of workers; box: the "
                 "middle half of them",
                 "A narrow cloud is a steady machine. Points far above it are runs that something "
                 "disturbed; a "
                 "cloud that is wide for one driver only says something about that driver.");
  std::string boxes;
  std::string runs;
  Dots dots = draw.dots();
  Spread spread;
  draw.add(boxes, "least\tfirst_quartile\tthird_quartile\tlargest", [&](const Point& point) {
    const auto [least, most] = std::minmax_element(point.times.begin(), point.times.end());
    return fmt::format("{}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\n", point.workers,
                       spread.of(*least, point), spread.of(point.quartiles.first, point),
                       spread.of(point.quartiles.third, point), spread.of(*most, point));
  });
  draw.add(
      runs, "aside\tpercent",
      [&](const Point& point) {
        std::string lines;
        for (const std::size_t i : dots.of(point.times)) {
          // Spread over the box, so that equal ones can be seen.
          const double aside =
              0.6 *
              ((static_cast<double>(i) + 0.5) / static_cast<double>(point.times.size()) - 0.5);
          lines += fmt::format("{}\t{:.3f}\t{:.4f}\n", point.workers, aside,
                               spread.of(point.times[i], point));
        }
        return lines;
      },
      false);
  figure.caption += dots.note();
  figure.files = {{"", boxes}, {"-runs", runs}};
  draw.finish(figure);
  spread.set(figure);
  return figure;
}

std::size_t most_points(const Study& study) {
  std::size_t most = 0;
  for (const Curve& curve : study.curves) {
    if (is_parallel(curve)) most = std::max(most, curve.points.size());
  }
  return most;
}

bool any_point(const Study& study, const std::function<bool(const Point&)>& is_so) {
  return std::any_of(study.curves.begin(), study.curves.end(), [&](const Curve& curve) {
    return is_parallel(curve) && std::any_of(curve.points.begin(), curve.points.end(), is_so);
  });
}

}  // namespace

std::vector<FigureData> figures_of(const Study& study, const Analysis& analysis) {
  std::vector<FigureData> figures;
  StudyDrawing draw(study, analysis);
  if (most_points(study) == 0) return figures;
  const bool curves = most_points(study) > 1;  // one number of workers is no curve
  const bool based = any_point(study, [](const Point& point) { return point.speedup.has_value(); });
  if (curves) figures.push_back(time_figure(draw, study.weak));
  if (curves && based && !study.weak) figures.push_back(speedup_figure(draw));
  if (curves && based) figures.push_back(efficiency_figure(draw, study.weak));
  if (any_point(study, [](const Point& point) { return point.spent.has_value(); })) {
    figures.push_back(where_figure(draw));
  }
  const auto beyond_two = [](const Point& point) {
    return point.workers > 2 && point.karp_flatt.has_value();
  };
  if (curves && any_point(study, beyond_two)) {
    figures.push_back(karp_flatt_figure(draw));
  }
  figures.push_back(distribution_figure(draw));
  return figures;
}

}  // namespace scalelab
