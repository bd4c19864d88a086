// Drivers that students add: they get colours, shapes, a key, rows and words; the kit's own keep
// theirs.
#include "results/figures/driver_styles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include "results/analysis/from_records.hpp"
#include "results/figures/figures.hpp"
#include "results/figures/gnuplot.hpp"
#include "results/report/csv.hpp"
#include "results/report/page.hpp"
#include "tests/catch.hpp"
#include "tests/results/figures/drawn_files.hpp"
#include "tests/results/report/page_checks.hpp"
#include "tests/results/studies/example_studies.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

using Color = std::array<double, 3>;

Color linear(std::uint32_t rgb) {
  Color color{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double value = static_cast<double>(rgb >> (16 - 8 * i) & 0xFFU) / 255;
    color.at(i) = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return color;
}

/// CIE L*a*b*, white D65.
Color lab(const Color& rgb) {
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  const double x = f((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
  const double y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  const double z = f((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.0890);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

using Matrix = std::array<Color, 3>;

/// What eyes without one kind of cones see (Machado, Oliveira and Fernandes 2009, severity 1).
const std::array<Matrix, 4> eyes{{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868},
      {0.114503, 0.786281, 0.099216},
      {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968},
      {0.280085, 0.672501, 0.047413},
      {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779},
      {-0.078411, 0.930809, 0.147602},
      {0.004733, 0.691367, 0.303900}}},
}};

Color seen(std::uint32_t rgb, const Matrix& eye) {
  const Color color = linear(rgb);
  Color result{};
  for (std::size_t i = 0; i < 3; ++i) {
    const Color& row = eye.at(i);
    result.at(i) = std::clamp(row[0] * color[0] + row[1] * color[1] + row[2] * color[2], 0.0, 1.0);
  }
  return lab(result);
}

double distance(const Color& a, const Color& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Of WCAG 2: 1 is none, 21 that of black and white.
double contrast(std::uint32_t a, std::uint32_t b) {
  const auto light = [](std::uint32_t rgb) {
    const Color color = linear(rgb);
    return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2] + 0.05;
  };
  return std::max(light(a), light(b)) / std::min(light(a), light(b));
}

std::vector<std::string> names_of(const DriverStyles& looks) {
  std::vector<std::string> names;
  for (const DriverStyle& look : looks.all()) names.push_back(look.driver);
  return names;
}

std::set<std::string> drivers_named(int number) {
  std::set<std::string> names;
  for (int i = 0; i < number; ++i) names.insert(fmt::format("student-{:02}", i));
  return names;
}

void write_records(MeasuredRuns& runs, const std::vector<std::string>& drivers) {
  double slower = 1;
  for (const std::string& driver : drivers) {
    slower += 0.03;
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
      if (driver == "sequential" && workers > 1) continue;
      for (int i = 0; i < 6; ++i) {
        const auto p = static_cast<double>(workers);
        runs.add(runs.run(driver, workers), {slower * (0.05 + 0.95 / p) * (1 + 0.01 * i)});
      }
    }
  }
}

}  // namespace

TEST_CASE("drivers: the kit's own have their colours and shapes, whoever else is there") {
  struct Known {
    const char* driver;
    std::uint32_t color;
    int point;
    char letter;
  };
  for (const auto& others : {std::set<std::string>{}, {"mpi"}, {"a", "mpi", "zz"}}) {
    const DriverStyles looks(others);
    for (const auto& [driver, color, point, letter] :
         std::vector<Known>{{"sequential", 0x666666, 5, 'S'},
                            {"openmp", 0x0072B2, 7, 'o'},
                            {"processes", 0xD55E00, 9, 'p'},
                            {"mpi", 0x009E73, 13, 'm'}}) {
      INFO(driver);
      CHECK(looks.of(driver).color == color);
      CHECK(looks.of(driver).point == point);
      CHECK(letter_of_driver(driver) == letter);
    }
  }
}

TEST_CASE("drivers: others take what is free by their names, in whatever order they come") {
  const DriverStyles looks(std::set<std::string>{"threads", "mpi", "my-driver"});
  CHECK(names_of(looks) == std::vector<std::string>{"sequential", "openmp", "processes", "mpi",
                                                    "my-driver", "threads"});
  CHECK(looks.of("my-driver").color == 0xCC79A7);
  CHECK(looks.of("threads").color == 0xE69F00);
  CHECK(letter_of_driver("threads") == '\0');
  CHECK_THROWS_WITH(looks.of("absent"), Contains("'absent'"));
}

TEST_CASE("drivers: eight can be told apart, by eyes that lack a colour and on black paper, too") {
  const DriverStyles looks(drivers_named(4));
  REQUIRE(looks.all().size() == 8);
  for (const DriverStyle& one : looks.all()) {
    for (const std::uint32_t paper : {0xFFFFFFU, 0x15181BU}) {
      INFO(fmt::format("{:06x} on {:06x}", one.color, paper));
      CHECK(contrast(one.color, paper) > 2);
    }
    for (const DriverStyle& other : looks.all()) {
      if (one.driver == other.driver) continue;
      for (const Matrix& eye : eyes) {
        INFO(fmt::format("{:06x} beside {:06x}", one.color, other.color));
        // A difference of 2.3 can just be seen (Mahy et al. 1994).
        CHECK(distance(seen(one.color, eye), seen(other.color, eye)) > 15);
      }
    }
  }
}

