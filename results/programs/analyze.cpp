// analyze PATH...: reads records and says how far each driver scales, why it stops, and how sure
// that is: tables, figures and a report. ./lab report.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/options.hpp"
#include "results/analysis/comparisons.hpp"
#include "results/analysis/from_records.hpp"
#include "results/analysis/rules.hpp"
#include "results/figures/figures.hpp"
#include "results/programs/program.hpp"
#include "results/report/csv.hpp"
#include "results/report/page.hpp"
#include "results/report/terminal.hpp"
#include "results/text/flush.hpp"
#include "results/text/folder_lock.hpp"
#include "results/text/text_file.hpp"
#include "results/text/wrapped.hpp"

namespace scalelab {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

struct Request {
  std::vector<std::string> arguments;  ///< all, as they were typed
  std::vector<std::string> paths;
  std::string out;  ///< folder
  AnalysisOptions options;
  std::vector<std::string> traces;
  bool figures = true;
  bool check = false;
  bool help = false;
};

constexpr const char* usage = R"(lab report: what records of runs say

  ./lab report PATH... [OPTION]...

PATH is a folder of ./lab sweep or --record, or a file of records. Tables, figures
and report.html go to a folder; the gist goes to the terminal.

  --out DIR            that folder [report, in the folder that is read if
                       it is one]
  --base WHAT          speed-up over: sequential (driver), or each driver's own
                       time on its fewest workers, or on pN: p1, p8
                       [sequential, or fewest where there is none]
  --target SHARE       parallel efficiency that is still worth it [75%]
  --merge FIELD,...    that may differ and be on one curve all the same: cpu,
                       compiler, commit, bind, schedule, or a kernel's option
  --trace FILE         of --trace: drawn as a chart of workers over time
  --check              the twelve rules of Hoefler and Belli: which are kept?
  --no-figures         tables only, no gnuplot

Exit status: 0 success, 1 failure (also if only the figures failed), 2 wrong usage.
)";

/// @throws UsageError
BaseOf base_of(const std::string& text) {
  if (text == "sequential") return BaseOf::sequential;
  if (text == "fewest") return BaseOf::fewest;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.starts_with('p')) {
    const auto [rest, error] = std::from_chars(text.data() + 1, end, number);
    if (error == std::errc() && rest == end && number >= 1 && number <= 1'000'000) {
      return BaseOf{number};
    }
  }
  throw UsageError(
      fmt::format("--base: expected sequential, fewest, or pN as in p1 or p8, got '{}'", text));
}

