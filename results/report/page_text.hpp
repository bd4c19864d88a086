#pragma once

namespace scalelab {

// What stands in every report, as markup.

/// How the numbers came about.
extern const char* const method_markup;

/// The words of a report.
extern const char* const words_markup;

extern const char* const report_style;  ///< CSS

}  // namespace scalelab
