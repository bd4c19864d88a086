#include "results/text/wrapped.hpp"

#include <fmt/format.h>

#include <sstream>

namespace scalelab {

namespace {

constexpr std::size_t columns = 80;

/// Characters as a terminal counts them: bytes of UTF-8 that do not continue one.
std::size_t width_of(const std::string& word) {
  std::size_t width = 0;
  for (const char c : word) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return width;
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t first_column) {
  std::istringstream words(text);
  std::string lines;
  std::size_t column = first_column;
  for (std::string word; words >> word; column += width_of(word)) {
    if (column == first_column) {
      lines += word;
    } else if (column + 1 + width_of(word) <= columns) {
      lines += fmt::format(" {}", word);
      ++column;
    } else {
      lines += fmt::format("\n{:{}}{}", "", first_column, word);
      column = first_column;
    }
  }
  return lines;
}

}  // namespace scalelab
