#include "results/figures/dots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace scalelab {

namespace {

constexpr std::size_t most_of_figure = 3000;
constexpr std::size_t fewest_of_group = 11;

}  // namespace

Dots::Dots(std::size_t all, std::size_t groups)
    : most_of_each_(all <= most_of_figure ? SIZE_MAX
                                          : std::max(fewest_of_group, most_of_figure / groups)) {}

std::vector<std::size_t> Dots::of(const std::vector<double>& values) {
  std::vector<std::size_t> indexes(values.size());
  std::iota(indexes.begin(), indexes.end(), std::size_t{0});
  if (values.size() > most_of_each_) {
    std::stable_sort(indexes.begin(), indexes.end(),
                     [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<std::size_t> spread;
    for (std::size_t i = 0; i < most_of_each_; ++i) {
      spread.push_back(indexes[i * (values.size() - 1) / (most_of_each_ - 1)]);
    }
    std::sort(spread.begin(), spread.end());
    indexes = std::move(spread);
  }
  all_ += values.size();
  drawn_ += indexes.size();
  return indexes;
}

std::string Dots::note() const {
  if (drawn_ == all_) return "";
  return fmt::format("; {} of {} dots are drawn, the extremes among them", drawn_, all_);
}

}  // namespace scalelab
