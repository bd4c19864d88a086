// The page of a report: valid for parsers that are not ours, and nothing in it from outside.
#include "results/report/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/report/page_checks.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

Point point_of(std::uint64_t workers, double seconds) {
  Point point;
  point.workers = workers;
  point.shape = std::to_string(workers);
  point.times = std::vector<double>(7, seconds);
  point.seconds = {seconds, 0.99 * seconds, 1.01 * seconds, true};
  return point;
}

/// A study whose numbers are all different and follow from nothing.
Study odd_study() {
  Point point = point_of(8, 0.1234);
  point.speedup = Estimate{6.543, 6.421, 6.654};
  point.efficiency = Estimate{0.8181, 0.8021, 0.8321};
  point.karp_flatt = 0.0317;
  point.load_balance = 0.9712;
  point.communication_efficiency = 0.8934;
  point.computation_scalability = 0.9451;
  Curve curve;
  curve.name = "mpi dynamic,10";
  curve.driver = "mpi";
  curve.points = {point_of(1, 0.807), point};
  FittedLaw amdahl;
  amdahl.law = Law::amdahl;
  amdahl.coefficients = {0.8, 0.0248, 0};
  amdahl.resampled = {{0.8, 0.0232, 0}, {0.8, 0.0264, 0}};
  amdahl.residuals = {0.001, -0.0173};
  FittedLaw usl;
  usl.law = Law::usl;
  usl.coefficients = {0.8, 0.02, 0.0004};
  usl.residuals = {0.001, 0.0081};
  curve.laws =
      ScalingLaws{{}, 0, {amdahl, usl}, Law::amdahl, {}, "told apart from USL up to p = 8"};
  Study study;
  study.name = "spin";
  study.title = "spin: 2000 tasks of 50 µs";
  study.kernel = "spin";
  study.options = {{"seed", "4711"}, {"skew", "pareto"}};
  study.base = Base{"the sequential driver", {0.8074, 0.8, 0.81, true}};
  study.curves = {curve};
  study.notes = {"one of six runs was cut off"};
  study.verdicts = {{"Fastest: mpi dynamic,10 on 8 workers.", "speedup"},
                    {"mpi dynamic,10: 3.1 % of the work is serial (Amdahl).", "karp-flatt"}};
  study.commands = {{"build/release/drivers/mpi", "--record", "my folder/it's.jsonl"}};
  return study;
}

Analysis odd_analysis() {
  Analysis analysis;
  analysis.paths = {"sweeps/first look"};
  analysis.studies = {odd_study()};
  Machine machine;
  machine.host = "node17";
  machine.cpu = "Abacus 3000";
  machine.cores = 12;
  machine.cpus = 24;
  machine.memory_bytes = 3ULL << 30U;
  analysis.machines = {machine};
  analysis.build = {"0.1.0", "GNU 12.2.0", "-O3 -mabacus", "Release",
                    "00ff",  "abc123",     true,           {{"fmt", "9.1"}}};
  analysis.job = Job{"987654", "frigate", "node[17]", 12, "short", 61.0};
  analysis.first_started = "2026-11-22T20:15:00.123Z";
  analysis.last_started = "2026-11-23T02:15:00.123Z";
  analysis.runs = 43;
  analysis.repetitions = 215;
  Run warned;
  warned.driver = "mpi";
  warned.workers = 8;
  warned.warnings = {"rank 3 is not bound to a core"};
  analysis.warnings.add(warned);
  analysis.notes = {"two clocks disagree"};
  analysis.findings = {{"first look/a.jsonl", 31, "half a line: left out", 5}};
  return analysis;
}

/// As gnuplot draws it: ids, references, ink.
std::string small_svg(const std::string& name) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"  standalone=\"no\"?>\n<svg \n width=\"640\" "
      "height=\"400\"\n viewBox=\"0 0 640 400\"\n xmlns=\"http://www.w3.org/2000/svg\"\n "
      "xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n>\n<title>Gnuplot</title>\n<defs><circle "
      "id='gpPt6' r='1'/><pattern id='gpPat1' width='1' height='1'/></defs>\n<g color=\"black\">"
      "<use xlink:href='#gpPt6'/><path stroke='rgb( 34,  34,  34)' fill='url(#gpPat1)' d='M0,0 "
      "L1,1'/></g>\n<text>{}</text></svg>\n",
      name);
}

std::string page_of(const Analysis& analysis, const std::vector<Figure>& figures,
                    const std::string& folder) {
  std::vector<std::string> failures;
  std::string page = html_of(analysis, figures, folder, failures);
  CHECK(failures.empty());
  return page;
}

