#pragma once

#include <string>
#include <utility>
#include <vector>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// What a script of results/figures draws: its settings and its blocks of numbers.
struct FigureData {
  std::string kind;                                           ///< the script's name
  std::string name;                                           ///< of its files
  std::string title;                                          ///< what it is about: the work
  std::string caption;                                        ///< what is shown, with units and n
  std::string reading;                                        ///< how to read it
  std::string study;                                          ///< empty: all
  int height = 400;                                           ///< of 640 wide
  std::vector<std::pair<std::string, std::string>> settings;  ///< of gnuplot: variable, expression
  /// Ending of the file's name ("", "-runs", "-law"), and its text.
  std::vector<std::pair<std::string, std::string>> files;
};

/// The figures that a study has numbers for.
std::vector<FigureData> figures_of(const Study& study, const Analysis& analysis);

/// Of all studies together: drift.
std::vector<FigureData> figures_of(const Analysis& analysis);

FigureData figure_of(const GranularityStudy& study);

/// @param trace  of --trace @throws std::runtime_error naming it, if it is none
FigureData figure_of_trace(const std::string& trace, const std::string& name);

/// Colour and shape of a driver, as figures/common.gp has them: 100, 200, ...
int style_of_driver(const std::string& driver);

/// A block's first line; names from records may hold anything.
std::string block_head(const std::string& name, const std::string& columns);

/// A string as gnuplot reads it, with nothing in it that gnuplot would run.
std::string quoted_for_gnuplot(const std::string& text);

}  // namespace scalelab
