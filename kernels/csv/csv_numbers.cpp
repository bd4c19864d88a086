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

std::string_view without_sign(std::string_view number) {
  if (number.starts_with('+') || number.starts_with('-')) number.remove_prefix(1);
  return number;
}

}  // namespace

bool read_csv_number(std::string_view text, char decimal, double& number) {
  if (decimal == '.') return read_number(text, number);
  std::array<char, 400> copy;
  if (text.size() > copy.size() || text.find('.') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), copy.begin());
  std::replace(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(text.size()), ',', '.');
  return read_number({copy.data(), text.size()}, number);
}

bool read_grouped_number(std::string_view text, char decimal, double& number) {
  const char mark = decimal == '.' ? ',' : '.';
  const std::string_view digits = without_sign(text);
  std::size_t at = std::min(digits.find(mark), digits.size());
  if (at == 0 || at > 3 || digits.front() == '0') return false;
  std::string whole(digits.substr(0, at));
  while (at < digits.size() && digits[at] == mark) {
    const std::string_view group = digits.substr(at + 1, 3);
    if (group.size() < 3) return false;
    whole += group;
    at += 4;
  }
  const std::string_view rest = digits.substr(at);
  if (!std::all_of(whole.begin(), whole.end(), is_digit)) return false;
  if (!rest.empty() && rest.front() != decimal) return false;
  const std::string_view sign = text.substr(0, text.size() - digits.size());
  return read_csv_number(fmt::format("{}{}{}", sign, whole, rest), decimal, number);
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

bool is_certainly_decimal(std::string_view number, char mark) {
  const std::string_view digits = without_sign(number);
  const std::size_t at = digits.find(mark);
  if (at == std::string_view::npos) return false;
  if (at == 0 || at > 3 || digits.front() == '0') return true;
  const std::string_view behind = digits.substr(at + 1);
  return !(behind.size() == 3 && std::all_of(behind.begin(), behind.end(), is_digit));
}

bool has_ungrouped_thousands(std::string_view number) {
  const std::string_view digits = without_sign(number);
  return digits.size() > 3 && std::all_of(digits.begin(), digits.end(), is_digit);
}

bool is_number_for_people(std::string_view text) {
  std::string plain(without_sign(text));
  for (const std::string_view other :
       {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "\xE2\x80\x99"}) {
    for (std::size_t at = 0; (at = plain.find(other, at)) != std::string::npos;) {
      // Blanks of other widths, and an apostrophe.
      plain = plain.substr(0, at) + ' ' + plain.substr(at + other.size());
    }
  }
  bool groups_of_three = false;
  std::size_t behind = 0;  // the last separator; 0: there was none
  for (std::size_t i = 0; i <= plain.size(); ++i) {
    if (i < plain.size() && is_digit(plain[i])) continue;
    groups_of_three = groups_of_three || (behind > 0 && i - behind == 3);
    if (i < plain.size() && std::string_view(".,' ").find(plain[i]) == std::string_view::npos) {
      return false;
    }
    behind = i + 1;
  }
  return groups_of_three && is_digit(plain.front());
}

}  // namespace scalelab
