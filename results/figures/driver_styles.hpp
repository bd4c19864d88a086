#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// How a driver looks in all figures, tables and pages: it is known by sight.
struct DriverStyle {
  std::string driver;
  std::string id;  ///< for other languages, letters, digits and hyphens only: "mpi", "driver-5"
  std::uint32_t color;  ///< 0xRRGGBB
  int point;            ///< gnuplot's type of a full point; the same shape is hollow at `point - 1`
  int lined_point;      ///< one of lines only
  std::string workers;  ///< what they are: "threads"; empty: nothing to add to the driver's name
};

/// The styles of a report's drivers. The kit's own always have theirs; the others take the next
/// that are free in the order of their names, so that drivers that are added get colours, shapes
/// and keys without a word about them here. Beyond the palette they repeat colours with other
/// shapes.
class DriverStyles {
 public:
  /// @param drivers  of a report; the kit's own need not be among them
  explicit DriverStyles(const std::set<std::string>& drivers);

  /// Of those of all studies.
  explicit DriverStyles(const Analysis& analysis);

  /// The kit's own, then the others by name.
  const std::vector<DriverStyle>& all() const { return styles_; }

  /// Its place in `all`. @throws std::out_of_range  naming a driver that is not in the report
  std::size_t index_of(const std::string& driver) const;

  const DriverStyle& of(const std::string& driver) const { return styles_[index_of(driver)]; }

 private:
  std::vector<DriverStyle> styles_;
};

/// Its letter in plots of letters; 0: it has none of its own, as only drivers of the kit have.
char letter_of_driver(const std::string& driver);

}  // namespace scalelab