const std::string hostile = "<script>&\"'--></style>]]>\x01\xff\xc3(\xed\xa0\x80\x7f";

}  // namespace

TEST_CASE("page: verdicts, numbers, laws, warnings and findings of a study all stand in it") {
  const std::string page = page_of(odd_analysis(), {}, "");
  check_page(page);
  const std::string text = text_of(page);
  for (const char* expected : {"Abacus 3000, 12 cores (node17)",
                               "2026-11-22 to 2026-11-23",
                               "43 runs",
                               "215 repetitions",
                               "Fastest: mpi dynamic,10 on 8 workers.",
                               "3.1 % of the work is serial (Amdahl).",
                               "one of six runs was cut off",
                               "123 ms",
                               "[122 ms, 125 ms]",
                               "6.54",
                               "[6.42, 6.65]",
                               "82 %",
                               "[80, 83]",
                               "97.1 %",
                               "89.3 %",
                               "94.5 %",
                               "3.2 %",
                               "the sequential driver: 807 ms",
                               "3.10 %",
                               "[2.90, 3.30]",
                               "2.50 %",
                               "0.050 %",
                               "1.7 %",
                               "0.8 %",
                               "44 beyond the 8 measured",
                               "told apart from USL up to p = 8",
                               "rank 3 is not bound to a core (mpi 8)",
                               "two clocks disagree",
                               "first look/a.jsonl 31 5 half a line: left out",
                               "3 GiB",
                               "GNU 12.2.0",
                               "-O3 -mabacus",
                               "abc123, changed since",
                               "fmt 9.1",
                               "987654",
                               "frigate",
                               "61 s",
                               "./lab report 'sweeps/first look'",
                               "build/release/drivers/mpi --record 'my folder/it'\\''s.jsonl'",
                               "4711",
                               "pareto"}) {
    INFO(expected);
    CHECK_THAT(with_single_blanks(text), Contains(expected));
  }
}

TEST_CASE("page: beyond what a law was fitted to is beyond what was measured") {
  Analysis analysis = odd_analysis();
  Point crowded = point_of(64, 0.1);
  crowded.crowding.few_cores = true;
  analysis.studies[0].curves[0].points.push_back(crowded);
  const std::string text = with_single_blanks(text_of(page_of(analysis, {}, "")));
  CHECK_THAT(text, Contains("44 beyond the 8 measured"));
  CHECK_THAT(text, Contains("workers share cores, or some are on slower ones: no part of a law."));
  // The mark says what is so.
  crowded.crowding = {};
  crowded.crowding.cpu_limit = true;
  analysis.studies[0].curves[0].points.back() = crowded;
  CHECK_THAT(with_single_blanks(text_of(page_of(analysis, {}, ""))),
             Contains("workers share cores, are more than a limit of CPUs lets compute at a time, "
                      "or some are on slower ones: no part of a law."));
}

TEST_CASE("page: what is beyond the measured stays so when it is rounded; never is no nobody") {
  Analysis analysis = odd_analysis();
  Curve& curve = analysis.studies[0].curves[0];
  curve.points.push_back(point_of(16, 0.1));
  FittedLaw& usl = curve.laws->fits[1];
  // Its peak, sqrt((c0 - c1) / c2), is at 16.48.
  usl.coefficients = {0.8, 0.02, 0.78 / (16.48 * 16.48)};
  curve.laws->fits[0].law = Law::ideal;
  curve.laws->fits[0].coefficients = {0.8, 0, 0};
  curve.laws->fits[0].resampled.clear();
  const auto text = [&] { return with_single_blanks(text_of(page_of(analysis, {}, ""))); };
  CHECK_THAT(text(), Contains(" 17 beyond the 16 measured") && !Contains("16 beyond the 16"));
  CHECK_THAT(text(), Contains("never below"));
  // Of few workers, by a digit more.
  curve.points = {point_of(1, 0.807), point_of(8, 0.1234)};
  usl.coefficients.c2 = 0.78 / (8.02 * 8.02);
  CHECK_THAT(text(), Contains(" 8.1 beyond the 8 measured"));
  usl.coefficients.c2 = 0.78 / (7.96 * 7.96);
  CHECK_THAT(text(), Contains(" 8.0 ") && !Contains("beyond the 8"));
}

