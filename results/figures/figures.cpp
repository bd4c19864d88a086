#include "results/figures/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "results/figures/driver_styles.hpp"
#include "results/figures/gnuplot.hpp"
#include "results/figures/other_figures.hpp"
#include "results/figures/script.hpp"
#include "results/figures/study_drawing.hpp"
#include "results/figures/study_figures.hpp"
#include "results/figures/trace_figure.hpp"
#include "results/text/text_file.hpp"

namespace scalelab {

namespace {

namespace fs = std::filesystem;

/// Of the scripts: beside the program where it is installed, else in the sources.
fs::path folder_of_scripts() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path() / "figures";
  return !error && fs::exists(installed / "common.gp", error) ? installed
                                                              : fs::path(SCALELAB_FIGURES);
}

/// Through a link somebody else's files would be written.
void require_own_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_symlink(folder, error)) return;
  throw std::runtime_error(fmt::format(
      "{}: expected a folder of the report's own, found a link: remove it", folder.string()));
}

/// gnuplot writes into what is there, also through links.
void remove_pictures(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"svg", "pdf", "png", "txt"}) {
    fs::remove(folder / fmt::format("{}.{}", name, ending));
  }
}

/// The scripts go with their data: both can be changed and run where the report is.
void copy_scripts(const fs::path& folder) {
  for (const auto& script : fs::directory_iterator(folder_of_scripts())) {
    if (script.path().extension() != ".gp") continue;
    write_text(folder / script.path().filename(), read_text(script.path()));
  }
}

void write_data(const FigureData& figure, const fs::path& folder) {
  write_text(folder / (figure.name + ".settings"), settings_of(figure));
  for (const auto& [ending, text] : figure.files) {
    write_text(folder / (figure.name + ending + ".tsv"), text);
  }
}

/// Far more than it takes, on any machine. [s]
double patience_with(const std::vector<FigureData>& figures) {
  return 60 + 5 * static_cast<double>(figures.size());
}

constexpr const char* coincidence = "  (where letters coincide, the last of them is shown)\n";

/// What the letters of a text plot mean.
std::string key_of(const Study& study) {
  constexpr std::size_t widest = 79;
  std::vector<std::string> entries{". ideal"};
  bool others = false;
  for (const auto& [letter, curve] : lettered_curves(study)) {
    if (letter == '*') {
      others = true;
    } else {
      entries.push_back(fmt::format("{} {}", letter, short_name(curve->name)));
    }
  }
  if (others) entries.emplace_back("* others");
  std::string text;
  std::size_t width = widest;
  for (const std::string& entry : entries) {
    const bool fits = width + 3 + entry.size() <= widest;
    text += fits ? "   " : text.empty() ? "  " : "\n  ";
    width = (fits ? width + 3 : 2) + entry.size();
    for (const char c : entry) text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return text + '\n';
}

/// Whether a text plot shows fewer letters than there are points.
bool hides_points(const std::string& plot, const Study& study) {
  std::size_t points = 0;
  std::string letters;
  for (const auto& [letter, curve] : lettered_curves(study)) {
    letters += letter;
    for (const Point& point : curve->points) points += point.speedup ? 1 : 0;
  }
  const std::size_t axis = plot.find("+--");
  const std::size_t column = axis - (plot.rfind('\n', axis) + 1);
  std::istringstream lines(plot.substr(0, axis));
  std::size_t shown = 0;
  std::string line;
  std::getline(lines, line);  // says what is up the axis
  while (std::getline(lines, line)) {
    for (std::size_t i = column; i < line.size(); ++i) {
      if (letters.find(line[i]) != std::string::npos) ++shown;
    }
  }
  return shown < points;
}

}  // namespace

void remove_figures(const std::string& folder) {
  const fs::path root(folder);
  for (const char* own : {"data", "figures"}) require_own_folder(root / own);
  std::ifstream commands(root / "figures" / "all.gp");
  if (commands) fs::remove(root / "data" / drivers_settings);
  for (std::string line; std::getline(commands, line);) {
    // What all.gp draws, and its data: call 'figures/KIND.gp' 'data/NAME' 'figures/NAME.svg'
    const std::size_t data = line.find("'data/");
    const std::size_t end = line.find('\'', data + 1);
    if (!line.starts_with("call 'figures/") || data == std::string::npos || end == line.npos)
      continue;
    const std::string name = line.substr(data + 6, end - data - 6);
    if (name.find('/') != std::string::npos) continue;
    remove_pictures(root / "figures", name);
    for (const char* ending : {".settings", ".tsv", "-runs.tsv", "-law.tsv", "-marks.tsv"}) {
      fs::remove(root / "data" / (name + ending));
    }
  }
}

Drawn draw_figures(const Analysis& analysis, const std::vector<std::string>& traces,
                   const std::string& folder) {
  Drawn drawn;
  std::vector<FigureData> data;
  const DriverStyles looks(analysis);
  for (const Study& study : analysis.studies) {
    for (FigureData& figure : figures_of(study, analysis)) data.push_back(std::move(figure));
  }
  for (const GranularityStudy& study : analysis.granularity)
    data.push_back(figure_of(study, looks));
  for (std::size_t i = 0; i < traces.size(); ++i) {
    try {
      data.push_back(figure_of_trace(traces[i], fmt::format("trace-{}", i + 1)));
    } catch (const std::exception& error) {
      drawn.failures.emplace_back(error.what());
    }
  }
  for (FigureData& figure : figures_of(analysis)) data.push_back(std::move(figure));

  const fs::path root(folder);
  remove_figures(folder);
  fs::create_directories(root / "data");
  fs::create_directories(root / "figures");
  copy_scripts(root / "figures");
  write_text(root / "data" / drivers_settings, settings_of(looks));
  for (const FigureData& figure : data) {
    write_data(figure, root / "data");
    remove_pictures(root / "figures", figure.name);
  }
  write_text(root / "figures" / "all.gp", commands_of(data));
  try {
    run_gnuplot(root, "figures/all.gp", patience_with(data));
  } catch (const std::exception& error) {
    drawn.failures.emplace_back(error.what());
    return drawn;
  }
  for (const FigureData& figure : data) {
    drawn.figures.push_back({figure.name, figure.kind, figure.study,
                             fmt::format("{}: {}", figure.title, figure.caption), figure.reading});
  }
  return drawn;
}

std::string text_plot(const Study& study, const std::vector<Figure>& figures,
                      const std::string& folder) {
  const std::string name = fmt::format("{}-speedup", study.name);
  const bool drawn = std::any_of(figures.begin(), figures.end(),
                                 [&](const Figure& figure) { return figure.name == name; });
  if (!drawn) return "";
  std::istringstream lines(read_text(fs::path(folder) / "figures" / (name + ".txt")));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    std::erase(line, '\f');  // the terminal begins with a new page
    line.erase(line.find_last_not_of(" \r") + 1);
    if (!line.empty()) text += line + '\n';
  }
  return text + key_of(study) + (hides_points(text, study) ? coincidence : "");
}

}  // namespace scalelab
