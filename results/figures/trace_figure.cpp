#include "results/figures/trace_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "results/text/text_file.hpp"

namespace scalelab {

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