double share_of(const std::string& text) {
  std::size_t end = 0;
  double share = 0;
  try {
    share = std::stod(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  if (text.substr(end) == "%") {
    share /= 100;
    ++end;
  }
  if (end == 0 || end != text.size() || !(share > 0 && share < 1)) {
    throw UsageError(
        fmt::format("--target: expected a share between 0 and 1, as 75% or 0.75, got '{}'", text));
  }
  return share;
}

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) words.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Request read_command_line(int argc, char** argv) {
  po::options_description options;
  std::string base;
  std::string target;
  std::string merged;
  Request request;
  request.arguments.assign(argv + 1, argv + argc);
  auto add = options.add_options();
  add("out", po::value(&request.out));
  add("base", po::value(&base)->default_value("sequential"));
  add("target", po::value(&target)->default_value("75%"));
  add("merge", po::value(&merged)->default_value(""));
  add("trace", po::value(&request.traces));
  add("check", po::bool_switch(&request.check));
  add("help,h", po::bool_switch(&request.help));
  bool no_figures = false;
  add("no-figures", po::bool_switch(&no_figures));
  add("path", po::value(&request.paths));
  po::positional_options_description positions;
  positions.add("path", -1);
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(options).positional(positions).run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  if (request.help) return request;
  if (no_figures && !request.traces.empty()) {
    throw UsageError("--trace: expected no --no-figures beside it, a trace is drawn");
  }
  if (request.paths.empty()) {
    throw UsageError(
        "expected folders or files of records, as ./lab sweep or --record leaves them (--help says "
        "more)");
  }
  request.options.base = base_of(base);
  request.options.target = share_of(target);
  request.options.merged = words_of(merged);
  request.figures = !no_figures;
  if (request.out.empty()) {
    const bool folder = request.paths.size() == 1 && fs::is_directory(request.paths.front());
    request.out = folder ? (fs::path(request.paths.front()) / "report").string() : "report";
  }
  return request;
}

/// The parts of a report: if one fails, the others are made all the same.
class Report {
 public:
  Report(const Request& request, const Analysis& analysis)
      : request_(request), analysis_(analysis), out_(request.out) {}

  /// @returns a line for each thing that went wrong
  std::vector<std::string> make() {
    attempt([&] { write_tables(); });
    attempt([&] { draw(); });
    for (const Study& study : analysis_.studies) tell(study);
    tell_rest();
    attempt([&] {
      write_text(out_ / "report.html",
                 html_of(analysis_, drawn_.figures, request_.out, drawn_.failures));
      fmt::print("{}: report.html, scaling.csv, laws.csv{}{}\n", printable(request_.out),
                 analysis_.granularity.empty() ? "" : ", granularity.csv",
                 drawn_.figures.empty() ? "" : ", figures/, data/");
    });
    return std::move(drawn_.failures);
  }

 private:
  template <typename Part>
  void attempt(const Part& part) {
    try {
      part();
    } catch (const std::exception& error) {
      drawn_.failures.emplace_back(error.what());
    }
  }

  void write_tables() {
    fs::remove(out_ / "granularity.csv");  // of an earlier report
    write_text(out_ / "scaling.csv", scaling_csv(analysis_));
    write_text(out_ / "laws.csv", laws_csv(analysis_));
    if (!analysis_.granularity.empty()) {
      write_text(out_ / "granularity.csv", granularity_csv(analysis_));
    }
  }

  void draw() {
    if (!request_.figures) {
      remove_figures(request_.out);
      return;
    }
    Drawn drawn = draw_figures(analysis_, request_.traces, request_.out);
    drawn_.figures = std::move(drawn.figures);
    for (std::string& failure : drawn.failures) drawn_.failures.push_back(std::move(failure));
  }

  void tell(const Study& study) {
    std::string plot;
    attempt([&] { plot = text_plot(study, drawn_.figures, request_.out); });
    fmt::print("{}\n", text_of(study, plot, !drawn_.figures.empty()));
  }

  void tell_rest() const {
    for (const GranularityStudy& study : analysis_.granularity) {
      fmt::print("{}\n", text_of(study));
    }
    for (const std::string& note : analysis_.notes) fmt::print("note: {}\n\n", wrapped(note, 6));
    if (request_.check) fmt::print("{}\n", text_of(twelve_rules(analysis_)));
    if (const std::string warnings = analysis_.warnings.text(); !warnings.empty()) {
      fmt::print("{}\n", warnings.substr(1));
    }
  }

  const Request& request_;
  const Analysis& analysis_;
  const fs::path out_;
  Drawn drawn_;
};

/// @returns whether all went well
bool report(const Request& request) {
  Analysis analysis = analysis_from_records(request.paths, request.options);
  analysis.arguments = request.arguments;
  if (std::string laws = sureness_of_laws(analysis.studies); !laws.empty()) {
    analysis.notes.push_back(std::move(laws));
  }
  for (const Finding& finding : analysis.findings) tell("analyze", finding);
  if (analysis.studies.empty() && analysis.granularity.empty()) {
    throw std::runtime_error(nothing_measured(analysis));
  }
  std::error_code code;
  fs::create_directories(request.out, code);
  if (code) throw std::runtime_error(fmt::format("--out: {}: {}", request.out, code.message()));
  const FolderLock lock(request.out, "another report is being written to it");
  const std::vector<std::string> failures = Report(request, analysis).make();
  flush_output();
  for (const std::string& failure : failures) complain("analyze", failure);
  return failures.empty();
}

int main(int argc, char** argv) {
  return run_program("analyze", [&] {
    const Request request = read_command_line(argc, argv);
    if (!request.help) return report(request) ? 0 : 1;
    fmt::print("{}", usage);
    return 0;
  });
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main(argc, argv); }
