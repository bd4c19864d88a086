#include "results/report/page_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "results/report/markup.hpp"
#include "results/text/text_file.hpp"

namespace scalelab {

namespace {

std::string id_of_figure(const std::string& name) { return "figure-" + id_of(name); }

bool is_of(const Figure& figure, const Study& study) {
  return figure.study == study.name && figure.kind != "metg";
}

bool is_of(const Figure& figure, const GranularityStudy& study) {
  return figure.study == study.name && figure.kind == "metg";
}

template <typename Studies>
bool is_of_any(const Figure& figure, const Studies& studies) {
  return std::any_of(studies.begin(), studies.end(),
                     [&](const auto& study) { return is_of(figure, study); });
}

}  // namespace

std::string PageFigures::links_to(const Study& study, const std::string& kind) const {
  std::string text;
  for (const Figure& figure : figures_) {
    if (figure.kind != kind || !is_of(figure, study)) continue;
    text += fmt::format(" <a href=\"#{}\" aria-label=\"figure: {}\">figure</a>",
                        id_of_figure(figure.name), escaped(figure.kind));
  }
  return text;
}

std::string PageFigures::of(const Study& study) {
  return drawn([&](const Figure& figure) { return is_of(figure, study); });
}

std::string PageFigures::of(const GranularityStudy& study) {
  return drawn([&](const Figure& figure) { return is_of(figure, study); });
}

std::string PageFigures::of_no_study(const Analysis& analysis) {
  return drawn([&](const Figure& figure) {
    return !is_of_any(figure, analysis.studies) && !is_of_any(figure, analysis.granularity);
  });
}

std::string PageFigures::drawn(const std::function<bool(const Figure&)>& is_wanted) {
  std::string text;
  for (const Figure& figure : figures_) {
    if (is_wanted(figure)) text += drawn(figure);
  }
  return text;
}

std::string PageFigures::drawn(const Figure& figure) {
  std::string shown;
  try {
    shown = picture(figure);
  } catch (const std::runtime_error& error) {
    failures_.emplace_back(error.what());
    shown = "<p class=\"note\">This figure could not be read.</p>";
  }
  return fmt::format(
      "<figure id=\"{}\">\n<div class=\"plot\">{}</div>\n<figcaption><strong>{}</strong>"
      "<p class=\"reading\">{}</p></figcaption>\n</figure>\n",
      id_of_figure(figure.name), shown, escaped(figure.caption), escaped(figure.reading));
}

std::string PageFigures::picture(const Figure& figure) const {
  const std::filesystem::path path =
      std::filesystem::path(folder_) / "figures" / (figure.name + ".svg");
  const std::string svg = read_text(path);
  try {
    return inlined(svg, id_of_figure(figure.name), figure.caption);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace scalelab
