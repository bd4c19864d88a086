#include "results/report/page_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/analysis/verdicts.hpp"
#include "results/report/markup.hpp"
#include "results/studies/derive.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

constexpr const char* minus = "\u2212";

std::string number(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", std::fabs(value), digits);
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return value < 0 && !zero ? minus + text : text;
}

/// Enough digits to tell the ends of an interval apart.
int digits_of(double low, double high, int least) {
  const double width = high - low;
  return width > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(width))), least, 4) : least;
}

std::string interval(const std::string& low, const std::string& high) {
  return fmt::format(" <span class=\"interval\">[{}, {}]</span>", low, high);
}

/// "4.8 [4.1, 5.5]"; without an interval: "4.8"
std::string text_of(const Estimate& estimate, double scale, const char* unit, int least) {
  const double low = scale * estimate.low;
  const double high = scale * estimate.high;
  const int digits = digits_of(low, high, least);
  const std::string value = number(scale * estimate.value, digits) + unit;
  return low < high ? value + interval(number(low, digits), number(high, digits)) : value;
}

std::string text_of(const std::optional<Estimate>& estimate, double scale, const char* unit,
                    int least) {
  return estimate ? text_of(*estimate, scale, unit, least) : "";
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{} %", number(100 * *share, 1)) : "";
}

std::string text_of(const Median& median) {
  std::string text = text_of_seconds(median.value);
  if (median.low < median.high) {
    text += interval(text_of_seconds(median.low), text_of_seconds(median.high));
  }
  return text + (median.confident ? "" : "*");
}

/// Work done in the time of one worker; without a base, by nothing but the workers.
double scaled(const Point& point) {
  return point.speedup ? point.speedup->value : static_cast<double>(point.workers);
}

const Point& most_scaled(const Curve& curve) {
  return *std::max_element(curve.points.begin(), curve.points.end(),
                           [](const Point& a, const Point& b) { return scaled(a) < scaled(b); });
}

/// Of each curve the point with which it gets furthest, the best curve first.
std::vector<CurveAt> bests_of(const Study& study) {
  std::vector<CurveAt> bests;
  if (!study.weak) {
    // In the order of the sentence that names the winner.
    const Winner winner = winner_of(study);
    bests.push_back(winner.at);
    for (const CurveAt& at : fastest_of(study)) {
      if (at.curve != winner.at.curve) bests.push_back(at);
    }
  }
  const std::size_t fastest = bests.size();
  for (const Curve& curve : study.curves) {
    const bool is_there = std::any_of(bests.begin(), bests.end(),
                                      [&](const CurveAt& at) { return at.curve == &curve; });
    if (is_there) continue;
    // In weak scaling time is no measure: most workers do most of the work.
    bests.push_back({&curve, study.weak ? &most_scaled(curve) : &fastest_point(curve)});
  }
  const auto is_better = [&](const CurveAt& a, const CurveAt& b) {
    if (study.weak) return scaled(*a.point) > scaled(*b.point);
    return a.point->seconds.value < b.point->seconds.value;
  };
  std::stable_sort(bests.begin() + static_cast<std::ptrdiff_t>(fastest), bests.end(), is_better);
  return bests;
}

/// What the intervals say of a curve beside the others.
std::string rank_of(const Curve& curve, const std::vector<CurveAt>& fastest, const Winner& winner) {
  const bool is_among = std::any_of(fastest.begin(), fastest.end(),
                                    [&](const CurveAt& at) { return at.curve == &curve; });
  if (!is_among) return "";
  return fmt::format(" <span class=\"rank\">{}</span>",
                     &curve != winner.at.curve || !winner.is_shortest ? "not slower"
                     : winner.is_fastest                              ? "fastest"
                                                                      : "shortest");
}

std::string bar(const DriverStyle& look, double share) {
  return fmt::format("<span class=\"bar {}\" style=\"width:{:.1f}%\">&#160;</span>", look.id,
                     100 * std::clamp(share, 0.01, 1.0));
}

std::string workers_of(const Point& point) {
  return escaped(point.shape) + (point.has_like_cores() ? "" : "\u2020");
}

Table::Row row_of(const Curve& curve, const Point& point, const DriverStyle& look) {
  return {{colored(look, curve.name), workers_of(point),
           fmt::format("{}{}", point.times.size(), point.times_of_runs ? "" : "\u2021"),
           text_of(point.seconds), text_of(point.speedup, 1, "", 2),
           text_of(point.efficiency, 100, " %", 0), percent(point.load_balance),
           percent(point.communication_efficiency), percent(point.computation_scalability),
           percent(point.karp_flatt),
           point.gustafson ? number(*point.gustafson, 2) : std::string()}};
}

