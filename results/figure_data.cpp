#include "results/figure_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "results/units.hpp"

namespace scalelab {

namespace {

/// Of each driver's curves the first has the driver's own style, the others follow it.
std::vector<int> styles_of(const std::vector<Curve>& curves) {
  std::map<std::string, int> same;
  std::vector<int> styles;
  for (const Curve& curve : curves) {
    styles.push_back(style_of_driver(curve.driver) + same[curve.driver]++);
  }
  return styles;
}

constexpr const char* end_of_block = "\n\n";

bool is_parallel(const Curve& curve) { return curve.driver != "sequential"; }

/// The curves of a figure, their styles, and what all scripts of workers need.
class Drawing {
 public:
  Drawing(const Study& study, const Analysis& analysis)
      : study_(study), analysis_(analysis), all_styles_(styles_of(study.curves)) {}

  FigureData begin(const std::string& kind, const std::string& what, const std::string& reading) {
    FigureData figure;
    figure.kind = kind;
    figure.name = fmt::format("{}-{}", study_.name, kind);
    figure.study = study_.name;
    figure.title = study_.title;
    figure.caption = what;
    figure.reading = reading;
    curves_.clear();
    return figure;
  }

  /// Adds a block for each curve that has something to show. @param line  of a point; may be empty
  void add(std::string& file, const std::string& columns,
           const std::function<std::string(const Point&)>& line, bool remember = true) {
    for (std::size_t i = 0; i < study_.curves.size(); ++i) {
      const Curve& curve = study_.curves[i];
      if (!is_parallel(curve)) continue;
      std::string lines;
      for (const Point& point : curve.points) lines += line(point);
      if (lines.empty()) continue;
      file += block_head(curve.name, columns) + lines + end_of_block;
      if (remember) curves_.push_back(i);
    }
  }

  /// Of the figure at hand.
  std::size_t curves() const { return curves_.size(); }

  void finish(FigureData& figure) const {
    std::vector<int> styles;
    std::vector<std::string> names;
    std::set<std::uint64_t> workers;
    for (const std::size_t i : curves_) {
      styles.push_back(all_styles_[i]);
      names.push_back(quoted_for_gnuplot(study_.curves[i].name));
      for (const Point& point : study_.curves[i].points) workers.insert(point.workers);
    }
    auto set = [&](const std::string& name, const std::string& value) {
      figure.settings.emplace_back(name, value);
    };
    set("curves", std::to_string(curves_.size()));
    set("styles", fmt::format("'{}'", fmt::join(styles, " ")));
    set(fmt::format("array names[{}]", names.size()), fmt::format("[{}]", fmt::join(names, ", ")));
    set("ticks", fmt::format("'{}'", fmt::join(ticks_of(workers), ", ")));
    set("nearest", fmt::format("{:.4g}", nearest(workers)));
    set("least", std::to_string(workers.empty() ? 1 : *workers.begin()));
    set("most", std::to_string(workers.empty() ? 1 : *workers.rbegin()));
    const auto edges = edges_within(workers.empty() ? 1 : *workers.begin(),
                                    workers.empty() ? 1 : *workers.rbegin());
    set("edges", fmt::format("'{}'", fmt::join(edges.first, " ")));
    set(fmt::format("array edge_names[{}]", edges.second.size()),
        fmt::format("[{}]", fmt::join(edges.second, ", ")));
    set("weak", study_.weak ? "1" : "0");
    set("base", fmt::format("{:.9g}", base()));
    set("sequential", fmt::format("{:.9g}", sequential()));
    set("target", fmt::format("{:g}", 100 * analysis_.target));
  }

  /// Laws of curves that have chosen one: their block of points along the law, and settings.
  void add_laws(FigureData& figure) const {
    std::string file;
    std::vector<int> styles;
    std::vector<std::string> alphas;
    std::vector<std::string> betas;
    for (std::size_t i = 0; i < study_.curves.size(); ++i) {
      const Curve& curve = study_.curves[i];
      const FittedLaw* law = curve.laws ? curve.laws->chosen_fit() : nullptr;
      if (law == nullptr || !is_parallel(curve)) continue;
      file += law_block(curve, *law);
      styles.push_back(all_styles_[i]);
      alphas.push_back(fmt::format("{:.9g}", law->coefficients.alpha()));
      betas.push_back(fmt::format("{:.9g}", law->coefficients.beta()));
    }
    if (styles.empty()) {
      // gnuplot opens the file even to draw none of its blocks: one that shows nothing.
      file = block_head("no law", law_columns) + "1\tNaN\tNaN\tNaN\tNaN\tNaN\n" + end_of_block;
      styles = {0};
      alphas = betas = {"NaN"};
    }
    figure.settings.emplace_back("laws", std::to_string(styles.size()));
    figure.settings.emplace_back("law_styles", fmt::format("'{}'", fmt::join(styles, " ")));
    figure.settings.emplace_back("alphas", fmt::format("'{}'", fmt::join(alphas, " ")));
    figure.settings.emplace_back("betas", fmt::format("'{}'", fmt::join(betas, " ")));
    figure.files.emplace_back("-law", file);
  }

