// granularity PATH...: reads the records of runs with shorter and shorter tasks, those of
// `./lab granularity`, and prints how short the tasks of each driver may be: METG.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/programs/program.hpp"
#include "results/record/read_records.hpp"
#include "results/report/terminal.hpp"
#include "results/studies/granularity_study.hpp"
#include "results/studies/warnings.hpp"

namespace scalelab {

namespace {

/// The runs that measured something. @param warnings  theirs are added
/// @throws std::runtime_error if there are none, or some without a length
std::vector<GranularityRun> read(const std::vector<std::string>& paths, Warnings& warnings) {
  std::vector<GranularityRun> runs;
  std::map<std::string, std::size_t> places;  // in `runs`, by the run's id
  std::string without_length;
  RecordHandlers handlers;
  handlers.repetition = [&](const Run& run, const Repetition& repetition) {
    if (!counts(repetition)) return;
    if (!has_length(run)) {
      without_length = fmt::format("run {}, {} with {}", run.id, run.driver, run.kernel);
      return;
    }
    const auto [place, first] = places.try_emplace(run.id, runs.size());
    if (first) {
      warnings.add(run);
      runs.push_back(granularity_run_of(run));
    }
    runs[place->second].add(repetition);
  };
  handlers.finding = [](const Finding& finding) { tell("granularity", finding); };
  read_records(paths, handlers);
  if (!without_length.empty()) {
    throw std::runtime_error(
        without_length +
        ": expected work that is known before, in tasks that "
        "are all alike (--skew uniform, no serial part): others have no length");
  }
  if (runs.empty()) throw std::runtime_error("no measured repetition: expected records of runs");
  return runs;
}

int main(int argc, char** argv) {
  return run_program("granularity", [&] {
    const char* expected = "files of records, as ./lab granularity --out FILE writes them";
    Warnings warnings;
    const std::vector<GranularityRun> runs =
        read(paths_in({argv + 1, argv + argc}, expected), warnings);
    fmt::print("{}{}", text_of(granularity_study(runs, Denominator::without_timers)),
               warnings.text());
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
