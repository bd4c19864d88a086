#include "results/figures/study_drawing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "results/figures/driver_styles.hpp"
#include "results/figures/script.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

constexpr const char* law_columns = "law\tlow\thigh\tspeedup\tefficiency\tserial_fraction";

/// Of each driver's curves the first has the driver's own style, the others follow it.
std::vector<int> styles_of(const std::vector<Curve>& curves, const DriverStyles& looks) {
  std::map<std::string, int> same;
  std::vector<int> styles;
  for (const Curve& curve : curves) {
    styles.push_back(style_of(looks.index_of(curve.driver), same[curve.driver]++));
  }
  return styles;
}

/// Of two numbers of workers, in powers of two, at most 1.
double nearest(const std::set<std::uint64_t>& workers) {
  double least = 1;
  double last = 0;
  for (const std::uint64_t number : workers) {
    const double place = std::log2(static_cast<double>(number));
    if (number != *workers.begin()) least = std::min(least, place - last);
    last = place;
  }
  return least;
}

std::vector<std::string> ticks_of(const std::set<std::uint64_t>& workers) {
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

/// Numbers of workers from the least to the most, near enough for a smooth line; where few tasks
/// make it a staircase, whole ones only.
std::vector<double> places_of_line(double least, double most, const Sharing& sharing) {
  constexpr int steps = 40;
  constexpr int finer = 6;
  const bool stairs = sharing.share(most) * most > 1 || sharing.share(most - 1) * (most - 1) > 1;
  std::vector<double> places;
  for (int step = 0; step <= (stairs ? finer : 1) * steps; ++step) {
    const double part = static_cast<double>(step) / ((stairs ? finer : 1) * steps);
    const double place = least * std::pow(most / least, part);
    const double whole = std::round(place);
    if (!stairs) {
      places.push_back(place);
    } else if (places.empty() || whole > places.back()) {
      places.push_back(whole);
    }
  }
  return places;
}

/// nullptr: it has none.
const FittedLaw* chosen_law(const Curve& curve) {
  return curve.laws ? curve.laws->chosen_fit() : nullptr;
}

/// The law over the numbers of workers that it was fitted to.
std::string law_block(const Curve& curve, const FittedLaw& law) {
  double least = 0;
  double most = 0;
  Sharing sharing;
  for (const Point& point : curve.points) {
    if (!point.has_like_cores()) continue;
    if (least == 0) least = static_cast<double>(point.workers);
    most = static_cast<double>(point.workers);
    if (!is_weak(law.law)) sharing = point.sharing;  // else they have the same work each
  }
  const double base = curve.base_seconds.value_or(0);
  const auto base_workers = static_cast<double>(curve.base_workers);
  std::string block = block_head(curve.name, law_columns);
  for (const double p : places_of_line(least, most, sharing)) {
    const double q = sharing.share(p);
    const Estimate seconds =
        curve.laws->estimate([&](const Coefficients& c) { return c.seconds(p, q); });
    // Of weak scaling it is scaled by how much more work is done.
    const double work = is_weak(law.law) ? p / base_workers : 1;
    const double speedup = base > 0 ? work * base / seconds.value : NAN;
    const bool has_serial = q < 1 && !is_weak(law.law);
    const double serial = has_serial ? karp_flatt(law.coefficients.c0 / seconds.value, 1 / q) : NAN;
    block += fmt::format("{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\t{:.6g}\n", p,
                         seconds.value, seconds.low, seconds.high, speedup,
                         100 * speedup * base_workers / p, 100 * serial);
  }
  return block + end_of_block;
}

/// Lines of a key under a figure, as common.gp sets it.
std::size_t key_lines(const std::vector<std::string>& names) {
  constexpr double width = 550;  // of 640
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const double columns =
      std::max(1.0, std::floor(width / (60 + 7.0 * static_cast<double>(longest))));
  return static_cast<std::size_t>(std::ceil(static_cast<double>(names.size() + 1) / columns));
}

}  // namespace

std::string short_name(const std::string& name) {
  constexpr std::size_t longest = 70;
  if (name.size() <= longest) return name;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // UTF-8
  return name.substr(0, end) + "...";
}

std::vector<Lettered> lettered_curves(const Study& study) {
  std::string letters = "ABCDEFGHIJKLMNQRTUVWXYZabcdefghijklnqrstuvwxyz";
  std::vector<Lettered> curves;
  std::set<std::string> drivers;
  for (const Curve& curve : study.curves) {
    const bool first = drivers.insert(curve.driver).second;
    const bool shown = is_parallel(curve) &&
                       std::any_of(curve.points.begin(), curve.points.end(),
                                   [](const Point& point) { return point.speedup.has_value(); });
    if (!shown) continue;
    char letter = first ? letter_of_driver(curve.driver) : '\0';
    if (letter == '\0') {
      letter = letters.empty() ? '*' : letters.front();
      letters.erase(0, 1);
    }
    curves.push_back({letter, &curve});
  }
  return curves;
}