TEST_CASE("drivers: beyond the palette colours come back with other shapes") {
  const DriverStyles looks(drivers_named(20));
  std::set<std::pair<std::uint32_t, int>> pairs;
  std::set<std::string> ids;
  for (const DriverStyle& look : looks.all()) {
    pairs.emplace(look.color, look.point);
    ids.insert(look.id);
  }
  CHECK(pairs.size() == 24);
  CHECK(ids.size() == 24);
}

TEST_CASE("drivers: one that a student adds stands in figures, tables and words as the kit's do") {
  need_gnuplot();
  MeasuredRuns runs;
  write_records(runs, {"sequential", "threads", "openmp", "my-driver", "processes", "mpi"});
  Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.studies.size() == 1);
  analysis.granularity = {example_granularity()};
  analysis.granularity[0].curves.back().driver = "threads";
  const TestFolder folder;
  const Drawn drawn = draw_figures(analysis, {}, folder / "report");
  CHECK(drawn.failures.empty());
  std::set<std::string> kinds;
  for (const Figure& figure : drawn.figures) {
    INFO(figure.name);
    kinds.insert(figure.kind);
    const fs::path path = fs::path(folder / "report") / "figures" / (figure.name + ".svg");
    const std::string key = text_of_svg(path);
    CHECK(holds(key, "threads"));
    CHECK((holds(key, "my-driver") || figure.kind == "metg"));
    const std::string svg = read_file(path.string());
    if (figure.kind == "where") continue;     // its colours are those of the parts of the time
    CHECK(holds(svg, "rgb(230, 159,   0)"));  // threads
    CHECK((holds(svg, "rgb(204, 121, 167)") || figure.kind == "metg"));
    for (const char* own : {"rgb(  0, 114, 178)", "rgb(213,  94,   0)", "rgb(  0, 158, 115)"}) {
      CHECK(holds(svg, own));
    }
  }
  CHECK(kinds == std::set<std::string>{"time", "speedup", "efficiency", "where", "karp-flatt",
                                       "distribution", "drift", "metg"});
  const std::string plot =
      text_plot(analysis.studies[0], drawn.figures, (fs::path(folder / "report")).string());
  CHECK(holds(plot, "m mpi   A my-driver   o openmp   p processes   B threads"));

  std::vector<std::string> failures;
  const std::string page = html_of(analysis, drawn.figures, folder / "report", failures);
  CHECK(failures.empty());
  check_page(page);
  CHECK(holds(page, ".driver-5 { --driver: #cc79a7; }"));
  CHECK(holds(page, ".driver-6 { --driver: #e69f00; }"));
  CHECK(holds(page, "<span class=\"by driver-5\">my-driver</span>"));
  CHECK(holds(page, "<span class=\"by driver-6\">threads</span>"));
  CHECK(holds(page, "<span class=\"by mpi\">mpi</span>"));
  CHECK(holds(text_of(page),
              "sequential, openmp (threads), processes, mpi (ranks), my-driver, threads"));
  const std::string csv = scaling_csv(analysis);
  for (const char* driver : {"my-driver", "threads"}) {
    CHECK(holds(csv, fmt::format("spin,spin,strong,{0},{0},static", driver)));
  }
}

TEST_CASE("drivers: nothing in a name is run, and any name can be drawn") {
  need_gnuplot();
  const TestFolder folder;
  Study study = example_study("spin", four_drivers(), {1, 2, 4}, 6);
  study.curves[1].driver =
      "it's \"so\" `touch pwned` @x {/Bold y}\\n & <b>\n'.system('touch pwned').'";
  const Analysis analysis = example_analysis({study});
  const Drawn drawn = draw_figures(analysis, {}, folder / "report");
  CHECK(drawn.failures.empty());
  check_drawn(drawn.figures, folder / "report");
  CHECK_FALSE(fs::exists(folder / "report/pwned"));
}

TEST_CASE("drivers: thirty of them are drawn, with shapes as the table has them") {
  need_gnuplot();
  const TestFolder folder;
  std::vector<KnownCurve> known;
  for (const std::string& driver : drivers_named(30))
    known.push_back({driver, "static", {1, 0.01, 0}});
  const Analysis analysis = example_analysis({example_study("spin", known, {1, 2, 4}, 6)});
  const Drawn drawn = draw_figures(analysis, {}, folder / "report");
  CHECK(drawn.failures.empty());
  // As the scripts themselves say it.
  write_file(folder / "report/ask.gp",
             "call 'figures/common.gp' 'data/spin-time' 'unused.svg'\n"
             "set print 'told'\ndo for [i=0:curves-1] { print sprintf('%d %d', "
             "shape(style(i)), color(style(i))) }\n");
  run_gnuplot(folder / "report", "ask.gp", 60);
  std::istringstream told(read_file(folder / "report/told"));
  const DriverStyles looks(analysis);
  std::size_t curves = 0;
  std::uint32_t color = 0;
  for (int shape = 0; told >> shape >> color; ++curves) {
    CHECK(shape == looks.all().at(4 + curves).point);
    CHECK(color == looks.all().at(4 + curves).color);
  }
  CHECK(curves == 30);
}
