#include "results/granularities.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

namespace scalelab {

namespace {

constexpr std::size_t fewest_lengths = 4;

/// The work, however it is cut into tasks.
Fields uncut(const Run& run) {
  Fields work = work_of(run);
  for (const char* cut : {"tasks", "tasks-per-worker", "task-units"}) work.erase(cut);
  return work;
}

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

void Granularities::add(const Run& run, const Repetition& repetition) {
  if (!counts(repetition) || !has_length(run)) return;
  Fields key = uncut(run);
  Runs* runs = nullptr;
  if (run.driver == "sequential") {
    runs = &sequential_[key];
  } else {
    key["schedule"] = run.schedule;
    key["chunk"] = std::to_string(run.chunk);
    key["bind"] = run.bind;
    runs = &parallel_[key];
  }
  auto place = runs->find(run.id);
  if (place == runs->end()) place = runs->emplace(run.id, granularity_run_of(run)).first;
  place->second.add(repetition);
}

void Granularities::finish(Analysis& analysis) const {
  std::set<std::string> used;
  std::map<std::string, int> names;
  for (const auto& [key, parallel] : parallel_) {
    if (!are_of_many_lengths(parallel)) continue;
    Fields work = key;
    for (const char* own : {"schedule", "chunk", "bind"}) work.erase(own);
    const std::string& what = parallel.begin()->second.what;
    std::vector<GranularityRun> runs;
    std::set<std::string> ids;
    std::set<double> lengths;
    for (const auto& [id, run] : parallel) {
      runs.push_back(run);
      ids.insert(id);
      lengths.insert(run.units);
    }
    if (const auto alone = sequential_.find(work); alone != sequential_.end()) {
      for (const auto& [id, run] : alone->second) {
        // The same lengths, or the long tasks of the denominator; others belong to other studies.
        if (!lengths.contains(run.units) && run.units < *lengths.rbegin()) continue;
        runs.push_back(run);
        runs.back().what = what;  // one worker has nobody to share the tasks with
        ids.insert(id);
      }
    }
    try {
      GranularityStudy study = granularity_study(runs, Denominator::any);
      const std::string name = name_for_files(study.name);
      const int number = ++names[name];
      study.name = number == 1 ? fmt::format("{}-granularity", name)
                               : fmt::format("{}-granularity-{}", name, number);
      analysis.granularity.push_back(std::move(study));
      used.merge(ids);
    } catch (const std::runtime_error& error) {
      analysis.notes.push_back(fmt::format("no curve over the length of tasks: {}", error.what()));
    }
  }
  std::erase_if(analysis.studies, [&](const Study& study) { return is_made_of(study, used); });
}

}  // namespace scalelab