TEST_CASE("page: a card's table names the winner of its sentence, and calls it no more than that") {
  struct Case {
    int runs;
    std::vector<std::pair<const char*, double>> seconds_on_4;
    const char* sentence;
    const char* row;
    const char* badge;
  };
  const std::vector<Case> cases{
      {6, {{"mpi", 3}, {"openmp", 2}}, "Fastest: openmp on 4", "openmp", "fastest"},
      {3, {{"mpi", 3}, {"openmp", 2}}, "Shortest: openmp on 4", "openmp", "shortest"},
      {6, {{"mpi", 9.99}, {"openmp", 9.98}}, "Shortest: openmp on 4", "openmp", "shortest"}};
  for (const Case& one : cases) {
    MeasuredRuns runs;
    for (int i = 0; i < one.runs; ++i) {
      runs.add(runs.run("sequential", 1), {10 + 0.02 * i});
      for (const auto& [driver, seconds] : one.seconds_on_4) {
        runs.add(runs.run(driver, 4), {seconds + 0.02 * i});
      }
    }
    const std::string page = page_of(analysis_from_records({runs.path()}, {}), {}, "");
    const std::string text = with_single_blanks(text_of(page));
    INFO(text.substr(0, 800));
    CHECK_THAT(text, Contains(one.sentence));
    const std::size_t marked = page.find("class=\"marked\"");
    REQUIRE(marked != std::string::npos);
    const std::string row = page.substr(marked, page.find("</tr>", marked) - marked);
    CHECK_THAT(row, Contains(fmt::format(">{}<", one.row)));
    CHECK_THAT(row, Contains(fmt::format(">{}<", one.badge)));
    CHECK_THAT(text, Contains("Each driver at its best"));
  }
}

TEST_CASE("page: verdicts come before figures, figures before tables, the machine behind them") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "figures");
  write_file(folder / "figures/spin-speedup.svg", small_svg("curve"));
  const std::string text = text_of(
      page_of(odd_analysis(), {{"spin-speedup", "speedup", "spin", "The caption", "Read it so"}},
              folder.path()));
  std::size_t last = 0;
  for (const char* next :
       {"In one minute", "Fastest: mpi", "Fastest: mpi", "curve", "The caption", "Read it so",
        "Karp-Flatt", "alpha", "Warnings", "Machine", "How to reproduce"}) {
    INFO(next);
    const std::size_t found = text.find(next, last);
    REQUIRE(found != std::string::npos);
    last = found + 1;
  }
}

TEST_CASE("page: figures are part of it, with ids of their own, and verdicts lead to them") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "figures");
  std::vector<Figure> figures;
  for (const char* kind : {"speedup", "karp-flatt"}) {
    const std::string name = fmt::format("spin-{}", kind);
    write_file(folder / ("figures/" + name + ".svg"), small_svg("picture of " + name));
    figures.push_back({name, kind, "spin", "Caption of " + name, "How to read " + name});
  }
  write_file(folder / "figures/drift.svg", small_svg("picture of drift"));
  figures.push_back({"drift", "drift", "", "Caption of drift", "How to read drift"});
  const std::string page = page_of(odd_analysis(), figures, folder.path());
  check_page(page);
  CHECK(elements(parsed(page), "svg") == 3);
  for (const Figure& figure : figures) {
    CHECK_THAT(page, Contains("picture of " + figure.name));
    CHECK_THAT(page, Contains(figure.caption));
    CHECK_THAT(page, Contains(figure.reading));
  }
  const std::vector<std::string> links = attributes(page, "href");
  for (const char* link : {"#figure-spin-speedup", "#figure-spin-karp-flatt"}) {
    CHECK(std::count(links.begin(), links.end(), link) >= 1);
  }
  CHECK_THAT(page, Contains("stroke='var(--ink)'"));
  CHECK_THAT(page, !Contains("rgb( 34"));
}

TEST_CASE("page: without figures it says so") {
  CHECK_THAT(text_of(page_of(odd_analysis(), {}, "")), Contains("This report has no figures"));
}

TEST_CASE("page: figures that cannot be read are named; the others are shown") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "figures");
  write_file(folder / "figures/spin-time.svg", "no picture");
  write_file(folder / "figures/spin-where.svg", small_svg("a picture"));
  const std::vector<Figure> figures{{"spin-speedup", "speedup", "spin", "lost", "r"},
                                    {"spin-time", "time", "spin", "broken", "r"},
                                    {"spin-where", "where", "spin", "good", "r"}};
  std::vector<std::string> failures;
  const std::string page = html_of(odd_analysis(), figures, folder.path(), failures);
  REQUIRE(failures.size() == 2);
  CHECK_THAT(failures[0], Contains("spin-speedup.svg: cannot be read"));
  CHECK_THAT(failures[1], Contains("spin-time.svg: expected an SVG"));
  check_page(page);
  CHECK_THAT(text_of(page), Contains("a picture") && Contains("This figure could not be read"));
}

