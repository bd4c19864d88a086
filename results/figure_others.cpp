// Figures that are not about one study: drift, granularity, a trace.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "results/figure_data.hpp"
#include "results/units.hpp"

namespace scalelab {

namespace {

constexpr const char* end_of_block = "\n\n";

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

}  // namespace

int style_of_driver(const std::string& driver) {
  const std::map<std::string, int> styles{
      {"sequential", 100}, {"openmp", 200}, {"processes", 300}, {"mpi", 400}};
  const auto style = styles.find(driver);
  return style == styles.end() ? 500 : style->second;
}

std::string block_head(const std::string& name, const std::string& columns) {
  std::string clean;
  for (const char c : name) {
    clean += c == '"' || static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return fmt::format("\"{}\"\t{}\n", clean, columns);
}

std::vector<FigureData> figures_of(const Analysis& analysis) {
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
      "user), and only because all configurations were run in turn did it touch all of them alike.";
  std::string file;
  std::vector<int> styles;
  double last = 0;
  double lowest = -1;
  double highest = 1;
  for (const auto& [driver, moments] : drivers) {
    file += block_head(driver, "percent");
    for (const Moment& moment : moments) {
      const double minutes = (moment.seconds - first) / 60;
      last = std::max(last, minutes);
      lowest = std::min(lowest, moment.percent);
      highest = std::max(highest, moment.percent);
      file += fmt::format("{:.4f}\t{:.4f}\n", minutes, moment.percent);
    }
    file += end_of_block;
    styles.push_back(style_of_driver(driver));
  }
  figure.files = {{"", file}};
  set_curves(figure, styles);
  figure.settings.emplace_back("most", fmt::format("{:g}", std::max(1.02 * last, 0.1)));
  figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest));
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.4 * highest));
  return {figure};
}

FigureData figure_of(const GranularityStudy& study) {
  FigureData figure;
  figure.kind = "metg";
  figure.name = fmt::format("{}-metg", study.name);
  figure.study = study.name;
  std::string file;
  std::vector<int> styles;
  std::map<std::string, int> same;
  std::size_t fewest = SIZE_MAX;
  for (const GranularityCurve& curve : study.curves) {
    file += block_head(curve.timers ? curve.driver + ", timers on" : curve.driver, "efficiency");
    for (const TaskLength& length : curve.value) {
      file += fmt::format("{:.6g}\t{:.4f}\n", length.granularity, 100 * length.efficiency());
    }
    file += end_of_block;
    styles.push_back(style_of_driver(curve.driver) + same[curve.driver]++);
    fewest = std::min(fewest, curve.fewest_runs);
  }
  figure.caption = fmt::format(
      "{}: efficiency against task granularity; lower quartile of n = {} runs of each length; a "
      "unit "
      "of work is {}",
      study.title, fewest, text_of_seconds(study.unit.seconds.value));
  figure.reading =
      "Long tasks, on the right, are nearly all work. To the left, what a task costs eats it: "
      "where "
      "a curve crosses 50 % is METG(50 %), the shortest task that is worth handing out.";
  figure.files = {{"", file}};
  set_curves(figure, styles);
  return figure;
}

FigureData figure_of_trace(const std::string& trace, const std::string& name) {
  constexpr std::size_t most_slices = 20000;
  std::ifstream input(trace, std::ios::binary);
  const auto json = nlohmann::json::parse(input, nullptr, false);
  const auto events = json.is_object() ? json.find("traceEvents") : json.end();
  if (json.is_discarded() || !json.is_object() || events == json.end() || !events->is_array()) {
    throw std::runtime_error(
        fmt::format("{}: expected a file of a driver's --trace, with traceEvents", trace));
  }
  struct Slice {
    double begin, end;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Slice>>
      workers;  // by process, thread
  double last = 0;
  std::size_t slices = 0;
  for (const auto& event : *events) {
    if (!event.is_object() || event.value("ph", "") != "X") continue;
    const double begin = event.value("ts", 0.0) * 1e-6;
    const double end = begin + event.value("dur", 0.0) * 1e-6;
    workers[{event.value("pid", std::int64_t{0}), event.value("tid", std::int64_t{0})}].push_back(
        {begin, end});
    last = std::max(last, end);
    ++slices;
  }
  if (slices == 0) throw std::runtime_error(fmt::format("{}: has no slices to draw", trace));
  const std::size_t step = (slices + most_slices - 1) / most_slices;
  FigureData figure;
  figure.kind = "gantt";
  figure.name = name;
  figure.title = "Who ran what when";
  figure.caption = fmt::format("{} chunks of {} workers{}", slices, workers.size(),
                               step > 1 ? fmt::format(", each {}th is drawn", step) : "");
  figure.reading =
      "A bar is a chunk of tasks. White at the end of a row is a worker that waits for the others: "
      "imbalance. White between bars is what handing out costs.";
  std::string file = "worker\tbegin\tend\tshade\n";
  std::size_t row = 0;
  for (auto& [id, of_worker] : workers) {
    std::sort(of_worker.begin(), of_worker.end(),
              [](const Slice& a, const Slice& b) { return a.begin < b.begin; });
    for (std::size_t i = 0; i < of_worker.size(); i += step) {
      file += fmt::format("{}\t{:.9g}\t{:.9g}\t{}\n", row, of_worker[i].begin, of_worker[i].end,
                          i / step % 2 == 0 ? 0x0072B2 : 0x56B4E9);
    }
    ++row;
  }
  figure.files = {{"", file}};
  figure.height =
      static_cast<int>(120 + 14 * std::min<std::size_t>(std::max<std::size_t>(row, 6), 60));
  figure.settings.emplace_back("most", fmt::format("{:.9g}", last));
  figure.settings.emplace_back("curves", "1");
  figure.settings.emplace_back("workers", std::to_string(row));
  figure.settings.emplace_back("tick_step", std::to_string(std::max<std::size_t>(1, row / 8)));
  return figure;
}

}  // namespace scalelab
