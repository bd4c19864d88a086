#include "results/analysis/rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "results/analysis/comparisons.hpp"
#include "results/studies/rounds.hpp"
#include "results/text/units.hpp"
#include "results/text/wrapped.hpp"

namespace scalelab {

namespace {

using State = Rule::State;
using Sentences = std::vector<std::string>;

constexpr std::size_t runs_for_median = 6;     // see statistics.hpp
constexpr std::size_t runs_for_quartile = 11;  // see metg.hpp
constexpr std::size_t most_places = 3;

/// The first few, and how many more there are.
Sentences listed(Sentences places) {
  if (places.size() <= most_places + 1) return places;
  const std::size_t more = places.size() - most_places;
  places.resize(most_places);
  places.push_back(fmt::format("and {} more like these", more));
  return places;
}

/// Not kept at these places; kept, for that reason, if there are none.
Rule checked(int number, const std::string& asks, const Sentences& places,
             const Sentences& reasons) {
  if (places.empty()) return {number, asks, State::kept, reasons};
  return {number, asks, State::not_kept, listed(places)};
}

std::string place(const Study& study, const Curve& curve, const Point& point) {
  return fmt::format("{}, {} {} worker{}", study.name, curve.name, point.shape,
                     point.workers == 1 ? "" : "s");
}

void for_each_point(const Analysis& analysis,
                    const std::function<void(const Study&, const Curve&, const Point&)>& tell) {
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) tell(study, curve, point);
    }
  }
}

bool has_speedup(const Curve& curve) {
  return std::any_of(curve.points.begin(), curve.points.end(),
                     [](const Point& point) { return point.speedup.has_value(); });
}

std::string base_of(const Study& study) {
  if (study.base) {
    return fmt::format("{}: speed-up over {}, {}", study.name, study.base->name,
                       text_of_seconds(study.base->seconds.value));
  }
  Sentences times;
  for (const Curve& curve : study.curves) {
    if (!has_speedup(curve)) continue;
    const std::string where =
        curve.base_workers == 1 ? "" : fmt::format(" on {}", curve.base_workers);
    times.push_back(
        fmt::format("{}{} {}", curve.name, where, text_of_seconds(*curve.base_seconds)));
  }
  if (times.empty()) return fmt::format("{}: no speed-up is reported", study.name);
  return fmt::format("{}: speed-up over each driver's own time {}: {}", study.name, study.own_base,
                     fmt::join(times, ", "));
}

Rule base_is_named(const Analysis& analysis) {
  Sentences places, reasons;
  for (const Study& study : analysis.studies) {
    reasons.push_back(base_of(study));
    if (study.base) continue;
    for (const Curve& curve : study.curves) {
      const bool named =
          std::any_of(curve.points.begin(), curve.points.end(),
                      [&](const Point& point) { return point.workers == curve.base_workers; });
      if (has_speedup(curve) && !named) {
        places.push_back(fmt::format("{}, {}: the base of its speed-up is not among its times",
                                     study.name, curve.name));
      }
    }
  }
  return checked(1, "Name the base of a speed-up, and its time.", places, listed(reasons));
}

/// Numbers of workers that other curves of the study have.
std::string missing_workers(const Study& study, const Curve& curve) {
  std::set<std::uint64_t> all, own;
  for (const Curve& other : study.curves) {
    if (other.driver == sequential_driver) continue;
    for (const Point& point : other.points) all.insert(point.workers);
  }
  for (const Point& point : curve.points) own.insert(point.workers);
  std::vector<std::uint64_t> missing;
  std::set_difference(all.begin(), all.end(), own.begin(), own.end(), std::back_inserter(missing));
  return missing.empty() ? ""
                         : fmt::format("{}, {}: not run on {} workers", study.name, curve.name,
                                       fmt::join(missing, ", "));
}

Rule parts_are_explained(const Analysis& analysis) {
  Sentences missing;
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      if (curve.driver == sequential_driver) continue;
      if (std::string text = missing_workers(study, curve); !text.empty()) missing.push_back(text);
    }
  }
  Sentences evidence = listed(missing);
  std::size_t left_out = 0;
  for (const Finding& finding : analysis.findings) left_out += finding.count;
  if (left_out > 0) {
    evidence.push_back(fmt::format(
        "{} findings in the files (lab validate): what is wrong is left out", left_out));
  }
  std::uint64_t cores = 0, most = 0;
  for (const std::uint64_t count : analysis.cores_per_host) cores += count;
  for_each_point(analysis, [&](const Study&, const Curve&, const Point& point) {
    most = std::max(most, point.workers);
  });
  evidence.push_back(
      fmt::format("up to {} workers were run, on machines of {} cores together", most, cores));
  return {2, "Say why only a part of the inputs or of the machine was used.", State::yours,
          evidence};
}

