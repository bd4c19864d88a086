// Figures: what their data say, that gnuplot draws all of them, and what happens where it cannot.
#include "results/figures/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>

#include "results/figures/figure_data.hpp"
#include "results/figures/gnuplot.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/example_studies.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::vector<std::uint64_t> up_to_64{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

/// CTest takes these words for a skipped test.
void need_gnuplot() {
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) {
    FAIL("not tested, for want of gnuplot");
  }
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Its text, as a parser of XML sees it. @throws if it is not well-formed
std::string text_of_svg(const fs::path& path) {
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(path.string(), tree);
  REQUIRE(tree.count("svg") == 1);
  std::string text;
  const std::function<void(const boost::property_tree::ptree&)> visit = [&](const auto& node) {
    text += node.data() + " ";
    for (const auto& [name, child] : node) {
      if (name != "<xmlattr>") visit(child);
    }
  };
  visit(tree.get_child("svg"));
  return text;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A block of a data file: its head, and rows of numbers.
struct Block {
  std::vector<std::string> head;
  std::vector<std::vector<double>> rows;
};

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; std::getline(stream, word, '\t');) words.push_back(word);
  return words;
}

std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> blocks;
  bool begins = true;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      begins = true;
    } else if (begins) {
      blocks.push_back({words_of(line), {}});
      begins = false;
    } else {
      std::vector<double> row;
      for (const std::string& word : words_of(line)) row.push_back(std::stod(word));
      blocks.back().rows.push_back(row);
    }
  }
  return blocks;
}

const FigureData& of_kind(const std::vector<FigureData>& figures, const std::string& kind) {
  const auto figure = std::find_if(figures.begin(), figures.end(),
                                   [&](const FigureData& one) { return one.kind == kind; });
  REQUIRE(figure != figures.end());
  return *figure;
}

std::vector<Block> blocks_of(const FigureData& figure, const std::string& ending = "") {
  for (const auto& [name, text] : figure.files) {
    if (name == ending) return blocks_of(text);
  }
  FAIL(figure.name << " has no data " << ending);
  return {};
}

std::set<std::string> kinds_of(const std::vector<Figure>& figures) {
  std::set<std::string> kinds;
  for (const Figure& figure : figures) kinds.insert(figure.kind);
  return kinds;
}

/// All files of all figures are there and are what their names say.
void check_drawn(const std::vector<Figure>& figures, const fs::path& folder) {
  for (const Figure& figure : figures) {
    INFO(figure.name);
    CHECK_FALSE(figure.caption.empty());
    CHECK_FALSE(figure.reading.empty());
    const fs::path path = folder / "figures" / figure.name;
    CHECK(text_of_svg(path.string() + ".svg").size() > 20);
    CHECK(read(path.string() + ".pdf").starts_with("%PDF-"));
    CHECK(read(path.string() + ".png").starts_with("\x89PNG\r\n"));
    CHECK(holds(read(path.string() + ".pdf"), "%%EOF"));
  }
}

/// Drivers whose times are exactly those of their laws.
std::vector<KnownCurve> without_noise() {
  std::vector<KnownCurve> curves = four_drivers();
  for (KnownCurve& curve : curves) curve.noise = 0;
  return curves;
}

class PathOf {
 public:
  explicit PathOf(const std::string& path) : before_(std::getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~PathOf() { setenv("PATH", before_.c_str(), 1); }
  PathOf(const PathOf&) = delete;
  PathOf& operator=(const PathOf&) = delete;

 private:
  std::string before_;
};

std::string trouble_of_drawing(const Analysis& analysis, const std::string& folder) {
  const Drawn drawn = draw_figures(analysis, {}, folder);
  CHECK(drawn.figures.empty());
  REQUIRE(drawn.troubles.size() == 1);
  return drawn.troubles.front();
}

/// As a driver's --trace writes it. @param slices  worker, begin, length [us]
std::string trace_of(const std::vector<std::array<double, 3>>& slices) {
  std::string text = R"({"displayTimeUnit":"ms","traceEvents":[)";
  text += R"({"ph":"M","pid":0,"tid":0,"name":"thread_name","args":{"name":"worker 0"}})";
  for (const auto& [worker, begin, length] : slices) {
    text += fmt::format(R"(,{{"ph":"X","pid":0,"tid":{},"ts":{:.3f},"dur":{:.3f},"name":"t"}})",
                        worker, begin, length);
  }
  return text + "]}";
}

}  // namespace

