// Figures that are not about one study: drift, granularity, a trace.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "results/figures/figure_data.hpp"
#include "results/figures/study_drawing.hpp"
#include "results/text/text_file.hpp"
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
    styles.push_back(style_of_driver(driver));
  }
  figure.caption += dots.note();
  figure.files = {{"", file}};
  set_curves(figure, styles);
  figure.settings.emplace_back("most", fmt::format("{:g}", std::max(1.02 * last, 0.1)));
  figure.settings.emplace_back("bottom", fmt::format("{:g}", 1.1 * lowest));
  figure.settings.emplace_back("top", fmt::format("{:g}", 1.1 * highest));
  return {figure};
}

FigureData figure_of(const GranularityStudy& study) {
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
    styles.push_back(style_of_driver(curve.driver) + same[curve.driver]++);
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

namespace {

struct Slice {
  double begin, end;  // [s]
};

struct Trace {
  std::map<std::pair<double, double>, std::vector<Slice>> workers;  // by process, thread
  std::size_t slices = 0;
  double last = 0;    // [s]
  double one_of = 1;  // so many chunks were noted
};

/// @throws std::runtime_error  naming the file, if the event says something else than a number
double number_in(const nlohmann::json& event, const char* name, const std::string& path) {
  const auto value = event.find(name);
  if (value == event.end()) return 0;
  if (!value->is_number()) {
    throw std::runtime_error(
        fmt::format("{}: \"{}\": expected a number, got {}", path, name, value->dump()));
  }
  return value->get<double>();
}

bool is_slice(const nlohmann::json& event) {
  const auto phase = event.is_object() ? event.find("ph") : event.end();
  return phase != event.end() && *phase == "X";
}

nlohmann::json parsed_trace(const std::string& path) {
  auto json = nlohmann::json::parse(read_text(path), nullptr, false);
  if (!json.is_object() || !json.contains("traceEvents") || !json["traceEvents"].is_array()) {
    throw std::runtime_error(
        fmt::format("{}: expected a file of a driver's --trace, with traceEvents", path));
  }
  return json;
}

Trace read_trace(const std::string& path) {
  const nlohmann::json json = parsed_trace(path);
  Trace trace;
  if (const auto other = json.find("otherData"); other != json.end() && other->is_object()) {
    trace.one_of = number_in(*other, "one_of_so_many_chunks", path);
  }
  for (const auto& event : json["traceEvents"]) {
    if (!is_slice(event)) continue;
    const double begin = number_in(event, "ts", path) * 1e-6;
    const double end = begin + number_in(event, "dur", path) * 1e-6;
    const auto worker = std::pair(number_in(event, "pid", path), number_in(event, "tid", path));
    trace.workers[worker].push_back({begin, end});
    trace.last = std::max(trace.last, end);
    ++trace.slices;
  }
  if (trace.slices == 0) throw std::runtime_error(fmt::format("{}: has no chunks to draw", path));
  if (trace.last <= 0) {
    throw std::runtime_error(fmt::format("{}: no chunk lasts any time, none can be drawn", path));
  }
  for (auto& [id, slices] : trace.workers) {
    std::sort(slices.begin(), slices.end(),
              [](const Slice& a, const Slice& b) { return a.begin < b.begin; });
  }
  return trace;
}

/// Joins chunks that would be drawn closer than anyone can see, so that a picture has no more of
/// them than it has room for. Gaps that can be seen stay.
std::vector<Slice> joined(const std::vector<Slice>& slices, double visible) {
  std::vector<Slice> result;
  for (const Slice& slice : slices) {
    const bool near = !result.empty() && slice.begin - result.back().end < visible / 2;
    const bool small = near && (slice.end - slice.begin < visible ||
                                result.back().end - result.back().begin < visible);
    if (near && small && slice.end - result.back().begin < 2 * visible) {
      result.back().end = std::max(result.back().end, slice.end);
    } else {
      result.push_back(slice);
    }
  }
  return result;
}

}  // namespace

FigureData figure_of_trace(const std::string& path, const std::string& name) {
  constexpr double pixels = 640;
  constexpr double most_drawn = 20000;
  const Trace trace = read_trace(path);
  const auto rows = static_cast<double>(trace.workers.size());
  const double visible = trace.last / std::min(pixels, most_drawn / rows);
  const bool short_time = trace.last < 1;
  const double unit = short_time ? 1e3 : 1;
  std::string file = fmt::format("worker\tbegin_{0}\tend_{0}\tshade\n", short_time ? "ms" : "s");
  std::size_t row = 0;
  std::size_t drawn = 0;
  for (const auto& [id, all] : trace.workers) {
    bool dark = true;
    for (const Slice& slice : joined(all, visible)) {
      file += fmt::format("{}\t{:.7g}\t{:.7g}\t{}\n", row, unit * slice.begin, unit * slice.end,
                          dark ? 0x0072B2 : 0x56B4E9);
      dark = !dark;
      ++drawn;
    }
    ++row;
  }
  FigureData figure;
  figure.kind = "gantt";
  figure.name = name;
  figure.title = "Who ran what when";
  figure.caption = fmt::format(
      "{} chunks of {} workers{}{}", trace.slices, row,
      trace.one_of > 1 ? fmt::format("; of each {} chunks one was noted", trace.one_of) : "",
      drawn < trace.slices ? "; neighbours too short to be seen are drawn as one" : "");
  figure.reading =
      trace.one_of > 1
          ? "A bar is a chunk of tasks. White is a chunk that was not noted, or a worker that "
            "waits."
          : "A bar is a chunk of tasks. White at the end of a row is a worker that waits for the "
            "others: imbalance. White between bars is what handing out costs.";
  figure.files = {{"", file}};
  figure.height =
      static_cast<int>(130 + 14 * std::min<std::size_t>(std::max<std::size_t>(row, 6), 60));
  figure.settings.emplace_back("most", fmt::format("{:.7g}", unit * trace.last));
  figure.settings.emplace_back("unit", short_time ? "'ms'" : "'s'");
  figure.settings.emplace_back("curves", "1");
  figure.settings.emplace_back("workers", std::to_string(row));
  figure.settings.emplace_back("tick_step", std::to_string(std::max<std::size_t>(1, row / 8)));
  return figure;
}

}  // namespace scalelab