bool is_parallel(const Curve& curve) { return curve.driver != sequential_driver; }

StudyDrawing::StudyDrawing(const Study& study, const Analysis& analysis)
    : study_(study),
      analysis_(analysis),
      styles_(styles_of(study.curves, DriverStyles(analysis))) {}

FigureData StudyDrawing::begin(const std::string& kind, const std::string& what,
                               const std::string& reading) {
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

void StudyDrawing::add(std::string& file, const std::string& columns,
                       const std::function<std::string(const Point&)>& line, bool remember) {
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

std::string StudyDrawing::letters() const {
  std::string letters;
  for (const Lettered& each : lettered_curves(study_)) letters += each.letter;
  return letters;
}

Dots StudyDrawing::dots() const {
  std::size_t times = 0;
  std::size_t points = 0;
  for (const Curve& curve : study_.curves) {
    if (!is_parallel(curve)) continue;
    points += curve.points.size();
    for (const Point& point : curve.points) times += point.times.size();
  }
  return {times, points};
}

void StudyDrawing::finish(FigureData& figure) const {
  std::vector<int> styles;
  std::vector<std::string> names;
  std::set<std::uint64_t> workers;
  for (const std::size_t i : curves_) {
    styles.push_back(styles_[i]);
    names.push_back(quoted_for_gnuplot(short_name(study_.curves[i].name)));
    for (const Point& point : study_.curves[i].points) workers.insert(point.workers);
  }
  figure.height += static_cast<int>(16 * (key_lines(names) - 1));
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
  const auto edges =
      edges_within(workers.empty() ? 1 : *workers.begin(), workers.empty() ? 1 : *workers.rbegin());
  set("edges", fmt::format("'{}'", fmt::join(edges.first, " ")));
  set(fmt::format("array edge_names[{}]", edges.second.size()),
      fmt::format("[{}]", fmt::join(edges.second, ", ")));
  set("weak", study_.weak ? "1" : "0");
  set("base", fmt::format("{:.9g}", base()));
  set("base_workers", fmt::format("{:g}", base_workers()));
  set("sequential", fmt::format("{:.9g}", sequential()));
  set("target", fmt::format("{:g}", 100 * analysis_.target));
}

std::size_t StudyDrawing::laws() const {
  return static_cast<std::size_t>(std::count_if(curves_.begin(), curves_.end(), [&](std::size_t i) {
    return chosen_law(study_.curves[i]) != nullptr;
  }));
}

std::string StudyDrawing::lines() const {
  if (laws() == 0) return " Lines only join points: no law was chosen.";
  if (laws() == curves_.size()) return " The line through the points is the law that was chosen.";
  return " A thick line is the law that was chosen; a thin one only joins points.";
}

void StudyDrawing::add_laws(FigureData& figure) const {
  std::string file;
  std::vector<int> styles;
  for (std::size_t i = 0; i < study_.curves.size(); ++i) {
    const Curve& curve = study_.curves[i];
    const FittedLaw* law = chosen_law(curve);
    if (law == nullptr || !is_parallel(curve)) continue;
    file += law_block(curve, *law);
    styles.push_back(styles_[i]);
  }
  if (styles.empty()) {
    // gnuplot opens the file even to draw none of its blocks: one that shows nothing.
    file = block_head("no law", law_columns) + "1\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\n" + end_of_block;
    styles = {0};
  }
  figure.settings.emplace_back("laws", std::to_string(styles.size()));
  figure.settings.emplace_back("law_styles", fmt::format("'{}'", fmt::join(styles, " ")));
  figure.files.emplace_back("-law", file);
}

std::string StudyDrawing::samples() const {
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
                                  : "95 % intervals");
}

std::string StudyDrawing::base_text() const {
  return study_.base ? fmt::format("{} ({})", study_.base->name,
                                   text_of_seconds(study_.base->seconds.value))
                     : fmt::format("each driver's own time {}", study_.own_base);
}

double StudyDrawing::sequential() const {
  double fastest = INFINITY;
  for (const Curve& curve : study_.curves) {
    if (!is_parallel(curve)) fastest = std::min(fastest, curve.points.front().seconds.value);
  }
  return std::isinf(fastest) ? 0 : fastest;
}

double StudyDrawing::base() const {
  if (study_.base) return study_.base->seconds.value;
  for (const Curve& curve : study_.curves) {
    if (!curve.base_seconds) continue;
    return *curve.base_seconds * (study_.weak ? 1 : static_cast<double>(curve.base_workers));
  }
  return 0;
}

double StudyDrawing::base_workers() const {
  for (const Curve& curve : study_.curves) {
    if (curve.base_seconds) return static_cast<double>(curve.base_workers);
  }
  return 1;
}

std::pair<std::vector<std::uint64_t>, std::vector<std::string>> StudyDrawing::edges_within(
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

}  // namespace scalelab
