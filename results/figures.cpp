#include "results/figures.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "results/figure_data.hpp"
#include "results/text_file.hpp"

extern char** environ;

namespace scalelab {

namespace {

namespace fs = std::filesystem;

/// The scripts go with their data: both can be changed and run where the report is.
void copy_scripts(const fs::path& folder) {
  for (const auto& script : fs::directory_iterator(SCALELAB_FIGURES)) {
    if (script.path().extension() != ".gp") continue;
    fs::copy_file(script.path(), folder / script.path().filename(),
                  fs::copy_options::overwrite_existing);
  }
}

/// In two lines, where it is too wide for one of a picture.
std::pair<std::string, std::string> in_two(const std::string& caption) {
  constexpr std::size_t widest = 85;
  if (caption.size() <= widest) return {caption, ""};
  const auto part = caption.rfind("; ", widest);
  const auto blank = part == std::string::npos ? caption.rfind(' ', widest) : part + 1;
  if (blank == std::string::npos) return {caption, ""};
  return {caption.substr(0, blank), caption.substr(blank + 1)};
}

void write_data(const FigureData& figure, const fs::path& folder) {
  const auto [first, second] = in_two(figure.caption);
  std::string settings =
      fmt::format("# {}\ntitle = {}\nsubtitle = {}\nsubtitle2 = {}\nheight = {}\n", figure.kind,
                  quoted_for_gnuplot(figure.title), quoted_for_gnuplot(first),
                  quoted_for_gnuplot(second), figure.height);
  for (const auto& [name, value] : figure.settings) {
    settings += fmt::format("{} = {}\n", name, value);
  }
  write_text(folder / (figure.name + ".settings"), settings);
  for (const auto& [ending, text] : figure.files) {
    write_text(folder / (figure.name + ending + ".tsv"), text);
  }
}

/// Runs `gnuplot script` in a folder. What it says goes to gnuplot.log there.
void run_gnuplot(const fs::path& folder, const std::string& script) {
  const std::string log = (folder / "gnuplot.log").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::array<std::string, 2> words = {"gnuplot", script};
  std::array<char*, 3> arguments = {words[0].data(), words[1].data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    throw std::runtime_error(
        "gnuplot was not found, so there are no figures: ./lab setup installs it");
  }
  if (error != 0) throw std::system_error(error, std::generic_category(), "gnuplot");
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "gnuplot");
  }
  const std::string said = read_text(log);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(fmt::format("gnuplot failed in {}: {}", folder.string(), said));
  }
  fs::remove(log);
}

std::string commands_of(const std::vector<FigureData>& figures) {
  std::string script = "# Draws all figures again: gnuplot figures/all.gp\n";
  const auto call = [&](const std::string& kind, const FigureData& figure, const char* ending) {
    script += fmt::format("call 'figures/{}.gp' 'data/{}' 'figures/{}.{}'\n", kind, figure.name,
                          figure.name, ending);
  };
  for (const FigureData& figure : figures) {
    for (const char* ending : {"svg", "pdf", "png"}) call(figure.kind, figure, ending);
    if (figure.kind == "speedup") call("text", figure, "txt");
  }
  return script;
}

}  // namespace

void remove_figures(const std::string& folder) {
  const fs::path root(folder);
  std::ifstream commands(root / "figures" / "all.gp");
  for (std::string line; std::getline(commands, line);) {
    // What all.gp draws, and its data: call 'figures/KIND.gp' 'data/NAME' 'figures/NAME.svg'
    const std::size_t data = line.find("'data/");
    const std::size_t end = line.find('\'', data + 1);
    if (!line.starts_with("call 'figures/") || data == std::string::npos || end == line.npos)
      continue;
    const std::string name = line.substr(data + 6, end - data - 6);
    if (name.find('/') != std::string::npos) continue;
    for (const char* ending : {"svg", "pdf", "png", "txt"}) {
      fs::remove(root / "figures" / fmt::format("{}.{}", name, ending));
    }
    for (const char* ending : {".settings", ".tsv", "-runs.tsv", "-law.tsv", "-marks.tsv"}) {
      fs::remove(root / "data" / (name + ending));
    }
  }
}

std::vector<Figure> draw_figures(const Analysis& analysis, const std::vector<std::string>& traces,
                                 const std::string& folder) {
  std::vector<FigureData> data;
  for (const Study& study : analysis.studies) {
    for (FigureData& figure : figures_of(study, analysis)) data.push_back(std::move(figure));
  }
  for (const GranularityStudy& study : analysis.granularity) data.push_back(figure_of(study));
  for (std::size_t i = 0; i < traces.size(); ++i) {
    data.push_back(figure_of_trace(traces[i], fmt::format("trace-{}", i + 1)));
  }
  for (FigureData& figure : figures_of(analysis)) data.push_back(std::move(figure));

  const fs::path root(folder);
  fs::create_directories(root / "data");
  fs::create_directories(root / "figures");
  remove_figures(folder);
  copy_scripts(root / "figures");
  for (const FigureData& figure : data) write_data(figure, root / "data");
  write_text(root / "figures" / "all.gp", commands_of(data));
  run_gnuplot(root, "figures/all.gp");

  std::vector<Figure> figures;
  for (const FigureData& figure : data) {
    figures.push_back({figure.name, figure.kind, figure.study,
                       fmt::format("{}: {}", figure.title, figure.caption), figure.reading});
  }
  return figures;
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
  return text;
}

}  // namespace scalelab
