#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/figures/driver_styles.hpp"
#include "results/figures/figure_data.hpp"

namespace scalelab {

// What gnuplot reads: settings, blocks of numbers, and the script that draws all figures.

/// A string as gnuplot reads it, with nothing in it that gnuplot would run.
std::string quoted_for_gnuplot(const std::string& text);

/// A block's first line; names from records may hold anything.
std::string block_head(const std::string& name, const std::string& columns);

/// Between the blocks of a data file.
inline constexpr const char* end_of_block = "\n\n";

/// A curve's style, as common.gp reads it. @param driver  DriverStyles::index_of
/// @param before  curves of the same driver that stand before it
int style_of(std::size_t driver, int before = 0);

/// The text of data/NAME.settings.
std::string settings_of(const FigureData& figure);

/// In the folder of data, what common.gp reads of the drivers.
inline constexpr const char* drivers_settings = "drivers.settings";
std::string settings_of(const DriverStyles& looks);

/// The text of figures/all.gp: draws each figure in all formats.
std::string commands_of(const std::vector<FigureData>& figures);

}  // namespace scalelab