  /// "median of n = 6 runs, 95 % intervals" @param of  what the intervals are of
  std::string samples(const std::string& of = "") const {
    std::size_t fewest = SIZE_MAX;
    std::size_t most = 0;
    bool runs = true;
    for (const Curve& curve : study_.curves) {
      for (const Point& point : curve.points) {
        fewest = std::min(fewest, point.times.size());
        most = std::max(most, point.times.size());
        runs = runs && point.times_of_runs;
      }
    }
    if (most == 1) return "one run of each";
    return fmt::format("median of n = {}{} {}, {}", fewest,
                       fewest == most ? "" : fmt::format(" to {}", most),
                       runs ? "runs" : "repetitions",
                       most < 6     ? "smallest to largest"
                       : fewest < 6 ? "95 % intervals (n < 6: smallest to largest)"
                                    : fmt::format("95 % intervals{}", of));
  }

  std::string base_text() const {
    return study_.base ? fmt::format("{} ({})", study_.base->name,
                                     text_of_seconds(study_.base->seconds.value))
                       : "each driver's own time on 1 worker";
  }

 private:
  /// Of two numbers of workers, in powers of two, at most 1.
  static double nearest(const std::set<std::uint64_t>& workers) {
    double least = 1;
    double last = 0;
    for (const std::uint64_t number : workers) {
      const double place = std::log2(static_cast<double>(number));
      if (number != *workers.begin()) least = std::min(least, place - last);
      last = place;
    }
    return least;
  }

  static std::vector<std::string> ticks_of(const std::set<std::uint64_t>& workers) {
    std::vector<std::string> ticks;
    double last = 0;
    for (const std::uint64_t number : workers) {
      // Labels that are nearer would touch.
      if (static_cast<double>(number) < 1.3 * last) continue;
      last = static_cast<double>(number);
      ticks.push_back(fmt::format("\"{}\" {}", number, number));
    }
    return ticks;
  }

  static constexpr const char* law_columns = "law\tlow\thigh\tspeedup\tefficiency";

  /// The law over the numbers of workers that it was fitted to.
  std::string law_block(const Curve& curve, const FittedLaw& law) const {
    constexpr int steps = 40;
    double least = 0;
    double most = 0;
    for (const Point& point : curve.points) {
      if (point.oversubscribed) continue;
      if (least == 0) least = static_cast<double>(point.workers);
      most = static_cast<double>(point.workers);
    }
    const double base = base_of(curve);
    std::string block = block_head(curve.name, law_columns);
    for (int step = 0; step <= steps; ++step) {
      const double p = least * std::pow(most / least, static_cast<double>(step) / steps);
      const Estimate seconds = law.estimate([&](const Coefficients& c) { return c.seconds(p); });
      const double speedup = base > 0 ? base / seconds.value : NAN;
      block += fmt::format("{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\n", p, seconds.value,
                           seconds.low, seconds.high, speedup, 100 * speedup / p);
    }
    return block + end_of_block;
  }

  /// The time that a curve's speed-ups are over; 0: it has none. [s]
  static double base_of(const Curve& curve) {
    for (const Point& point : curve.points) {
      if (point.speedup) return point.speedup->value * point.seconds.value;
    }
    return 0;
  }

  /// Of the sequential driver; 0: it was not run. [s]
  double sequential() const {
    double fastest = INFINITY;
    for (const Curve& curve : study_.curves) {
      if (!is_parallel(curve)) fastest = std::min(fastest, curve.points.front().seconds.value);
    }
    return std::isinf(fastest) ? 0 : fastest;
  }

  double base() const {
    if (study_.base) return study_.base->seconds.value;
    for (const Curve& curve : study_.curves) {
      if (curve.points.front().workers == 1) return curve.points.front().seconds.value;
    }
    return 0;
  }

  /// Numbers of workers at which the cores of one, two, four ... hosts are all busy, and their
  /// names.
  std::pair<std::vector<std::uint64_t>, std::vector<std::string>> edges_within(
      std::uint64_t least, std::uint64_t most) const {
    std::vector<std::uint64_t> edges;
    std::vector<std::string> names;
    std::uint64_t cores = 0;
    std::size_t next = 1;
    for (std::size_t host = 1; host <= analysis_.cores_per_host.size(); ++host) {
      cores += analysis_.cores_per_host[host - 1];
      if (host != next) continue;
      next *= 2;
      if (cores < least || cores >= most) continue;
      edges.push_back(cores);
      names.push_back(quoted_for_gnuplot(host == 1 ? fmt::format("{} cores", cores)
                                                   : fmt::format("{} nodes", host)));
    }
    if (names.empty()) names.push_back("''");  // gnuplot has no empty arrays
    return {edges, names};
  }

