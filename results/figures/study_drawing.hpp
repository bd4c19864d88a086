#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/figures/dots.hpp"
#include "results/figures/figure_data.hpp"

namespace scalelab {

/// Whether it is drawn as a curve: the sequential driver is what others are compared with.
bool is_parallel(const Curve& curve);

/// A name that fits into a key: what is too long is cut off.
std::string short_name(const std::string& name);

/// A curve in a text plot, and the letter of its points.
struct Lettered {
  char letter;
  const Curve* curve;
};

/// The curves of a speed-up's figure, in its order. Those that are beyond the letters have a *.
std::vector<Lettered> lettered_curves(const Study& study);

/// What all figures of a study share: its curves, their styles, their laws, the axis of workers.
class StudyDrawing {
 public:
  /// Both have to outlive it.
  StudyDrawing(const Study& study, const Analysis& analysis);

  /// A figure without data. @param what  its caption
  FigureData begin(const std::string& kind, const std::string& what, const std::string& reading);

  /// Of the curves in a text plot of the speed-up, one after the other.
  std::string letters() const;

  /// Adds a block for each curve that has something to show. @param line  of a point; may be empty
  /// @param remember  the figure's curves are these
  void add(std::string& file, const std::string& columns,
           const std::function<std::string(const Point&)>& line, bool remember = true);

  /// Those of all times.
  Dots dots() const;

  /// Of the figure at hand.
  std::size_t curves() const { return curves_.size(); }

  /// Laws of curves that have chosen one: their block of points along the law, and settings.
  void add_laws(FigureData& figure) const;

  /// What lines through the points of the figure at hand are: laws, or no more than lines.
  std::string lines() const;

  /// How many of the figure's curves have chosen a law.
  std::size_t laws() const;

  /// The settings that all scripts of workers need, and room for a key of all curves.
  void finish(FigureData& figure) const;

  /// "median of n = 6 runs, 95 % intervals"
  std::string samples() const;

  /// What speed-ups are over: "the sequential driver (995 ms)"
  std::string base_text() const;

 private:
  /// Of the sequential driver; 0: it was not run. [s]
  double sequential() const;
  /// Where the ideal line begins; 0: nowhere. [s]
  double base() const;          ///< an ideal time on 1 worker [s]
  double base_workers() const;  ///< whose speed-up is 1
  /// Numbers of workers at which the cores of one, two, four ... hosts are all busy, and their
  /// names.
  std::pair<std::vector<std::uint64_t>, std::vector<std::string>> edges_within(
      std::uint64_t least, std::uint64_t most) const;

  const Study& study_;
  const Analysis& analysis_;
  std::vector<int> styles_;          // of all curves
  std::vector<std::size_t> curves_;  // of the figure at hand
};

}  // namespace scalelab