TEST_CASE("the data of speed-up and efficiency are those of the times") {
  const Study study = example_study("spin", without_noise(), up_to_64, 6);
  const auto figures = figures_of(study, example_analysis({study}));
  const auto speedups = blocks_of(of_kind(figures, "speedup"));
  const auto efficiencies = blocks_of(of_kind(figures, "efficiency"));
  const auto times = blocks_of(of_kind(figures, "time"));
  REQUIRE(speedups.size() == 3);
  CHECK(speedups[0].head == std::vector<std::string>{"\"mpi\"", "speedup", "low", "high"});
  REQUIRE(speedups[0].rows.size() == up_to_64.size());
  for (std::size_t i = 0; i < up_to_64.size(); ++i) {
    const auto p = static_cast<double>(up_to_64[i]);
    const double seconds = 1.02 / p + 0.05 * (p - 1) / p + 0.0008 * (p - 1);
    CHECK(times[0].rows[i][1] == Approx(seconds).epsilon(1e-5));
    CHECK(speedups[0].rows[i][0] == p);
    CHECK(speedups[0].rows[i][1] == Approx(0.99 / seconds).epsilon(1e-5));
    CHECK(efficiencies[0].rows[i][1] == Approx(99 / seconds / p).epsilon(1e-5));
  }
}

TEST_CASE("a law's line has the law's times, speed-ups over the study's base and efficiencies") {
  const Study study = example_study("spin", without_noise(), up_to_64, 6);
  const auto figures = figures_of(study, example_analysis({study}));
  const auto laws = blocks_of(of_kind(figures, "time"), "-law");
  REQUIRE(laws.size() == 3);
  for (const std::vector<double>& row : laws[2].rows) {  // processes: Amdahl
    const double p = row[0];
    const double seconds = 1.01 / p + 0.05 * (p - 1) / p;
    CHECK(row[1] == Approx(seconds).epsilon(1e-4));
    CHECK(row[4] == Approx(0.99 / seconds).epsilon(1e-4));
    CHECK(row[5] == Approx(99 / seconds / p).epsilon(1e-4));
  }
}

TEST_CASE("where each driver has a base of its own, its law's speed-ups are over that") {
  Study study = example_study("spin", without_noise(), up_to_64, 6);
  study.base.reset();
  study.curves.erase(study.curves.begin());
  derive(study, BaseOf::one_worker);
  const auto laws =
      blocks_of(of_kind(figures_of(study, example_analysis({study})), "speedup"), "-law");
  for (const Block& law : laws) CHECK(law.rows.front()[4] == Approx(1).epsilon(1e-4));
}

TEST_CASE("the shares of where the time goes add up to 100 %") {
  const Study study = example_study("spin", four_drivers(), up_to_64, 6);
  for (const Block& block :
       blocks_of(of_kind(figures_of(study, example_analysis({study})), "where"))) {
    CHECK(block.rows.size() == up_to_64.size());
    for (const auto& row : block.rows) {
      CHECK(row[1] + row[2] + row[3] + row[4] + row[5] == Approx(100).margin(0.01));
    }
  }
}

TEST_CASE("METG is marked where efficiency = 1 - overhead / granularity is one half") {
  const FigureData figure = figure_of(example_granularity());
  const auto marks = blocks_of(figure, "-marks");
  REQUIRE(marks.size() == 8);
  CHECK(marks[2].head[0] == "\"openmp\"");
  CHECK(marks[2].rows[0][0] == Approx(2 * 90e-9).epsilon(1e-4));
  CHECK(marks[6].rows[0][0] == Approx(2 * 1.4e-6).epsilon(1e-4));
  CHECK(std::isnan(marks[0].rows[0][0]));  // even its shortest tasks are more efficient
}