  const Study& study_;
  const Analysis& analysis_;
  std::vector<int> all_styles_;
  std::vector<std::size_t> curves_;  // of the figure at hand
};

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

FigureData time_figure(Drawing& draw, bool weak) {
  FigureData figure = draw.begin(
      "time", fmt::format("time of each run; {}", draw.samples()),
      fmt::format("Each faint dot is a run. Along the dotted line {}. A curve that leaves it has "
                  "stopped scaling; the line through the points is the law that was chosen.",
                  weak ? "the time would stay the same" : "twice the workers need half the time"));
  std::string points;
  std::string runs;
  double shortest = INFINITY;
  double longest = 0;
  draw.add(points, "median\tlow\thigh", [&](const Point& point) {
    shortest = std::min(shortest, *std::min_element(point.times.begin(), point.times.end()));
    longest = std::max(longest, *std::max_element(point.times.begin(), point.times.end()));
    return line(point.workers, point.seconds.value, point.seconds.low, point.seconds.high);
  });
  draw.add(
      runs, "seconds",
      [](const Point& point) {
        std::string lines;
        for (const double time : point.times) {
          lines += fmt::format("{}\t{:.6g}\n", point.workers, time);
        }
        return lines;
      },
      false);
  figure.files = {{"", points}, {"-runs", runs}};
  draw.add_laws(figure);
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", shortest / 1.4));
  figure.settings.emplace_back("top", fmt::format("{:g}", longest * 1.4));
  figure.settings.emplace_back("time_ticks", time_ticks(shortest / 1.4, longest * 1.4));
  return figure;
}

FigureData speedup_figure(Drawing& draw) {
  FigureData figure = draw.begin(
      "speedup",
      fmt::format("speed-up over {}; {}", draw.base_text(), draw.samples(" of both times")),
      "On the dotted diagonal p workers are p times as fast. The further a curve bends away, the "
      "less each further worker brings.");
  std::string points;
  double lowest = 1;
  draw.add(points, "speedup\tlow\thigh", [&](const Point& point) {
    if (point.speedup) lowest = std::min(lowest, point.speedup->low);
    return point.speedup
               ? line(point.workers, point.speedup->value, point.speedup->low, point.speedup->high)
               : "";
  });
  figure.files = {{"", points}};
  draw.add_laws(figure);
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", lowest / 1.3));
  return figure;
}

FigureData efficiency_figure(Drawing& draw, bool weak) {
  FigureData figure = draw.begin(
      weak ? "weak" : "efficiency",
      fmt::format("efficiency over {}; {}", draw.base_text(), draw.samples(" of both times")),
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
  draw.finish(figure);
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.05 * highest));
  return figure;
}

FigureData karp_flatt_figure(Drawing& draw) {
  FigureData figure = draw.begin(
      "karp-flatt",
      "serial fraction as each number of workers shows it (Karp-Flatt), %; lines: alpha + beta p",
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
  draw.finish(figure);
  figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest));
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.1 * highest));
  return figure;
}

FigureData where_figure(Drawing& draw) {
  FigureData figure = draw.begin(
      "where", "where the time of the workers goes, % of the wall time of the run in the middle",
      "Blue is work. Idle: waiting for others, for the serial part, or to be woken. Dispatch: "
      "taking "
      "chunks. Communication: messages and gathering. If the blue shrinks, the colour that grows "
      "says why; if it does not and the speed-up still falls, computing itself got slower.");
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
  figure.height = static_cast<int>(60 + 190 * rows);
  draw.finish(figure);
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

FigureData distribution_figure(Drawing& draw) {
  FigureData figure =
      draw.begin("distribution",
                 "times of all runs beside the median of their number of workers; box: the "
                 "middle half of them",
                 "A narrow cloud is a steady machine. Points far above it are runs that something "
                 "disturbed; a "
                 "cloud that is wide for one driver only says something about that driver.");
  std::string boxes;
  std::string runs;
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
        for (std::size_t i = 0; i < point.times.size(); ++i) {
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

std::string quoted_for_gnuplot(const std::string& text) {
  // Within double quotes gnuplot would run what is between backquotes and put in what follows an @;
  // within single quotes it cannot read a quote at the beginning. So all such are told as numbers.
  std::string quoted;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      quoted += ' ';
    } else if (std::string("\"'`\\@").find(c) != std::string::npos) {
      quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return fmt::format("\"{}\"", quoted);
}

std::vector<FigureData> figures_of(const Study& study, const Analysis& analysis) {
  std::vector<FigureData> figures;
  Drawing draw(study, analysis);
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
