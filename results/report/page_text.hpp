#pragma once

#include <string>

#include "results/figures/driver_styles.hpp"

namespace scalelab {

// What stands in every report, as markup. `looks`: of its drivers.

/// How the numbers came about.
extern const char* const method_markup;

/// The words of a report.
std::string words_markup(const DriverStyles& looks);

/// CSS, with a class for each driver that gives it its colour: DriverStyle::id.
std::string report_style(const DriverStyles& looks);

}  // namespace scalelab
