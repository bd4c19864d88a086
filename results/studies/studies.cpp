#include "results/studies/studies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <tuple>

#include "results/record/workers.hpp"
#include "results/studies/points.hpp"
#include "results/studies/study_names.hpp"
#include "results/text/file_names.hpp"

namespace scalelab {

namespace {

struct OpenCurve {
  Fields fields;
  Curve curve;  // without points
  std::vector<std::string> command;
  std::deque<OpenRun> runs;  // which stay where they are
};

std::string schedule_of(const Run& run) {
  return run.chunk == 0 ? run.schedule : fmt::format("{},{}", run.schedule, run.chunk);
}

/// Who repeats a run does not want to write into the records that he has.
std::vector<std::string> without_record(const std::vector<std::string>& command) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] == "--record") {
      ++i;  // and its path
    } else if (!command[i].starts_with("--record=")) {
      rest.push_back(command[i]);
    }
  }
  return rest;
}

/// Where the same number of workers was on one node and on two, these are two curves.
bool is_split_by_nodes(const OpenCurve& open) {
  std::map<std::uint64_t, std::size_t> hosts;
  return std::any_of(open.runs.begin(), open.runs.end(), [&](const OpenRun& run) {
    return hosts.try_emplace(run.workers, run.hosts).first->second != run.hosts;
  });
}

std::vector<Curve> curves_of(const OpenCurve& open) {
  const bool split = is_split_by_nodes(open);
  std::map<std::size_t, std::map<std::uint64_t, std::vector<const OpenRun*>>> runs;
  for (const OpenRun& run : open.runs) runs[split ? run.hosts : 0][run.workers].push_back(&run);
  std::vector<Curve> curves;
  for (const auto& [hosts, by_workers] : runs) {
    Curve& curve = curves.emplace_back(open.curve);
    if (split) curve.nodes = hosts;
    for (const auto& [workers, same] : by_workers) curve.points.push_back(point_of(same));
  }
  return curves;
}

}  // namespace

struct Studies::Growing {
  Fields work;
  Run run;  // the first
  std::deque<OpenCurve> curves;
  std::map<std::uint64_t, std::set<std::string>> digests;  // by number of tasks
  std::size_t resumed = 0;                                 // repetitions that do not count
  std::size_t replaced = 0;
  std::size_t interrupted = 0;

  OpenCurve& curve_of_fields(const Fields& fields, const Run& by) {
    for (OpenCurve& open : curves) {
      if (open.fields == fields) return open;
    }
    OpenCurve& open = curves.emplace_back();
    open.fields = fields;
    open.curve.driver = by.driver;
    open.curve.schedule = schedule_of(by);
    open.curve.bind = by.bind;
    open.curve.threads_per_rank = threads_per_rank(by);
    open.curve.accounting = by.accounting;
    open.curve.traced = by.trace;
    open.command = without_record(by.command);
    return open;
  }
};

/// Where a run has been sorted to, and its next repetitions go.
struct Studies::SortedRun {
  Growing* study = nullptr;
  std::set<std::string> digests;
  OpenRun* run = nullptr;  // none yet: so far none of its repetitions counts
};

Studies::Studies(std::set<std::string> merged) : merged_(std::move(merged)) {}
Studies::~Studies() = default;

Fields Studies::without_merged(Fields fields) {
  for (const auto& [field, value] : fields) fields_.insert(field);
  std::erase_if(fields, [&](const auto& field) { return merged_.contains(field.first); });
  return fields;
}

Studies::Growing& Studies::study_of(const Run& run) {
  const Fields work = without_merged(work_of(run));
  for (const auto& study : studies_) {
    if (study->work == work) return *study;
  }
  Growing& study = *studies_.emplace_back(std::make_unique<Growing>());
  study.work = work;
  study.run = run;
  return study;
}