Rule intervals_are_given(const Analysis& analysis) {
  Sentences places;
  std::size_t points = 0;
  for_each_point(analysis, [&](const Study& study, const Curve& curve, const Point& point) {
    ++points;
    const std::string where = place(study, curve, point);
    if (!point.times_of_runs) {
      places.push_back(
          fmt::format("{}: 1 run; its repetitions share a process, a 95 % interval "
                      "needs {} runs",
                      where, runs_for_median));
    } else if (!point.seconds.confident) {
      places.push_back(fmt::format("{}: {} runs, a 95 % interval needs {}", where,
                                   point.times.size(), runs_for_median));
    }
  });
  for (const GranularityStudy& study : analysis.granularity) {
    for (const GranularityCurve& curve : study.curves) {
      if (curve.fewest_runs >= runs_for_quartile) continue;
      places.push_back(
          fmt::format("granularity of {}, {}: {} runs of a length, a 95 % interval of "
                      "the quartile needs {}",
                      study.name, curve.driver, curve.fewest_runs, runs_for_quartile));
    }
  }
  return checked(5, "Say whether times vary; if they do, give confidence intervals.", places,
                 {fmt::format("all {} medians have a 95 % interval, of runs", points)});
}

/// Runs without a warm-up whose first repetition takes longer than their others, clearly more often
/// than not (sign test); may be empty.
std::string cold_starts(const Study& study) {
  std::size_t runs = 0;
  std::size_t longer = 0;
  std::vector<double> ratios;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      for (const Sample& run : point.runs) {
        if (run.warmed_up || run.repetitions.size() < 2) continue;
        const double rest = median_of({run.repetitions.begin() + 1, run.repetitions.end()}).value;
        ++runs;
        longer += run.repetitions.front() > rest ? 1 : 0;
        ratios.push_back(run.repetitions.front() / rest);
      }
    }
  }
  if (longer == 0) return "";
  const boost::math::binomial even(static_cast<double>(runs), 0.5);
  const double chance =
      boost::math::cdf(boost::math::complement(even, static_cast<double>(longer) - 1));
  const double more = median_of(ratios).value - 1;
  constexpr double visible = 0.01;
  if (chance > 0.01 || more < visible) return "";
  return fmt::format(
      "{}: runs without a warm-up, whose first repetition took {:.0f} % longer than the "
      "others in {} of {}: --warmup 1 leaves it out",
      study.name, 100 * more, longer, runs);
}

Rule comparisons_are_sound(const Analysis& analysis) {
  Sentences places;
  for (const Study& study : analysis.studies) {
    std::size_t points = 0, unsure = 0;
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) {
        ++points;
        unsure += point.seconds.confident ? 0 : 1;
      }
    }
    if (points > 1 && unsure > 0) {
      places.push_back(
          fmt::format("{}: {} of {} times have no 95 % interval, so their smallest and "
                      "largest are compared",
                      study.name, unsure, points));
    }
    if (one_after_the_other(study)) {
      places.push_back(
          fmt::format("{}: runs of a configuration were started one after the other, so "
                      "drift looks like scaling (lab sweep mixes them)",
                      study.name));
    }
  }
  Comparisons all;
  bool drifts = false;
  for (const Study& study : analysis.studies) {
    all += comparisons_of(study);
    drifts = drifts || drift_of(study);
  }
  Rule rule = checked(7, "Compare varying times in a statistically sound way.", places,
                      {"what is said to differ has 95 % intervals that do not overlap"});
  rule.evidence.push_back(text_of(all));
  // Of repetitions of one run, or of runs that drift, no chance is known.
  if (places.empty() && !drifts && all.pairs > 0) rule.evidence.push_back(sureness_of(all));
  const std::string laws = sureness_of_laws(analysis.studies);
  if (!laws.empty()) rule.evidence.push_back(laws);
  return rule;
}

Rule median_is_what_matters(const Analysis& analysis) {
  std::string widest;
  double most = 0;
  for_each_point(analysis, [&](const Study& study, const Curve& curve, const Point& point) {
    const double width = (point.quartiles.third - point.quartiles.first) / point.quartiles.median;
    if (!(width > most)) return;
    most = width;
    widest = fmt::format("widest: {}, the middle half of its times spans {:.2g} % of the median",
                         place(study, curve, point), 100 * width);
  });
  Sentences evidence = {"all figures are of medians; who waits for the slowest needs another one"};
  if (!widest.empty()) evidence.push_back(widest);
  return {8, "Ask whether the median is what matters, or another percentile.", State::yours,
          evidence};
}

