#include "kernels/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "kernels/printable.hpp"

namespace scalelab {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& text,
                         const std::string& expected) {
  throw UsageError(
      fmt::format("--{}: expected {}, got '{}'", name, expected, printable(text, 200)));
}

struct Unit {
  std::string_view suffix;
  double size;
};

/// A number that is not negative and a unit, the first whose suffix fits. @returns false if it is
/// none
bool read_quantity(std::string_view text, const std::vector<Unit>& units, double& quantity) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.suffix)) continue;
    double number = 0;
    if (!read_number(text.substr(0, text.size() - unit.suffix.size()), number)) return false;
    quantity = number * unit.size;
    return std::isfinite(number) && number >= 0;
  }
  return false;
}

}  // namespace

bool read_number(std::string_view text, double& number) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size()) return false;
  if (error == std::errc::result_out_of_range) {
    number = std::strtod(std::string(text).c_str(), nullptr);  // 0 or infinite, as it should be
    return true;
  }
  return error == std::errc{};
}

std::string any_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

void OptionValues::set(const std::string& name, const std::string& text, bool chosen) {
  texts_[name] = text;
  if (chosen) {
    chosen_.insert(name);
  } else {
    chosen_.erase(name);
  }
}

const std::string& OptionValues::text(const std::string& name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) throw std::logic_error("option --" + name + " was never declared");
  return found->second;
}

bool OptionValues::flag(const std::string& name) const { return choice(name, {"no", "yes"}) == 1; }

std::uint64_t OptionValues::whole(const std::string& name, std::uint64_t least,
                                  std::uint64_t most) const {
  const std::string& given = text(name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
  if (error != std::errc{} || end != given.data() + given.size() || number < least ||
      number > most) {
    const bool bounded = most != std::numeric_limits<std::uint64_t>::max();
    refuse(name, given,
           bounded ? fmt::format("a whole number from {} to {}", least, most)
                   : fmt::format("a whole number of at least {}", least));
  }
  return number;
}

double OptionValues::real(const std::string& name, double least, double most) const {
  double number = 0;
  if (!read_number(text(name), number) || !(number >= least && number <= most)) {
    refuse(name, text(name), fmt::format("a number from {} to {}", least, most));
  }
  return number;
}

double OptionValues::fraction(const std::string& name) const {
  double number = 0;
  if (!read_number(text(name), number) || !(number >= 0 && number < 1)) {
    refuse(name, text(name), "a number of at least 0 and less than 1");
  }
  return number;
}

double OptionValues::seconds(const std::string& name) const {
  double seconds = 0;
  // "s" comes last: every other suffix ends with it too. Two characters look like µ, U+00B5 of
  // keyboards and the Greek U+03BC.
  if (!read_quantity(text(name),
                     {{"ns", 1e-9},
                      {"us", 1e-6},
                      {"\u00b5s", 1e-6},
                      {"\u03bcs", 1e-6},
                      {"ms", 1e-3},
                      {"s", 1.0}},
                     seconds)) {
    refuse(name, text(name), "a time with its unit (50us, 2ms, 1.5s)");
  }
  return seconds;
}

std::uint64_t OptionValues::bytes(const std::string& name) const {
  double bytes = 0;
  const bool read = read_quantity(text(name),
                                  {{"KiB", 0x1p10},
                                   {"MiB", 0x1p20},
                                   {"GiB", 0x1p30},
                                   {"TiB", 0x1p40},
                                   {"kB", 1e3},
                                   {"KB", 1e3},
                                   {"MB", 1e6},
                                   {"GB", 1e9},
                                   {"TB", 1e12},
                                   {"B", 1.0}},
                                  bytes);
  // Beyond 2^53 a double does not hold every whole number, and no machine so many bytes.
  if (!read || !(bytes < 0x1p53)) {
    refuse(name, text(name), "a size with its unit (64MiB, 256MB, 1.5GB)");
  }
  return static_cast<std::uint64_t>(std::llround(bytes));
}

std::size_t OptionValues::choice(const std::string& name,
                                 const std::vector<std::string_view>& allowed) const {
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (text(name) == allowed[i]) return i;
  }
  refuse(name, text(name), any_of(allowed));
}

}  // namespace scalelab
