#include "results/figures/script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace scalelab {

namespace {

/// In two lines, where it is too wide for one of a picture.
std::pair<std::string, std::string> in_two(const std::string& caption) {
  constexpr std::size_t widest = 85;
  if (caption.size() <= widest) return {caption, ""};
  const auto part = caption.rfind("; ", widest);
  const auto blank = part == std::string::npos ? caption.rfind(' ', widest) : part + 1;
  if (blank == std::string::npos) return {caption, ""};
  return {caption.substr(0, blank), caption.substr(blank + 1)};
}

}  // namespace

std::string quoted_for_gnuplot(const std::string& text) {
  // Within double quotes gnuplot would run what is between backquotes and put in what follows an @;
  // within single quotes it cannot read a quote at the beginning. So all such are told as numbers.
  std::string quoted;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      quoted += ' ';
    } else if (std::string("\"'`\\@").find(c) != std::string::npos) {
      quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return fmt::format("\"{}\"", quoted);
}

std::string block_head(const std::string& name, const std::string& columns) {
  std::string clean;
  for (const char c : name) {
    clean += c == '"' || static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return fmt::format("\"{}\"\t{}\n", clean, columns);
}

int style_of(std::size_t driver, int before) {
  return 100 * (static_cast<int>(driver) + 1) + std::min(before, 99);
}

std::string settings_of(const FigureData& figure) {
  const auto [first, second] = in_two(figure.caption);
  std::string settings =
      fmt::format("# {}\ntitle = {}\nsubtitle = {}\nsubtitle2 = {}\nheight = {}\n", figure.kind,
                  quoted_for_gnuplot(figure.title), quoted_for_gnuplot(first),
                  quoted_for_gnuplot(second), figure.height);
  for (const auto& [name, value] : figure.settings) {
    settings += fmt::format("{} = {}\n", name, value);
  }
  return settings;
}

std::string settings_of(const DriverStyles& looks) {
  std::vector<std::string> names;
  std::vector<std::string> colors;
  std::vector<int> points;
  std::vector<int> lined_points;
  for (const DriverStyle& look : looks.all()) {
    names.push_back(quoted_for_gnuplot(look.driver));
    colors.push_back(fmt::format("0x{:06X}", look.color));
    points.push_back(look.point);
    lined_points.push_back(look.lined_point);
  }
  return fmt::format(
      "# drivers, and their colours and points in all figures\narray drivers[{}] = [{}]\n"
      "driver_colors = '{}'\ndriver_points = '{}'\ndriver_lined_points = '{}'\n",
      names.size(), fmt::join(names, ", "), fmt::join(colors, " "), fmt::join(points, " "),
      fmt::join(lined_points, " "));
}

std::string commands_of(const std::vector<FigureData>& figures) {
  std::string script = "# Draws all figures again: gnuplot -d figures/all.gp\n";
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

}  // namespace scalelab
