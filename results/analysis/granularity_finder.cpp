#include "results/analysis/granularity_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "results/record/workers.hpp"
#include "results/text/file_names.hpp"

namespace scalelab {

namespace {

constexpr std::size_t fewest_lengths = 4;

bool are_of_many_lengths(const std::map<std::string, GranularityRun>& runs) {
  std::set<double> lengths;
  std::map<std::string, std::uint64_t> workers;
  for (const auto& [id, run] : runs) {
    lengths.insert(run.units);
    if (workers.try_emplace(run.driver, run.workers).first->second != run.workers) return false;
  }
  return lengths.size() >= fewest_lengths;
}

bool is_made_of(const Study& study, const std::set<std::string>& runs) {
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      for (const Sample& sample : point.runs) {
        if (!runs.contains(sample.run)) return false;
      }
    }
  }
  return true;
}

}  // namespace

GranularityFinder::Key GranularityFinder::key_of(const Run& run) const {
  Key key;
  key.work = work_of(run);
  for (const std::string& cut :
       {std::string("tasks"), std::string("tasks-per-worker"), units_option_of(run)}) {
    key.work.erase(cut);
  }
  const Fields configuration = configuration_of(run);
  for (const char* field : {"bind", "trace"}) key.measured[field] = configuration.at(field);
  // Drivers, with and without timers, are what is compared.
  if (run.driver != sequential_driver) {
    for (const char* field : {"schedule", "chunk", "threads-per-rank"}) {
      key.configuration[field] = configuration.at(field);
    }
    key.configuration["nodes"] = std::to_string(std::max<std::size_t>(hosts_of(run), 1));
  }
  for (Fields* fields : {&key.work, &key.measured, &key.configuration}) {
    std::erase_if(*fields, [&](const auto& field) { return merged_.contains(field.first); });
  }
  return key;
}

void GranularityFinder::add(const Run& run, const Repetition& repetition) {
  if (!counts(repetition) || !has_length(run)) return;
  Runs& runs = (run.driver == sequential_driver ? sequential_ : parallel_)[key_of(run)];
  auto known = runs.find(run.id);
  if (known == runs.end()) known = runs.emplace(run.id, granularity_run_of(run)).first;
  known->second.add(repetition);
}

const GranularityFinder::Runs* GranularityFinder::sequential_of(const Key& key) const {
  const auto exact = sequential_.find(Key{key.work, key.measured, {}});
  if (exact != sequential_.end()) return &exact->second;
  // One worker is rarely run in all the ways of many.
  const auto same_work =
      std::find_if(sequential_.begin(), sequential_.end(),
                   [&](const auto& alone) { return alone.first.work == key.work; });
  return same_work == sequential_.end() ? nullptr : &same_work->second;
}

void GranularityFinder::finish(Analysis& analysis) const {
  std::set<std::string> used;
  std::set<std::string> names;
  for (const Study& study : analysis.studies) names.insert(study.name);
  for (const auto& [key, parallel] : parallel_) {
    if (!are_of_many_lengths(parallel)) continue;
    const std::string& what = parallel.begin()->second.what;
    std::vector<GranularityRun> runs;
    std::set<std::string> ids;
    std::set<double> lengths;
    for (const auto& [id, run] : parallel) {
      runs.push_back(run);
      ids.insert(id);
      lengths.insert(run.units);
    }
    if (const Runs* alone = sequential_of(key)) {
      for (const auto& [id, run] : *alone) {
        // The same lengths, or the long tasks of the denominator; others belong to other studies.
        if (!lengths.contains(run.units) && run.units < *lengths.rbegin()) continue;
        runs.push_back(run);
        runs.back().what = what;  // one worker has nobody to share the tasks with
        ids.insert(id);
      }
    }
    try {
      GranularityStudy study = granularity_study(runs, Denominator::any);
      study.name = unique_name(fmt::format("{}-granularity", name_for_files(study.name)), names);
      analysis.granularity.push_back(std::move(study));
      used.merge(ids);
    } catch (const std::runtime_error& error) {
      analysis.notes.push_back(fmt::format("no curve over the length of tasks: {}", error.what()));
    }
  }
  std::erase_if(analysis.studies, [&](const Study& study) { return is_made_of(study, used); });
}

}  // namespace scalelab
