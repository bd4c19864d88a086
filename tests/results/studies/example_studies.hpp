#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/studies/derive.hpp"

namespace scalelab::test {

/// A driver whose time is known: c0 / p + c1 (p - 1) / p + c2 (p - 1).
struct KnownCurve {
  std::string driver;
  std::string schedule;
  Coefficients law;
  double noise = 0.02;  ///< relative standard deviation of a run
  bool accounting = true;
};

/// Shares of the wall time that the example's workers spend on something else than their work.
inline TimeSpent spent_in(double seconds, double compute, const std::string& driver) {
  const double rest = seconds - compute;
  const double messages = driver == "mpi" ? 0.5 : 0.05;
  return {compute, 0.15 * rest, messages * rest, (0.8 - messages) * rest, 0.05 * rest};
}

inline Point example_point(const KnownCurve& known, std::uint64_t workers, std::size_t runs,
                           std::mt19937_64& random, int& minute) {
  Point point;
  point.workers = workers;
  point.shape = std::to_string(workers);
  point.tasks = 2000;
  std::normal_distribution<> noise(0, known.noise);
  for (std::size_t i = 0; i < runs; ++i) {
    Sample run;
    run.run = fmt::format("run-{}", minute);
    run.started = fmt::format("2026-11-22T{:02}:{:02}:00.000Z", 20 + minute / 60, minute % 60);
    minute = (minute + 7) % 200;
    const double p = static_cast<double>(workers);
    run.seconds = known.law.seconds(p) * std::exp(std::abs(noise(random)) - 0.67 * known.noise);
    run.repetitions = {run.seconds};
    const double compute = std::min(run.seconds, known.law.c0 / p);
    if (known.accounting) run.spent = spent_in(run.seconds, compute, known.driver);
    run.longest_compute = run.longest_parallel = compute;
    point.times.push_back(run.seconds);
    point.runs.push_back(run);
  }
  point.times_of_runs = true;
  point.seconds = median_of(point.times);
  point.quartiles = quartiles_of(point.times);
  return point;
}

inline Study example_study(const std::string& name, const std::vector<KnownCurve>& known,
                           const std::vector<std::uint64_t>& workers, std::size_t runs,
                           bool weak = false) {
  Study study;
  study.name = name;
  study.title = fmt::format("{}: 2000 tasks of 50 µs", name);
  study.kernel = "spin";
  study.weak = weak;
  std::mt19937_64 random(7);
  int minute = 0;
  for (const KnownCurve& one : known) {
    Curve curve;
    curve.driver = one.driver;
    curve.schedule = one.schedule;
    curve.name = one.schedule == "static" ? one.driver : one.driver + " " + one.schedule;
    curve.bind = "cores";
    curve.accounting = one.accounting;
    const bool sequential = one.driver == "sequential";
    for (const std::uint64_t p : sequential ? std::vector<std::uint64_t>{1} : workers) {
      curve.points.push_back(example_point(one, p, runs, random, minute));
    }
    study.curves.push_back(curve);
  }
  derive(study, BaseOf::sequential);
  return study;
}

/// Four drivers: Amdahl, nearly ideal, and one that gets slower again.
inline std::vector<KnownCurve> four_drivers() {
  return {{"sequential", "static", {0.99, 0, 0}},
          {"mpi", "static", {1.02, 0.05, 0.0008}},
          {"openmp", "static", {1.0, 0.02, 0}},
          {"processes", "static", {1.01, 0.05, 0}}};
}

inline Analysis example_analysis(const std::vector<Study>& studies, std::uint64_t cores = 16) {
  Analysis analysis;
  analysis.studies = studies;
  if (cores > 0) analysis.cores_per_host = {cores};
  return analysis;
}

/// Efficiency 1 - overhead / granularity.
inline GranularityStudy example_granularity() {
  GranularityStudy study;
  study.name = "spin";
  study.title = "spin: dynamic, chunk 1";
  study.unit = {{1e-9, 0.99e-9, 1.01e-9, 0.95}, 1e6, 12, false};
  const std::vector<std::pair<std::string, double>> overheads{
      {"sequential", 8e-9}, {"openmp", 90e-9}, {"processes", 130e-9}, {"mpi", 1.4e-6}};
  for (const auto& [driver, overhead] : overheads) {
    for (const bool timers : {false, true}) {
      GranularityCurve curve;
      curve.driver = driver;
      curve.timers = timers;
      curve.workers = driver == "sequential" ? 1 : 2;
      curve.confidence = 0.95;
      curve.fewest_runs = 12;
      for (double work = 1e-8; work < 2e-3; work *= 4) {
        const double whole = work + overhead * (timers ? 1.6 : 1);
        curve.value.push_back({work, whole});
        curve.low.push_back({work, whole * 0.98});
        curve.high.push_back({work, whole * 1.03});
      }
      study.curves.push_back(curve);
    }
  }
  return study;
}

}  // namespace scalelab::test