/// What the marks in the table mean, as far as there are any.
std::string marks_of(const Study& study) {
  bool few = false;
  bool unlike = false;
  bool limited = false;
  bool repetitions = false;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      few = few || !point.seconds.confident;
      unlike = unlike || !point.has_like_cores();
      limited = limited || point.crowding.cpu_limit;
      repetitions = repetitions || !point.times_of_runs;
    }
  }
  std::string text;
  if (few) text += "* smallest and largest, no 95 % interval. ";
  if (unlike) {
    text +=
        fmt::format("\u2020 workers share cores, {}or some are on slower ones: no part of a law. ",
                    limited ? "are more than a limit of CPUs lets compute at a time, " : "");
  }
  if (repetitions) text += "\u2021 repetitions of one run. ";
  return text.empty() ? "" : fmt::format("<p class=\"note\">{}</p>\n", text);
}

/// "14"; "14 beyond the 8 measured"
/// @param most   that the law was fitted to
/// @param never  said where no number of workers is far enough
std::string text_of_workers(double workers, double most, const char* never) {
  if (!std::isfinite(workers)) return never;
  const std::string beyond =
      workers > most
          ? fmt::format(" <span class=\"interval\">beyond the {:.0f} measured</span>", most)
          : "";
  const int digits = workers < 10 ? 1 : 0;
  // What is beyond stays so when it is rounded.
  const double step = digits == 1 ? 0.1 : 1;
  const bool falls = workers > most && std::round(workers / step) * step <= most;
  return fmt::format("{:.{}f}{}", falls ? std::ceil(workers / step) * step : workers, digits,
                     beyond);
}

Table::Row row_of(const Curve& curve, const FittedLaw& law, double target,
                  const DriverStyle& look) {
  const bool chosen = curve.laws->chosen == law.law;
  const std::vector<Law>& rivals = curve.laws->rivals;
  const bool rival = std::find(rivals.begin(), rivals.end(), law.law) != rivals.end();
  const double most = most_workers_of_laws(curve);
  double residual = 0;
  for (const double one : law.residuals) residual = std::max(residual, std::fabs(one));
  const bool weak = is_weak(law.law);
  const bool has_alpha = !weak && law.law != Law::ideal;
  const bool has_beta = grows(law.law);
  const Estimate alpha = law.estimate([](const Coefficients& c) { return c.alpha(); });
  const Estimate beta = law.estimate([](const Coefficients& c) { return c.beta(); });
  std::vector<std::string> cells{colored(look, curve.name), escaped(name_of(law.law)),
                                 chosen  ? "\u2713"
                                 : rival ? "or this"
                                         : ""};
  if (!weak) cells.push_back(has_alpha ? text_of(alpha, 100, " %", 2) : "");
  cells.push_back(has_beta ? text_of(beta, 100, " %", 3) : "");
  cells.push_back(fmt::format("{} %", number(100 * residual, 1)));
  if (!weak) {
    cells.push_back(has_beta ? text_of_workers(peak_workers(law.coefficients), most, "none") : "");
  }
  cells.push_back(text_of_workers(workers_at_target(curve, law, target), most, "never below"));
  return {std::move(cells), chosen};
}

}  // namespace

std::string colored(const DriverStyle& look, const std::string& name) {
  return fmt::format("<span class=\"by {}\">{}</span>", look.id, escaped(name));
}

std::string best_of_drivers(const Study& study, const DriverStyles& looks) {
  const std::vector<CurveAt> bests = bests_of(study);
  // One time alone is compared with nothing.
  const bool compared = bests.size() > 1 || bests.front().curve->points.size() > 1;
  const std::vector<CurveAt> fastest =
      study.weak || !compared ? std::vector<CurveAt>{} : fastest_of(study);
  const Winner winner = study.weak ? Winner{} : winner_of(study);
  double most = 0;
  for (const CurveAt& best : bests) {
    if (best.point->speedup) most = std::max(most, best.point->speedup->value);
  }
  Table table;
  table.caption =
      study.weak ? "Most work in the time of one, by driver" : "Each driver at its best";
  table.columns = {{"driver"}, {"workers", true}, {"time", true}, {"speed-up", true}, {""}};
  table.groups.resize(1);
  for (const CurveAt& best : bests) {
    const auto& speedup = best.point->speedup;
    table.groups[0].push_back(
        {{colored(looks.of(best.curve->driver), best.curve->name) +
              rank_of(*best.curve, fastest, winner),
          workers_of(*best.point), text_of_seconds(best.point->seconds.value),
          speedup ? number(speedup->value, speedup->value < 10 ? 2 : 1) : std::string(),
          speedup ? bar(looks.of(best.curve->driver), speedup->value / most) : std::string()},
         best.curve == bests.front().curve});
  }
  return markup_of(table);
}

