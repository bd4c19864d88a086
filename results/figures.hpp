#pragma once

#include <string>
#include <vector>

#include "results/analysis.hpp"

namespace scalelab {

/// A figure of a report: FOLDER/figures/NAME.svg, .pdf and .png.
struct Figure {
  std::string name;     ///< "spin-speedup"
  std::string kind;     ///< "speedup": the script that draws it, results/figures/speedup.gp
  std::string study;    ///< Study::name; empty: about all
  std::string caption;  ///< what is shown, with units and n
  std::string reading;  ///< how to read it, for a student
};

/// Writes FOLDER/data/NAME.tsv for each figure that the analysis has data for, and lets gnuplot
/// draw them. The same commands can be typed by hand: see results/figures/README.md.
/// @throws std::runtime_error  naming gnuplot, with what it said, or the file that cannot be
/// written
std::vector<Figure> draw_figures(const Analysis& analysis, const std::string& folder);

/// Workers over time, from a file that a driver's --trace has written. @throws as draw_figures; or
/// naming the file, which is none
Figure draw_gantt(const std::string& trace_file, const std::string& folder);

/// Speed-up against workers as text, at most `columns` wide, by gnuplot's dumb terminal; empty
/// where the study has no speed-up to show. @throws std::runtime_error as draw_figures
std::string text_plot(const Study& study, int columns = 79, int rows = 22);

}  // namespace scalelab
