#include "results/figures/driver_styles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace scalelab {

namespace {

struct Look {
  std::uint32_t color;
  int point;
  int lined_point;
};

struct OwnDriver {
  const char* name;
  Look look;
  char letter;
  const char* workers;
};

// Colours are those of Okabe and Ito, which colour-blind people can tell apart, but for the grey
// (black is the ink) and the brown (their yellow cannot be seen on white paper). Shapes tell
// drivers apart in grey print.

// The first is what others are compared with: common.gp counts on its place.
constexpr std::array<OwnDriver, 4> drivers_of_the_kit{{
    {"sequential", {0x666666, 5, 2}, 'S', ""},
    {"openmp", {0x0072B2, 7, 1}, 'o', "threads"},
    {"processes", {0xD55E00, 9, 2}, 'p', ""},
    {"mpi", {0x009E73, 13, 3}, 'm', "ranks"},
}};

constexpr std::array<std::uint32_t, 4> further_colors{0xCC79A7, 0xE69F00, 0x56B4E9, 0xA0522D};
// One more than colours, so that the same pair comes back after twenty drivers only.
constexpr std::array<std::array<int, 2>, 5> further_points{
    {{11, 1}, {15, 3}, {5, 2}, {7, 1}, {13, 3}}};

const OwnDriver* in_kit(const std::string& driver) {
  const auto found = std::find_if(drivers_of_the_kit.begin(), drivers_of_the_kit.end(),
                                  [&](const OwnDriver& own) { return own.name == driver; });
  return found == drivers_of_the_kit.end() ? nullptr : &*found;
}

std::set<std::string> drivers_of(const Analysis& analysis) {
  std::set<std::string> drivers;
  for (const Study& study : analysis.studies) {
    for (const Curve& curve : study.curves) drivers.insert(curve.driver);
  }
  for (const GranularityStudy& study : analysis.granularity) {
    for (const GranularityCurve& curve : study.curves) drivers.insert(curve.driver);
  }
  return drivers;
}

}  // namespace

DriverStyles::DriverStyles(const std::set<std::string>& drivers) {
  for (const OwnDriver& own : drivers_of_the_kit) {
    styles_.push_back(
        {own.name, own.name, own.look.color, own.look.point, own.look.lined_point, own.workers});
  }
  std::size_t others = 0;
  for (const std::string& driver : drivers) {
    if (in_kit(driver) != nullptr) continue;
    const auto [point, lined_point] = further_points[others % further_points.size()];
    styles_.push_back({driver, fmt::format("driver-{}", styles_.size() + 1),
                       further_colors[others % further_colors.size()], point, lined_point, ""});
    ++others;
  }
}

DriverStyles::DriverStyles(const Analysis& analysis) : DriverStyles(drivers_of(analysis)) {}

std::size_t DriverStyles::index_of(const std::string& driver) const {
  const auto found = std::find_if(styles_.begin(), styles_.end(),
                                  [&](const DriverStyle& style) { return style.driver == driver; });
  if (found == styles_.end()) {
    throw std::out_of_range(fmt::format("driver '{}' has no style: it is in no study", driver));
  }
  return static_cast<std::size_t>(found - styles_.begin());
}

char letter_of_driver(const std::string& driver) {
  const OwnDriver* own = in_kit(driver);
  return own == nullptr ? '\0' : own->letter;
}

}  // namespace scalelab