TEST_CASE("drift counts minutes from the first run") {
  Study study = example_study("spin", {{"openmp", "static", {1, 0, 0}, 0}}, {1}, 2);
  study.curves[0].points[0].runs[0].started = "2026-12-31T23:59:30.000Z";
  study.curves[0].points[0].runs[1].started = "2027-01-01T00:01:00.000Z";
  const auto blocks = blocks_of(of_kind(figures_of(example_analysis({study})), "drift"));
  CHECK(blocks.at(0).rows.at(0).at(0) == Approx(0));
  CHECK(blocks.at(0).rows.at(1).at(0) == Approx(1.5));
}

TEST_CASE(
    "of very many runs some are drawn: both extremes, and as many below a value as there were") {
  Study study = example_study("spin", {{"openmp", "static", {1, 0, 0}, 0}}, {1, 2}, 2);
  for (Point& point : study.curves[0].points) {
    point.times.clear();
    // Quantile u of the times is 1 + u^2; in an order that has nothing to do with their size.
    for (std::size_t i = 0; i < 50000; ++i) {
      const double u = static_cast<double>(i * 7919 % 50000) / 49999;
      point.times.push_back(1 + u * u);
    }
    point.seconds = median_of(point.times);
    point.quartiles = quartiles_of(point.times);
  }
  const auto figures = figures_of(study, example_analysis({study}));
  for (const char* kind : {"time", "distribution"}) {
    CHECK(holds(of_kind(figures, kind).caption, "3000 of 100000 dots are drawn"));
  }
  const auto rows = blocks_of(of_kind(figures, "time"), "-runs").at(0).rows;
  REQUIRE(rows.size() == 3000);
  std::vector<double> times;
  for (const auto& row : rows) {
    if (row[0] == 2) times.push_back(row[1]);
  }
  REQUIRE(times.size() == 1500);
  CHECK_FALSE(std::is_sorted(times.begin(), times.end()));  // in the order of the runs
  std::sort(times.begin(), times.end());
  CHECK(times.front() == Approx(1));
  CHECK(times.back() == Approx(2));
  for (const double u : {0.1, 0.5, 0.9}) {
    const auto below = std::lower_bound(times.begin(), times.end(), 1 + u * u) - times.begin();
    CHECK(static_cast<double>(below) / 1500 == Approx(u).margin(0.002));
  }
}

TEST_CASE("few runs are all drawn") {
  const Study study = example_study("spin", four_drivers(), up_to_64, 6);
  const FigureData figure = of_kind(figures_of(study, example_analysis({study})), "distribution");
  CHECK_FALSE(holds(figure.caption, "dots"));
  for (const Block& block : blocks_of(figure, "-runs")) CHECK(block.rows.size() == 6 * 12);
}

TEST_CASE("every script draws a full analysis, in three formats") {
  need_gnuplot();
  const TestFolder folder;
  auto weak = four_drivers();
  for (KnownCurve& curve : weak) curve.law = {0.98, 1.05, 0};
  Analysis analysis = example_analysis({example_study("spin", four_drivers(), up_to_64, 6),
                                        example_study("grow", weak, {1, 2, 4, 8}, 6, true)});
  analysis.granularity = {example_granularity()};
  const std::string trace = folder / "trace.json";
  std::ofstream(trace) << trace_of({{0, 0, 500}, {0, 500, 400}, {1, 20, 300}});
  const auto figures = draw_figures(analysis, {trace}, folder / "report").figures;
  check_drawn(figures, folder / "report");
  std::set<std::string> scripts;
  for (const auto& script : fs::directory_iterator(fs::path(folder / "report") / "figures")) {
    if (script.path().extension() == ".gp") scripts.insert(script.path().stem().string());
  }
  for (const char* no_figure : {"common", "workers", "text", "all"}) {
    CHECK(scripts.erase(no_figure) == 1);
  }
  CHECK(kinds_of(figures) == scripts);
  const std::string time = text_of_svg(fs::path(folder / "report") / "figures/spin-time.svg");
  for (const char* word : {"time", "workers", "openmp", "mpi", "processes", "16 cores", "ideal"}) {
    INFO(word);
    CHECK(holds(time, word));
  }
  CHECK_FALSE(fs::exists(fs::path(folder / "report") / "gnuplot.log"));
}

