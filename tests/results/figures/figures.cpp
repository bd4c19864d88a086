// What gnuplot draws: all figures, in their colours, whatever names and numbers they have.
#include "results/figures/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "results/figures/gnuplot.hpp"
#include "results/figures/study_figures.hpp"
#include "tests/catch.hpp"
#include "tests/results/figures/drawn_files.hpp"
#include "tests/results/figures/figure_blocks.hpp"
#include "tests/results/studies/example_studies.hpp"

using namespace scalelab;
using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::vector<std::uint64_t> up_to_64{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

std::set<std::string> kinds_of(const std::vector<Figure>& figures) {
  std::set<std::string> kinds;
  for (const Figure& figure : figures) kinds.insert(figure.kind);
  return kinds;
}

}  // namespace

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
        Kinds{"speedup", "time", "efficiency", "where", "karp-flatt", "distribution", "drift"});
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
    const std::string alone = read_file(figures / fmt::format("alone-{}.svg", kind));
    const std::string all = read_file(figures / fmt::format("all-{}.svg", kind));
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
        read_file(fs::path(folder / "report") / "figures" / fmt::format("spin-{}.svg", kind));
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
  std::istringstream told(read_file(folder / "report/told"));
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