TEST_CASE("page: an analysis of nothing is a page with a sentence") {
  const std::string page = page_of({}, {}, "");
  check_page(page);
  CHECK_THAT(text_of(page), Contains("There is nothing to tell"));
}

TEST_CASE("page: whatever the records hold, it stays text") {
  const std::string long_option(10000, '<');
  Analysis analysis = odd_analysis();
  Study& study = analysis.studies[0];
  study.name = hostile;
  study.title = hostile;
  study.kernel = hostile;
  study.options = {{hostile, long_option}};
  study.base->name = hostile;
  study.notes = {hostile};
  study.verdicts = {{hostile, hostile}};
  study.commands = {{hostile, long_option}};
  study.curves[0].name = hostile;
  study.curves[0].driver = hostile;
  study.curves[0].points[0].shape = hostile;
  study.curves[0].laws->note = hostile;
  analysis.paths = {hostile};
  Machine& machine = analysis.machines[0];
  machine.host = hostile;
  machine.cpu = machine.system = machine.governor = hostile;
  analysis.build = {hostile, hostile, hostile, hostile,
                    hostile, hostile, true,    {{hostile, hostile}}};
  analysis.job = Job{hostile, hostile, hostile, 1, hostile, 1.0};
  analysis.first_started = analysis.last_started = hostile;
  analysis.notes = {hostile};
  analysis.findings = {{hostile, 1, hostile, 1}};
  Run warned;
  warned.driver = hostile;
  warned.warnings = {hostile};
  analysis.warnings.add(warned);
  const TestFolder folder;
  std::filesystem::create_directories(folder / "figures");
  write_file(folder / "figures/f.svg", small_svg("a \x01\xff b"));
  const std::string page =
      page_of(analysis, {{"f", hostile, hostile, hostile, hostile}}, folder.path());
  check_page(page);
  const std::string text = text_of(page);
  CHECK_THAT(text, Contains("<script>&\"'--></style>]]>\uFFFD\uFFFD\uFFFD("));
  CHECK_THAT(text, Contains(long_option));
}

TEST_CASE("page: of real records, weak and strong, with several drivers") {
  MeasuredRuns runs;
  for (const char* scaling : {"strong", "weak"}) {
    for (const char* driver : {"sequential", "openmp", "mpi"}) {
      for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
        if (std::string(driver) == "sequential" && workers > 1) continue;
        for (int i = 0; i < 6; ++i) {
          Run run = runs.run(driver, workers);
          run.scaling = scaling;
          const double share = run.scaling == "weak" ? 1 : 1 / static_cast<double>(workers);
          if (run.scaling == "weak") run.tasks *= workers;
          runs.add(run, {share * (1 + 0.01 * i)});
        }
      }
    }
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  const std::string page = page_of(analysis, {}, "");
  check_page(page);
  const std::string text = text_of(page);
  REQUIRE(analysis.studies.size() == 2);
  for (const Study& study : analysis.studies) {
    CHECK_FALSE(study.verdicts.empty());
    for (const Verdict& verdict : study.verdicts) CHECK_THAT(text, Contains(verdict.text));
  }
}

TEST_CASE("page: METG of a granularity study stands in a table") {
  // Each task costs 1 µs besides its work: METG(50 %) is 2 µs, METG(95 %) is 20 µs.
  GranularityCurve curve;
  curve.driver = "mpi";
  curve.workers = 2;
  curve.fewest_runs = 12;
  curve.confidence = 0.957;
  for (double work = 1e-7; work < 1e-3; work *= 2) curve.value.push_back({work, work + 1e-6});
  curve.low = curve.high = curve.value;
  GranularityStudy study;
  study.name = "spin";
  study.title = "spin: dynamic, chunk 1";
  study.unit = {{8.5e-9, 8.4e-9, 8.6e-9, 0.95}, 6000, 30, false};
  study.curves = {curve};
  Analysis analysis;
  analysis.granularity = {study};
  const std::string page = page_of(analysis, {}, "");
  check_page(page);
  CHECK_THAT(text_of(page),
             Contains("mpi 2 off 2.00 µs [2.00 .. 2.00 µs] 20.0 µs [20.0 .. 20.0 µs] 12 95 %"));
}