std::string scaling_table(const Study& study, const DriverStyles& looks) {
  Table table;
  table.caption = "All numbers: median and interval, speed-up, efficiency and what limits it";
  table.columns = {{"driver"},
                   {"workers", true},
                   {"n", true},
                   {"median time", true},
                   {study.weak ? "scaled speed-up" : "speed-up", true},
                   {"efficiency", true},
                   {"load balance", true},
                   {"communication efficiency", true},
                   {"computation scalability", true},
                   {"Karp-Flatt", true},
                   {"Gustafson", true}};
  for (const Curve& curve : study.curves) {
    Table::Group group;
    for (const Point& point : curve.points)
      group.push_back(row_of(curve, point, looks.of(curve.driver)));
    if (!group.empty()) table.groups.push_back(std::move(group));
  }
  return markup_of(table) + marks_of(study);
}

std::string laws_table(const Study& study, double target, const DriverStyles& looks) {
  Table table;
  table.caption = "Laws of scaling, fitted to the medians";
  table.columns = {{"driver"}, {"law"}, {"chosen"}};
  if (!study.weak) table.columns.push_back({"alpha (contention)", true});
  table.columns.push_back({"beta (what grows)", true});
  table.columns.push_back({"largest residual", true});
  if (!study.weak) table.columns.push_back({"workers at the peak", true});
  table.columns.push_back({fmt::format("workers at {:.0f} % efficiency", 100 * target), true});
  std::string notes;
  for (const Curve& curve : study.curves) {
    if (!curve.laws) continue;
    Table::Group group;
    for (const FittedLaw& law : curve.laws->fits)
      group.push_back(row_of(curve, law, target, looks.of(curve.driver)));
    if (!group.empty()) table.groups.push_back(std::move(group));
    if (curve.laws->note.empty()) continue;
    notes += fmt::format("<li>{}: {}</li>\n", colored(looks.of(curve.driver), curve.name),
                         escaped(curve.laws->note));
  }
  std::string text = table.groups.empty() ? "" : markup_of(table);
  if (!notes.empty()) text += fmt::format("<ul class=\"note\">\n{}</ul>\n", notes);
  return text;
}

std::string metg_table(const GranularityStudy& study, const DriverStyles& looks) {
  Table table;
  table.caption = "METG: how long a task must last, overhead included";
  table.columns = {{"driver"},
                   {"workers", true},
                   {"timers"},
                   {"METG(50 %)", true},
                   {"METG(95 %)", true},
                   {"n", true},
                   {"confidence of METG(50 %)", true}};
  table.groups.resize(1);
  for (const GranularityCurve& curve : study.curves) {
    std::vector<std::string> cells{colored(looks.of(curve.driver), curve.driver),
                                   std::to_string(curve.workers), curve.timers ? "on" : "off"};
    for (const double efficiency : {0.5, 0.95}) {
      const MetgEstimate metg = efficiency == 0.5 ? metg_of(curve, 0.5) : metg_95_of(curve);
      cells.push_back(fmt::format("{} <span class=\"interval\">[{}]</span>",
                                  escaped(scalelab::text_of(metg.value)),
                                  escaped(interval_of(metg))));
    }
    cells.push_back(std::to_string(curve.fewest_runs));
    cells.push_back(fmt::format("{:.0f} %", std::floor(100 * curve.confidence)));
    table.groups[0].push_back({std::move(cells)});
  }
  std::string nevers;
  for (const std::string& never : never_95(study)) {
    nevers += fmt::format("<p class=\"note\">{}</p>\n", escaped(never));
  }
  return markup_of(table) + nevers;
}

std::string findings_table(const Analysis& analysis) {
  Table table;
  table.caption = "What was wrong in the files, and what became of it";
  table.columns = {{"file"}, {"line", true}, {"times", true}, {"what"}};
  table.groups.resize(1);
  for (const Finding& finding : analysis.findings) {
    table.groups[0].push_back(
        {{escaped(finding.file), finding.line > 0 ? std::to_string(finding.line) : std::string(),
          std::to_string(finding.count), escaped(finding.text)}});
  }
  return analysis.findings.empty() ? "" : markup_of(table);
}

}  // namespace scalelab
