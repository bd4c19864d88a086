#include "drivers/common/machine/system_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

#include "kernels/options.hpp"

namespace scalelab {

namespace {

// A device tree ends its texts by a zero.
constexpr std::string_view blanks("\0 \t\r\n", 5);

}  // namespace

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::optional<std::string> line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return printing(line);
}

std::optional<std::uint64_t> whole_of(const std::string& path) {
  const auto line = line_of(path);
  return line ? whole_in(*line) : std::nullopt;
}

std::optional<std::uint64_t> whole_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> real_in(std::string_view text) {
  double number = 0;
  if (!read_number(text, number) || !std::isfinite(number) || number < 0) return std::nullopt;
  return number;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<std::string> printing(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  const auto prints = [](char c) { return c >= ' ' && c <= '~'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), prints)) return std::nullopt;
  return std::string(text);
}

}  // namespace scalelab