TEST_CASE("few numbers are drawn, too, or left out") {
  need_gnuplot();
  const TestFolder folder;
  using Kinds = std::set<std::string>;
  const auto drawn = [&](const Study& study, std::uint64_t cores = 2) {
    const std::string report = folder / study.name;
    const auto figures = draw_figures(example_analysis({study}, cores), {}, report).figures;
    check_drawn(figures, report);
    return kinds_of(figures);
  };
  CHECK(drawn(example_study("one", four_drivers(), {2}, 3)) ==
        Kinds{"where", "distribution", "drift"});
  CHECK(drawn(example_study("two", four_drivers(), {1, 2}, 6)) ==
        Kinds{"time", "speedup", "efficiency", "where", "distribution", "drift"});
  CHECK(drawn(example_study("one-run", four_drivers(), {1, 2, 4}, 1), 0) ==
        Kinds{"time", "speedup", "efficiency", "where", "karp-flatt", "distribution"});
  CHECK(drawn(example_study("equal", {{"openmp", "static", {1e-9, 1e-9, 0}, 0}}, {1, 2, 4}, 2)) ==
        Kinds{"time", "where", "karp-flatt", "distribution", "drift"});
  CHECK(drawn(example_study("alone", {{"sequential", "static", {1, 0, 0}}}, {1}, 6)) ==
        Kinds{"drift"});
  auto silent = four_drivers();
  for (KnownCurve& curve : silent) curve.accounting = false;
  CHECK(drawn(example_study("silent", silent, {1, 2, 4, 8}, 6)).count("where") == 0);
  CHECK(draw_figures({}, {}, folder / "nothing").figures.empty());
}

TEST_CASE("a driver has its colour whoever else is in the figure") {
  need_gnuplot();
  const TestFolder folder;
  const KnownCurve sequential = four_drivers()[0];
  const KnownCurve mpi = four_drivers()[1];
  draw_figures(example_analysis({example_study("alone", {sequential, mpi}, {1, 2, 4}, 6),
                                 example_study("all", four_drivers(), {1, 2, 4}, 6)}),
               {}, folder / "report");
  const std::string green = "rgb(  0, 158, 115)";
  const std::string vermilion = "rgb(213,  94,   0)";
  for (const char* kind : {"time", "speedup", "efficiency", "karp-flatt", "distribution"}) {
    INFO(kind);
    const fs::path figures = fs::path(folder / "report") / "figures";
    const std::string alone = read(figures / fmt::format("alone-{}.svg", kind));
    const std::string all = read(figures / fmt::format("all-{}.svg", kind));
    CHECK(holds(alone, green));
    CHECK_FALSE(holds(alone, vermilion));
    CHECK(holds(all, green));
    CHECK(holds(all, vermilion));
    // Nothing is painted white: the page may be dark.
    CHECK_FALSE(holds(all, "rgb(255, 255, 255)"));
    CHECK_FALSE(holds(all, "stroke=\"white\""));
  }
}

TEST_CASE("where there are several hosts, the cores of one, two and four are marked") {
  need_gnuplot();
  const TestFolder folder;
  Analysis analysis = example_analysis({example_study("spin", four_drivers(), up_to_64, 6)});
  analysis.cores_per_host = {8, 8, 8, 8};
  draw_figures(analysis, {}, folder / "report");
  const std::string text = text_of_svg(fs::path(folder / "report") / "figures/spin-speedup.svg");
  CHECK(holds(text, "8 cores"));
  CHECK(holds(text, "2 nodes"));
  CHECK(holds(text, "4 nodes"));
}

TEST_CASE("a folder may have any name") {
  need_gnuplot();
  const TestFolder folder;
  const Analysis analysis = example_analysis({example_study("spin", four_drivers(), {1, 2}, 6)});
  for (const char* name : {"with blank", "it's", "a \"quote\"", "$HOME `x`", "Prüfung", "-n"}) {
    INFO(name);
    check_drawn(draw_figures(analysis, {}, folder / name).figures, folder / name);
  }
}

