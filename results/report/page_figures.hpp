#pragma once

#include <functional>
#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/figures/figures.hpp"

namespace scalelab {

/// The figures of a report as parts of its page: each belongs to one study, or to none.
class PageFigures {
 public:
  /// All have to outlive it.
  /// @param folder  where draw_figures has left figures/NAME.svg
  /// @param failures  gets a line for each figure that cannot be read, and is missing
  PageFigures(const std::vector<Figure>& figures, const std::string& folder,
              std::vector<std::string>& failures)
      : figures_(figures), folder_(folder), failures_(failures) {}

  bool empty() const { return figures_.empty(); }

  /// Markup that leads to a study's figure of a kind ("speedup"); empty if there is none.
  std::string links_to(const Study& study, const std::string& kind) const;

  /// Markup of a study's pictures with their captions.
  std::string of(const Study& study);
  std::string of(const GranularityStudy& study);

  /// Of those that belong to no study of the analysis.
  std::string of_no_study(const Analysis& analysis);

 private:
  std::string drawn(const std::function<bool(const Figure&)>& is_wanted);
  std::string drawn(const Figure& figure);
  std::string picture(const Figure& figure) const;

  const std::vector<Figure>& figures_;
  const std::string& folder_;
  std::vector<std::string>& failures_;
};

}  // namespace scalelab
