#pragma once

#include <string>
#include <string_view>

namespace scalelab {

/// Reads a whole field as a number. @param decimal  '.' or ',' @returns false if it is none
bool read_csv_number(std::string_view text, char decimal, double& number);

/// Reads a whole field as a number whose thousands the other mark parts, as in 1.234.567,8: groups
/// of three digits, behind a first one of one to three that is not 0. @returns false if it is none
bool read_grouped_number(std::string_view text, char decimal, double& number);

/// Those of ASCII, whatever the locale.
std::string in_small_letters(std::string_view text);

/// A whole number that this, its nearest double, is not.
bool is_rounded(std::string_view text, double number);

/// What programs write where a value is missing: nothing, NA, NaN, null, ., ? and the like.
bool is_missing(std::string_view text);

/// A number with this mark, which can be no separator of thousands there: that has three digits
/// behind it and one to three before it, not 0.
bool is_certainly_decimal(std::string_view number, char mark);

/// A whole number of more than three digits, as nobody writes it who parts thousands.
bool has_ungrouped_thousands(std::string_view number);

/// Digits with commas, points, blanks or apostrophes among them, three behind one of these: a
/// number as people write it, and no date.
bool is_number_for_people(std::string_view text);

}  // namespace scalelab