TEST_CASE("names of curves are drawn as they are: nothing in them is run") {
  need_gnuplot();
  const TestFolder folder;
  Study study = example_study("spin", four_drivers(), {1, 2, 4}, 6);
  const std::string pwned = folder / "pwned";
  study.curves[1].name = "it's \"so\" `touch pwned` @x {/Bold y}\\n & <b>";
  study.title = "'.system('touch " + pwned + "').'\nexit";
  const auto figures = draw_figures(example_analysis({study}), {}, folder / "report").figures;
  check_drawn(figures, folder / "report");
  CHECK_FALSE(fs::exists(pwned));
  CHECK_FALSE(fs::exists(folder / "report/pwned"));
  const std::string svg = text_of_svg(fs::path(folder / "report") / "figures/spin-time.svg");
  CHECK(holds(svg, "{/Bold y}\\n & <b>"));
}

TEST_CASE("a text plot fits into a terminal") {
  need_gnuplot();
  const TestFolder folder;
  Study weak = example_study("grow", four_drivers(), {1, 2, 4}, 6, true);
  const Study strong = example_study("spin", four_drivers(), up_to_64, 6);
  const auto figures =
      draw_figures(example_analysis({strong, weak}), {}, folder / "report").figures;
  const std::string text = text_plot(strong, figures, folder / "report");
  for (const char* word : {"speed-up", "workers", "openmp", "mpi", "processes", "ideal", "64"}) {
    CHECK(holds(text, word));
  }
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.size() <= 79);
    CHECK_FALSE(line.ends_with(' '));
    CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
  CHECK(count <= 24);
  CHECK(text_plot(weak, figures, folder / "report").empty());
}

TEST_CASE("a text plot says that letters coincide if they do, and only then") {
  need_gnuplot();
  const TestFolder folder;
  const char* note = "where letters coincide";
  const KnownCurve sequential{"sequential", "static", {1, 0, 0}, 0};
  const auto plot = [&](const std::string& name, const Coefficients& law) {
    const Study study = example_study(
        name, {sequential, {"mpi", "static", {1.5, 0, 0}, 0}, {"openmp", "static", law, 0}},
        {1, 2, 4, 8}, 6);
    return text_plot(study, draw_figures(example_analysis({study}), {}, folder / name).figures,
                     folder / name);
  };
  const std::string apart = plot("apart", {1, 0, 0});
  CHECK_FALSE(holds(apart, note));
  CHECK(holds(apart, "m mpi   o openmp"));
  const std::string equal = plot("equal", {1.5, 0, 0});
  CHECK(holds(equal, note));
  // Only the key has a letter of mpi's.
  CHECK(std::count(equal.begin(), equal.begin() + static_cast<int>(equal.find("+--")), 'm') == 0);
  // Twice as fast as the ideal: on the plot, too.
  CHECK_FALSE(holds(plot("faster", {0.5, 0, 0}), note));
}

TEST_CASE("a hundred curves keep their driver's colour, and their key has room") {
  need_gnuplot();
  const TestFolder folder;
  std::vector<KnownCurve> known{{"sequential", "static", {1, 0, 0}}};
  for (int i = 0; i < 100; ++i) {
    known.push_back({"openmp", fmt::format("dynamic,{}", i + 1), {1, 0.01 * i, 0}});
  }
  const Study study = example_study("spin", known, {1, 2, 4}, 2);
  const Drawn drawn = draw_figures(example_analysis({study}), {}, folder / "report");
  check_drawn(drawn.figures, folder / "report");
  for (const char* kind : {"speedup", "time", "efficiency"}) {
    const std::string svg =
        read(fs::path(folder / "report") / "figures" / fmt::format("spin-{}.svg", kind));
    for (const char* others : {"rgb(213,  94,   0)", "rgb(  0, 158, 115)", "rgb(204, 121, 167)"}) {
      CHECK_FALSE(holds(svg, others));
    }
    CHECK(holds(svg, "openmp dynamic,100"));
    const FigureData figure = of_kind(figures_of(study, example_analysis({study})), kind);
    CHECK(figure.height > 400 + 16 * 100 / 4);
  }
  std::istringstream lines(text_plot(study, drawn.figures, folder / "report"));
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 79);
}

