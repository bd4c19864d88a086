#include "kernels/printable.hpp"

#include <algorithm>
#include <cstdint>

namespace scalelab {

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Bytes of the character of UTF-8 that begins here; 0: it is none. Sets its number.
std::size_t character_at(std::string_view text, std::uint32_t& number) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  number = size == 1 ? first : first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[i])) return 0;
    number = number << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  return size;
}

bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text, std::size_t most, std::size_t tail) {
  std::string clean;
  if (text.size() > most) {
    std::size_t head = most - tail - 3;
    std::size_t end = text.size() - tail;
    while (head > 0 && continues(text[head])) --head;
    while (end < text.size() && continues(text[end])) ++end;
    return printable(text.substr(0, head), most) + "..." + printable(text.substr(end), most);
  }
  for (std::size_t i = 0; i < text.size();) {
    std::uint32_t number = 0;
    const std::size_t size = character_at(text.substr(i), number);
    // Bytes of another encoding stay, so that names can be told apart, but for its control
    // characters.
    if (size == 0) number = static_cast<unsigned char>(text[i]);
    if (is_control(number)) {
      clean += '?';
    } else {
      clean += text.substr(i, std::max<std::size_t>(size, 1));
    }
    i += std::max<std::size_t>(size, 1);
  }
  return clean;
}

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  constexpr std::size_t most_bytes = 300;
  std::string list;
  std::size_t shown = 0;
  for (; shown < std::min(names.size(), most) && list.size() < most_bytes; ++shown) {
    list += (shown > 0 ? ", " : "") + names[shown];
  }
  if (shown < names.size()) list += " and " + std::to_string(names.size() - shown) + " more";
  return list;
}

}  // namespace scalelab
