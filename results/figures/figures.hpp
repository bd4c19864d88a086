#pragma once

#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// A figure of a report: FOLDER/figures/NAME.svg, .pdf and .png.
struct Figure {
  std::string name;     ///< "spin-speedup"
  std::string kind;     ///< "speedup": the script that draws it, results/figures/speedup.gp
  std::string study;    ///< Study::name; empty: about all
  std::string caption;  ///< what is shown, with units and n
  std::string reading;  ///< how to read it, for a student
};

/// What could be drawn, and why the rest could not: a line each.
struct Drawn {
  std::vector<Figure> figures;
  std::vector<std::string> failures;
};

/// Removes the figures of an earlier report, writes FOLDER/data/NAME.* for each figure that the
/// analysis has data for, copies the scripts that draw them to FOLDER/figures, and lets gnuplot run
/// them. How to do that by hand: results/figures/README.md.
/// @param traces  files that a driver's --trace has written: drawn as workers over time
/// @throws std::runtime_error  naming a file that cannot be written
Drawn draw_figures(const Analysis& analysis, const std::vector<std::string>& traces,
                   const std::string& folder);

/// Of an earlier report in that folder. Whatever else lies there stays.
void remove_figures(const std::string& folder);

/// A study's speed-up as text, 79 columns wide; empty if there is none.
/// @param figures  that were drawn into that folder
/// @throws std::runtime_error  naming a file that cannot be read
std::string text_plot(const Study& study, const std::vector<Figure>& figures,
                      const std::string& folder);

}  // namespace scalelab