TEST_CASE("curves of one driver differ in shape and dash, those of others in shape as well") {
  const std::vector<std::string> schedules{"static", "dynamic,1", "guided"};
  std::vector<KnownCurve> known;
  for (const char* driver : {"mpi", "openmp", "processes"}) {
    for (const std::string& schedule : schedules) known.push_back({driver, schedule, {1, 0.01, 0}});
  }
  need_gnuplot();
  const TestFolder folder;
  const Study study = example_study("spin", known, {1, 2, 4}, 6);
  draw_figures(example_analysis({study}), {}, folder / "report");
  // As the scripts themselves say it.
  write_file(folder / "report/ask.gp",
             "call 'figures/common.gp' 'data/spin-time' 'unused.svg'\n"
             "set print 'told'\ndo for [i=0:curves-1] { print sprintf('%d %d %d', "
             "shape(style(i)), dash(style(i)), color(style(i))) }\n");
  run_gnuplot(folder / "report", "ask.gp", 60);
  std::istringstream told(read(folder / "report/told"));
  std::set<int> shapes;
  std::set<int> colors;
  int curves = 0;
  for (int shape = 0, dash = 0, color = 0; told >> shape >> dash >> color; ++curves) {
    shapes.insert(shape);
    colors.insert(color);
    CHECK(dash == curves % 3 + 1);
  }
  CHECK(curves == 9);
  CHECK(shapes.size() == 9);
  CHECK(colors.size() == 9);
}

TEST_CASE("without gnuplot one line says how to get it; the data are there") {
  const TestFolder folder;
  const Analysis analysis = example_analysis({example_study("spin", four_drivers(), {1, 2}, 6)});
  const PathOf path(folder / "nowhere");
  const std::string trouble = trouble_of_drawing(analysis, folder / "report");
  CHECK(holds(trouble, "gnuplot was not found"));
  CHECK(holds(trouble, "./lab setup"));
  CHECK_FALSE(holds(trouble, "\n"));
  CHECK(fs::exists(fs::path(folder / "report") / "data/spin-speedup.tsv"));
}

TEST_CASE("what a failing gnuplot says is told") {
  const TestFolder folder;
  fs::create_directory(folder / "bin");
  const fs::path gnuplot = fs::path(folder / "bin") / "gnuplot";
  std::ofstream(gnuplot) << "#!/bin/sh\necho 'line 7: undefined variable: moon' >&2\nexit 1\n";
  fs::permissions(gnuplot, fs::perms::owner_all);
  const Analysis analysis = example_analysis({example_study("spin", four_drivers(), {1, 2}, 6)});
  const PathOf path(folder / "bin:/bin:/usr/bin");
  const std::string trouble = trouble_of_drawing(analysis, folder / "report");
  CHECK(holds(trouble, "undefined variable: moon"));
  CHECK_FALSE(holds(trouble, "\n"));
}

