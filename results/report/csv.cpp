#include "results/report/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "results/studies/derive.hpp"
#include "results/text/csv_cell.hpp"
#include "results/text/phrases.hpp"

namespace scalelab {

namespace {

/// Spreadsheets would compute what begins like a formula, quoted or not: an apostrophe keeps it
/// text.
std::string cell_of(const std::string& text) {
  const bool formula = !text.empty() && std::string("=+-@\t\r").find(text[0]) != std::string::npos;
  return csv_cell(formula ? "'" + text : text);
}

/// One row of a table; adds values one after the other.
class Row {
 public:
  void add(const std::string& text) { cells_.push_back(cell_of(text)); }
  void add(const char* text) { add(std::string(text)); }
  void add(std::uint64_t number) { cells_.push_back(std::to_string(number)); }
  void add(double number) {
    cells_.push_back(std::isfinite(number) ? fmt::format("{:.6g}", number) : "");
  }
  void add(const std::optional<double>& number) {
    if (number)
      add(*number);
    else
      cells_.emplace_back();
  }
  void add(const std::optional<Estimate>& estimate) {
    if (estimate) {
      add(estimate->value);
      add(estimate->low);
      add(estimate->high);
    } else {
      cells_.insert(cells_.end(), 3, "");
    }
  }
  std::string text() const { return fmt::format("{}\n", fmt::join(cells_, ",")); }

 private:
  std::vector<std::string> cells_;
};

Row row_of(const Study& study, const Curve& curve, const Point& point) {
  Row row;
  row.add(study.name);
  row.add(study.kernel);
  row.add(study.weak ? "weak" : "strong");
  row.add(curve.name);
  row.add(curve.driver);
  row.add(curve.schedule);
  row.add(curve.bind);
  row.add(curve.threads_per_rank);
  row.add(point.workers);
  row.add(point.tasks);
  row.add(std::uint64_t{point.times.size()});
  row.add(point.times_of_runs ? "runs" : "repetitions");
  row.add(point.seconds.value);
  row.add(point.seconds.low);
  row.add(point.seconds.high);
  row.add(point.seconds.confident ? "95 %" : "min max");
  row.add(point.quartiles.first);
  row.add(point.quartiles.third);
  row.add(study.base           ? study.base->name
          : curve.base_seconds ? fmt::format("its own time on {}", workers(curve.base_workers))
                               : "");
  row.add(study.base ? std::optional(study.base->seconds.value) : curve.base_seconds);
  row.add(point.speedup);
  row.add(point.efficiency);
  row.add(point.karp_flatt);
  row.add(point.load_balance);
  row.add(point.communication_efficiency);
  row.add(point.computation_scalability);
  row.add(point.gustafson);
  row.add(point.throughput);
  row.add(point.core_seconds);
  row.add(point.oversubscribed() ? "yes" : "no");
  row.add(point.mixed_cores ? "yes" : "no");
  return row;
}

Row row_of(const Study& study, const Curve& curve, const FittedLaw& law, double target) {
  const auto estimate = [&](double (*of)(const Coefficients&)) {
    return std::optional(law.estimate(of));
  };
  Row row;
  row.add(study.name);
  row.add(curve.name);
  row.add(name_of(law.law));
  const std::vector<Law>& rivals = curve.laws->rivals;
  const bool rival = std::find(rivals.begin(), rivals.end(), law.law) != rivals.end();
  row.add(curve.laws->chosen == law.law ? "yes" : rival ? "rival" : "no");
  row.add(std::uint64_t{law.residuals.size()});
  row.add(estimate([](const Coefficients& c) { return c.c0; }));
  row.add(is_weak(law.law) ? std::nullopt
                           : estimate([](const Coefficients& c) { return c.alpha(); }));
  row.add(estimate([](const Coefficients& c) { return c.beta(); }));
  double worst = 0;
  for (const double residual : law.residuals) {
    if (std::fabs(residual) > std::fabs(worst)) worst = residual;
  }
  row.add(worst);
  row.add(study.base ? std::optional(law.coefficients.c0 / study.base->seconds.value)
                     : std::nullopt);
  row.add(is_weak(law.law) ? std::nullopt : std::optional(peak_workers(law.coefficients)));
  row.add(workers_at_target(curve, law, target));
  row.add(curve.laws->note);
  return row;
}

}  // namespace

std::string scaling_csv(const Analysis& analysis) {
  std::string csv =
      "study,kernel,scaling,curve,driver,schedule,bind,threads_per_rank,workers,tasks,n,n_of,"
      "median,"
      "low,high,interval,first_quartile,third_quartile,base,base_seconds,speedup,speedup_low,"
      "speedup_high,efficiency,efficiency_low,efficiency_high,karp_flatt,load_balance,"
      "communication_efficiency,computation_scalability,gustafson,tasks_per_second,core_seconds,"
      "oversubscribed,mixed_cores\n";
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      for (const Point& point : curve.points) csv += row_of(study, curve, point).text();
    }
  }
  return csv;
}

std::string laws_csv(const Analysis& analysis) {
  std::string csv =
      "study,curve,law,chosen,points,c0,c0_low,c0_high,alpha,alpha_low,alpha_high,beta,beta_low,"
      "beta_high,worst_residual,one_worker_overhead,peak_workers,workers_at_target,remark\n";
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) {
      if (!curve.laws) continue;
      for (const FittedLaw& law : curve.laws->fits) {
        csv += row_of(study, curve, law, analysis.target).text();
      }
    }
  }
  return csv;
}

std::string granularity_csv(const Analysis& analysis) {
  std::string csv =
      "study,driver,timers,workers,work,granularity,low,high,efficiency,metg_50,metg_95,metg_95_"
      "low,metg_95_high\n";
  for (const GranularityStudy& study : analysis.granularity) {
    for (const GranularityCurve& curve : study.curves) {
      const auto seconds_of = [](const Metg& metg) -> std::optional<double> {
        return metg.kind == Metg::Kind::at ? std::optional(metg.seconds) : std::nullopt;
      };
      for (std::size_t i = 0; i < curve.value.size(); ++i) {
        Row row;
        row.add(study.name);
        row.add(curve.driver);
        row.add(curve.timers ? "on" : "off");
        row.add(curve.workers);
        row.add(curve.value[i].work);
        row.add(curve.value[i].granularity);
        row.add(curve.low[i].granularity);
        row.add(curve.high[i].granularity);
        row.add(curve.value[i].efficiency());
        row.add(seconds_of(metg_of(curve, 0.5).value));
        const MetgEstimate most = metg_95_of(curve);
        row.add(seconds_of(most.value));
        row.add(seconds_of(most.low));
        row.add(seconds_of(most.high));
        csv += row.text();
      }
    }
  }
  return csv;
}

}  // namespace scalelab
