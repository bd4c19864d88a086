#include "kernels/csv/csv_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

#include "kernels/options.hpp"

namespace scalelab {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool read_csv_number(std::string_view text, char decimal, double& number) {
  if (decimal == '.') return read_number(text, number);
  std::array<char, 400> copy;
  if (text.size() > copy.size() || text.find('.') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), copy.begin());
  std::replace(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(text.size()), ',', '.');
  return read_number({copy.data(), text.size()}, number);
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

bool is_rounded(std::string_view text, double number) {
  if (text.size() < 16) return false;
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), end, whole);
  if (read.ptr != end) return false;
  if (read.ec == std::errc::result_out_of_range) {
    const std::size_t first = text.find_first_not_of("+-0");
    return first != std::string_view::npos &&
           fmt::format("{:.0f}", std::abs(number)) != text.substr(first);
  }
  if (read.ec != std::errc{}) return false;
  if (number >= 0x1p63) return true;  // 2^63 itself is no std::int64_t
  return static_cast<std::int64_t>(number) != whole;
}

bool is_missing(std::string_view text) {
  double number = 0;
  if (read_number(text, number)) return std::isnan(number);
  if (text.size() > 7) return false;
  const std::string small = in_small_letters(text);
  for (const char* word :
       {"", "na", "n/a", "#n/a", "#na", "<na>", "null", "none", "missing", ".", "?", "-", "--"}) {
    if (small == word) return true;
  }
  return false;
}

bool is_certainly_decimal_comma(std::string_view number) {
  if (number.starts_with('+') || number.starts_with('-')) number.remove_prefix(1);
  const std::size_t comma = number.find(',');
  if (comma == std::string_view::npos) return false;
  if (comma == 0 || comma > 3 || number.front() == '0') return true;
  const std::string_view behind = number.substr(comma + 1);
  return !(behind.size() == 3 && std::all_of(behind.begin(), behind.end(), is_digit));
}

bool is_number_for_people(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return is_digit(c) || c == '.' || c == ',' || c == '\'' || c == ' ' ||
                              c == '-' || c == '+';
                     }) &&
         text.find_first_of(".,' ") != std::string_view::npos;
}

}  // namespace scalelab