TEST_CASE("a gnuplot that hangs is killed, and all that it has started") {
  const TestFolder folder;
  fs::create_directory(folder / "bin");
  const fs::path gnuplot = fs::path(folder / "bin") / "gnuplot";
  std::ofstream(gnuplot) << "#!/bin/sh\nsleep 600 &\necho $! > sleeper\nwait\n";
  fs::permissions(gnuplot, fs::perms::owner_all);
  const PathOf path(folder / "bin:/bin:/usr/bin");
  CHECK_THROWS_WITH(run_gnuplot(folder.path(), "all.gp", 1),
                    Contains("not done after 1 s and was killed"));
  const std::string sleeper = read(folder / "sleeper");
  REQUIRE_FALSE(sleeper.empty());
  const std::string status = "/proc/" + sleeper.substr(0, sleeper.find('\n')) + "/status";
  const auto lives = [&] {  // and is no zombie that nobody has waited for
    const std::string text = read(status);
    return !text.empty() && !holds(text, "State:\tZ") && !holds(text, "State:\tX");
  };
  for (int i = 0; i < 500 && lives(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK_FALSE(lives());
}

TEST_CASE("gnuplot draws without the user's own settings") {
  need_gnuplot();
  const TestFolder folder;
  std::ofstream(folder / ".gnuplot") << "set print 'settings-of-the-user'\nprint 'read'\n";
  std::ofstream(folder / "nothing.gp") << "print 1\n";
  const std::string home = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
  setenv("HOME", folder.path().c_str(), 1);
  run_gnuplot(folder.path(), "nothing.gp", 60);
  setenv("HOME", home.c_str(), 1);
  CHECK_FALSE(fs::exists(folder / "settings-of-the-user"));
}

TEST_CASE("a trace's chunks are drawn where they were; gaps that can be seen stay") {
  const TestFolder folder;
  const std::string path = folder / "trace.json";
  std::ofstream(path) << trace_of({{1, 20, 300}, {0, 500, 400}, {0, 0, 500}, {1, 600, 100}});
  const auto blocks = blocks_of(figure_of_trace(path, "trace"));
  REQUIRE(blocks.size() == 1);
  const auto& rows = blocks[0].rows;
  REQUIRE(rows.size() == 4);
  const std::vector<std::vector<double>> expected{
      {0, 0, 0.5}, {0, 0.5, 0.9}, {1, 0.02, 0.32}, {1, 0.6, 0.7}};  // [ms]
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 3; ++k) CHECK(rows[i][k] == Approx(expected[i][k]));
  }
  CHECK(rows[0][3] != rows[1][3]);  // neighbours can be told apart
}

TEST_CASE("of a large trace no more is drawn than can be seen, and no work is lost") {
  const TestFolder folder;
  std::vector<std::array<double, 3>> slices;
  for (int i = 0; i < 200000; ++i) slices.push_back({i % 4 * 1.0, i / 4 * 2.0, 2.0});
  slices.push_back({0, 120000, 10000});  // after a gap of 20 ms
  const std::string path = folder / "trace.json";
  std::ofstream(path) << trace_of(slices);
  const FigureData figure = figure_of_trace(path, "trace");
  const auto rows = blocks_of(figure).at(0).rows;
  CHECK(rows.size() < 4 * 1300);
  std::array<double, 4> busy{};
  for (const auto& row : rows) busy.at(static_cast<std::size_t>(row[0])) += row[2] - row[1];
  CHECK(busy[0] == Approx(110));  // [ms]
  for (const std::size_t worker : {1u, 2u, 3u}) CHECK(busy.at(worker) == Approx(100));
  CHECK(holds(figure.caption, "200001 chunks of 4 workers"));
  CHECK(holds(figure.caption, "drawn as one"));
}

TEST_CASE("what is no trace is named") {
  const TestFolder folder;
  const std::string path = folder / "not-a-trace.json";
  for (const char* text : {"", "{", "[1, 2]", "{\"traceEvents\": 3}", "{\"traceEvents\": []}",
                           R"({"traceEvents": [{"ph": "M"}, {"ph": 7}, 7]})",
                           R"({"traceEvents": [{"ph": "X", "ts": "x", "dur": 1}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": null}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": 1e999}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 1, "dur": 1, "tid": [1]}]})",
                           R"({"otherData": {"one_of_so_many_chunks": "2"},
                               "traceEvents": [{"ph": "X", "ts": 1, "dur": 1}]})",
                           R"({"traceEvents": [{"ph": "X", "ts": 0, "dur": 0}, {"ph": "X"}]})"}) {
    INFO(text);
    std::ofstream(path, std::ios::trunc) << text;
    CHECK_THROWS_WITH(figure_of_trace(path, "trace"),
                      Contains("not-a-trace.json: ") && !Contains("json.exception"));
  }
  CHECK_THROWS_WITH(figure_of_trace(folder / "absent.json", "trace"), Contains("absent.json"));
}
