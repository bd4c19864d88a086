// compare [PATH]...: reads records (standard input without a path, or as "-") and prints one table
// for each work, of the same studies as a report: who was faster, by how much, and whether the
// values are the same bits.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "results/programs/program.hpp"
#include "results/record/identity.hpp"
#include "results/text/phrases.hpp"
#include "results/text/wrapped.hpp"

namespace scalelab {

namespace {

/// "dynamic,10 bound untimed": what tells a curve from others of its driver
std::string setting_of(const Curve& curve, bool with_bind) {
  std::string text = curve.schedule;
  if (curve.nodes > 0) text += fmt::format(",{} node{}", curve.nodes, curve.nodes == 1 ? "" : "s");
  if (with_bind && curve.bind != "none") text += ",bound";
  if (!curve.accounting) text += ",untimed";
  if (curve.traced) text += ",traced";
  return text;
}

/// Whether a point's values are those of the first point with as many tasks, which is often the
/// sequential driver's: "-" of that one where no other is there.
std::string same_bits(const Study& study, const Point& point) {
  std::size_t others = 0;
  bool same = point.digests.size() == 1;
  for (const Curve& curve : study.curves) {
    for (const Point& other : curve.points) {
      if (other.tasks != point.tasks) continue;
      if (others++ == 0) same = same && other.digests == point.digests;
    }
  }
  if (!same) return "NO";
  return others > 1 ? "yes" : "-";
}

void print_row(const Study& study, const Curve& curve, const Point& point,
               const std::string& setting, std::size_t wide) {
  const Median& seconds = point.seconds;
  const std::string interval =
      fmt::format("{:.4f} .. {:.4f}{}", seconds.low, seconds.high, seconds.confident ? "" : "*");
  fmt::print("  {:<10} {:>7} {:<{}} {:>8.4f}  {:<17} {:>8}  {}\n", curve.driver, point.shape,
             setting, wide, seconds.value, interval,
             point.speedup ? fmt::format("{:.2f}", point.speedup->value) : "-",
             same_bits(study, point));
}

void print(const Study& study) {
  const std::string& bind = study.curves.front().bind;
  const bool alike = std::all_of(study.curves.begin(), study.curves.end(),
                                 [&](const Curve& curve) { return curve.bind == bind; });
  fmt::print(
      "{}\n\n",
      wrapped(study.title + (alike && bind != "none" ? ", workers bound to " + bind : ""), 2));
  std::size_t wide = 11;
  for (const Curve& curve : study.curves) wide = std::max(wide, setting_of(curve, !alike).size());
  fmt::print("  {:<10} {:>7} {:<{}} {:>8}  {:<17} {:>8}  {}\n", "driver", "workers", "schedule",
             wide, "seconds", "95 % interval", study.weak ? "scaled" : "speed-up", "same bits");
  bool faster = false;
  bool hybrid = false;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      print_row(study, curve, point, setting_of(curve, !alike), wide);
      faster = faster || point.speedup.has_value();
      hybrid = hybrid || curve.threads_per_rank > 1;
    }
  }
  if (hybrid) fmt::print("  2x4: 2 ranks of 4 threads each\n");
  const char* const speedup = study.weak ? "scaled speed-up" : "speed-up";
  if (faster && study.base) {
    fmt::print("\n  {} over {}, {:.4f} s\n", speedup, study.base->name, study.base->seconds.value);
  } else if (faster) {
    fmt::print("\n  {} over each driver's own time {}\n", speedup, study.own_base);
  }
  for (const std::string& note : study.notes) fmt::print("  note: {}\n", wrapped(note, 8));
}

constexpr const char* usage =
    R"(usage: compare [PATH]...  files or folders of records; none or -: standard input

One table for each work (kernel, its options, data, tasks), of the same studies
as ./lab report. A row is a driver, its number of workers and its schedule:

  seconds        median of the runs, each a process of its own (or, of one run,
                 of its repetitions)
  95 % interval  exact, of order statistics; * of fewer than 6 runs: from the
                 smallest to the largest, which tells less
  speed-up       over the sequential driver; without it, over each driver's own
                 time on its fewest workers
  scaled         of weak scaling, the scaled speed-up: workers x time of the
                 base / time
  same bits      whether its values are those of others with as many tasks;
                 -: there are no others

Two times differ where their intervals do not overlap: with 6 runs of each, two
equal ones do so by chance in 0.2 %, if they scatter alike. Where they overlap,
nothing is shown: more runs may tell. Rows are not ranked, and laws are not
fitted: ./lab report does. Records of unlike machines or builds are refused, as
./lab report does.
)";

int main(std::vector<std::string> arguments) {
  return run_program("compare", [&] {
    if (std::any_of(arguments.begin(), arguments.end(), asks_for_help)) {
      fmt::print("{}", usage);
      return 0;
    }
    if (arguments.empty()) arguments = {"-"};
    const Analysis analysis =
        analysis_from_records(paths_in(arguments, "files or folders of records"), {});
    for (const Finding& finding : analysis.findings) tell("compare", finding);
    if (analysis.studies.empty() && analysis.granularity.empty()) {
      throw std::runtime_error(nothing_measured(analysis));
    }
    bool first = true;
    for (const Study& study : analysis.studies) {
      if (!std::exchange(first, false)) fmt::print("\n");
      print(study);
    }
    if (!first && !analysis.granularity.empty()) fmt::print("\n");
    for (const GranularityStudy& study : analysis.granularity) {
      fmt::print("{}: of one work cut into shorter and shorter tasks; ./lab report tells of it\n",
                 study.title);
    }
    for (const std::string& note : analysis.notes) fmt::print("note: {}\n", wrapped(note, 6));
    fmt::print("{}", analysis.warnings.text());
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
