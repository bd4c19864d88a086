#pragma once

#include <string>
#include <utility>
#include <vector>

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

}  // namespace scalelab
