#pragma once

#include <string>

namespace scalelab {

/// Text as a cell of CSV: quoted, with its quotes doubled, if it holds a comma, a quote or the end
/// of a line (RFC 4180).
std::string csv_cell(const std::string& text);

}  // namespace scalelab
