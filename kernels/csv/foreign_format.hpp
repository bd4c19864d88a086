#pragma once

#include <string>
#include <string_view>

namespace scalelab {

/// What a file is that was taken for CSV text, and what to do about it, by its first bytes (some
/// thousand are enough): "an Excel workbook ...: save it as CSV". Empty: it may be CSV.
/// @param name  of the file, for a command that helps
std::string foreign_format(std::string_view beginning, const std::string& name);

}  // namespace scalelab