void Studies::add(const Run& run, const Repetition& repetition) {
  SortedRun& sorted = sorted_[run.id];
  if (sorted.study == nullptr) sorted.study = &study_of(run);
  sorted.study->digests[run.tasks].insert(repetition.digest);
  if (repetition.resumed_tasks > 0) ++sorted.study->resumed;
  if (repetition.retries > 0) ++sorted.study->replaced;
  if (was_interrupted(repetition)) ++sorted.study->interrupted;
  // Bits are compared of all repetitions, also of those whose time does not count.
  sorted.digests.insert(repetition.digest);
  if (sorted.run != nullptr) sorted.run->digests.insert(repetition.digest);
  if (!counts(repetition)) return;
  if (sorted.run == nullptr) {
    OpenCurve& curve = sorted.study->curve_of_fields(without_merged(configuration_of(run)), run);
    sorted.run = &curve.runs.emplace_back(open_run(run));
    sorted.run->digests = sorted.digests;
  }
  sorted.run->timings.push_back(timing_of(repetition));
}

std::set<std::string> Studies::fields() const { return fields_; }

namespace {

/// Records of older versions do not have the field. Of what moves bytes, that is memory, if the
/// worker has them in a workspace, and else the disk.
std::string bound_by(const Run& run) {
  if (run.bound_by) return *run.bound_by;
  if (!run.bytes_per_unit) return "";
  return run.workspace_bytes > 0 ? "memory" : "disk";
}

}  // namespace

std::vector<Study> Studies::finish() {
  std::vector<Study> studies;
  std::set<std::string> names;
  for (const auto& growing : studies_) {
    const Run& run = growing->run;
    Study& study = studies.emplace_back();
    study.name = unique_name(name_for_files(run.kernel), names);
    study.title = title_of(run);
    std::vector<const Fields*> others;
    for (const auto& other : studies_) {
      if (other->run.kernel == run.kernel) others.push_back(&other->work);
    }
    std::string difference = difference_of(growing->work, others);
    // The data's name is in the title, and its digest says nothing to a reader, unless that is all.
    const bool of_same_name = std::any_of(studies_.begin(), studies_.end(), [&](const auto& other) {
      return other->run.data == run.data && other->run.data_digest != run.data_digest;
    });
    if (difference.empty() && of_same_name)
      difference = "data " + run.data_digest.value_or("without a digest");
    if (!difference.empty()) study.title += fmt::format(" ({})", difference);
    study.kernel = run.kernel;
    study.weak = run.scaling == "weak";
    study.waits = run.waits;
    study.bound_by = bound_by(run);
    study.options = run.options;
    for (const OpenCurve& open : growing->curves) {
      for (Curve& curve : curves_of(open)) study.curves.push_back(std::move(curve));
      study.commands.push_back(open.command);
    }
    std::stable_sort(study.curves.begin(), study.curves.end(), [](const Curve& a, const Curve& b) {
      const auto key = [](const Curve& curve) {
        return std::tuple(curve.driver != sequential_driver, curve.driver);
      };
      return key(a) < key(b);
    });
    name_curves(study.curves);
    if (growing->resumed + growing->replaced > 0) {
      study.notes.push_back(
          fmt::format("{} repetitions resumed a journal and {} replaced a dead worker: left out",
                      growing->resumed, growing->replaced));
    }
    if (growing->interrupted > 0) {
      study.notes.push_back(fmt::format(
          "{} stopped and continued (SIGSTOP, Ctrl-Z, a suspended machine), or may have been: "
          "left out",
          growing->interrupted == 1 ? "1 repetition was"
                                    : fmt::format("{} repetitions were", growing->interrupted)));
    }
    for (const auto& [tasks, digests] : growing->digests) {
      if (digests.size() > 1) {
        study.notes.push_back(fmt::format(
            "the values of {} tasks are not the same in all runs: {} digests; expected one", tasks,
            digests.size()));
      }
    }
  }
  // A run of warm-ups only leaves nothing.
  std::erase_if(studies, [](const Study& study) { return study.curves.empty(); });
  return studies;
}

}  // namespace scalelab