Rule setup_is_documented(const Analysis& analysis) {
  Sentences places, reasons;
  if (analysis.machines.empty()) places.push_back("no run tells its machine");
  for (const Machine& machine : analysis.machines) {
    Sentences unknown;
    if (!machine.cpu) unknown.push_back("its processor");
    if (!machine.cores) unknown.push_back("its physical cores");
    if (!machine.memory_bytes) unknown.push_back("its memory");
    if (!unknown.empty()) {
      places.push_back(fmt::format("{}: {} could not be read: describe it", machine.host,
                                   fmt::join(unknown, ", ")));
    }
    reasons.push_back(fmt::format("{}: {}, {} cores", machine.host, machine.cpu.value_or("?"),
                                  machine.cores.value_or(machine.cpus)));
  }
  reasons = listed(reasons);
  const Build& build = analysis.build;
  if (build.type != "Release") {
    places.push_back(fmt::format("the build is of type {}, not Release", build.type));
  }
  if (!build.commit) {
    places.push_back("the build does not know its commit");
  } else if (build.dirty.value_or(true)) {
    places.push_back(fmt::format("the build is commit {} with changes that nobody else has",
                                 build.commit->substr(0, 12)));
  } else {
    reasons.push_back(
        fmt::format("{}, {}, commit {}", build.compiler, build.type, build.commit->substr(0, 12)));
  }
  if (!analysis.warnings.text().empty()) {
    reasons.push_back("the records hold warnings, which are repeated with the results");
  }
  return checked(9, "Describe all factors, and the hardware and software, in full.", places,
                 reasons);
}

Rule measurement_is_told(const Analysis& analysis) {
  Sentences places;
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      if (!curve.traced) continue;
      places.push_back(fmt::format("{}, {}: traced, which costs time that no figure shows",
                                   study.name, curve.name));
    }
    if (std::string cold = cold_starts(study); !cold.empty()) places.push_back(std::move(cold));
  }
  return checked(
      10, "Tell how times were taken, synchronized and summed up.", places,
      {"from a common barrier until the reporter owns all values; without warm-ups, and without "
       "repetitions that resumed a journal or replaced a worker",
       "a run's time is the median of its repetitions, a configuration's that of its runs"});
}

Rule bounds_are_shown(const Analysis& analysis) {
  Sentences places;
  for (const Study& study : analysis.studies) {
    if (std::any_of(study.curves.begin(), study.curves.end(), has_speedup)) continue;
    places.push_back(
        fmt::format("{}: without the time on 1 worker there is no ideal to compare "
                    "with; add runs of the sequential driver",
                    study.name));
  }
  return checked(
      11, "Show upper bounds of the performance, if possible.", places,
      {"strong scaling: the ideal is a dotted line in the figures of time and speed-up, "
       "and 100 % in those and the tables of efficiency; weak scaling: the time of the base"});
}

}  // namespace

std::vector<Rule> twelve_rules(const Analysis& analysis) {
  const auto always = [](int number, const char* asks, const char* reason) {
    return Rule{number, asks, State::kept, {reason}};
  };
  return {
      base_is_named(analysis),
      parts_are_explained(analysis),
      always(3, "Average costs only, and rates by the harmonic mean.",
             "no rate is averaged: throughput is tasks / median time"),
      always(
          4, "Do not average ratios.",
          "each speed-up and efficiency is a ratio of two medians; of ratios of each round there "
          "are intervals only"),
      intervals_are_given(analysis),
      always(6, "Do not assume normal distributions.",
             "medians with order-statistic intervals; of the laws, by bootstrap"),
      comparisons_are_sound(analysis),
      median_is_what_matters(analysis),
      setup_is_documented(analysis),
      measurement_is_told(analysis),
      bounds_are_shown(analysis),
      {12,
       "Plot all that is needed; join points only where the line is true.",
       State::yours,
       {"the figures here show each time, medians with intervals, and a law where one was "
        "chosen; other lines, thin ones, only join points; do yours?"}}};
}

std::string text_of(const std::vector<Rule>& rules) {
  const auto name = [](State state) {
    return state == State::kept ? "kept" : state == State::not_kept ? "NOT KEPT" : "yours";
  };
  constexpr std::size_t indent = 16;
  std::string text = "Hoefler and Belli's twelve rules (SC15), as far as these records go\n\n";
  for (const Rule& rule : rules) {
    text += fmt::format("  {:>2}  {:<8}  {}\n", rule.number, name(rule.state),
                        wrapped(rule.asks, indent));
    for (const std::string& sentence : rule.evidence) {
      text += fmt::format("{:{}}- {}\n", "", indent, wrapped(sentence, indent + 2));
    }
  }
  text += "\n  yours: no program can tell; it is for the author to see to.\n";
  return text;
}

}  // namespace scalelab
