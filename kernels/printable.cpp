#include "kernels/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace scalelab {

namespace {

/// Bytes of the character at the front of a text, 1 if those are no UTF-8; and its code, or
/// nothing.
struct Character {
  std::size_t length = 1;
  std::uint32_t code = 0;
  bool valid = false;
};

Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {1, first, true};
  if (first < 0xC2 || first > 0xF4) return {};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (too_long || surrogate || code > 0x10FFFF) return {};
  return {length, code, true};
}

/// C0, DEL and C1; separators of lines and paragraphs; what turns the direction of writing.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// Not the first byte of a character.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

std::string shown(std::string_view bytes, const Character& character) {
  if (character.code == '\n') return "\\n";
  if (character.code == '\r') return "\\r";
  if (character.code == '\t') return "\\t";
  if (character.valid && character.code >= 0x80) return fmt::format("\\u{:04x}", character.code);
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
}

}  // namespace

std::string printable(std::string_view text, std::size_t most, std::size_t tail) {
  if (tail > 0 && text.size() > most) {
    std::size_t head = most - tail - 3;
    std::size_t end = text.size() - tail;
    while (head > 0 && continues(text[head])) --head;
    while (end < text.size() && continues(text[end])) ++end;
    return printable(text.substr(0, head), 4 * most) + "..." +
           printable(text.substr(end), 4 * most);
  }
  std::string clean;
  for (std::string_view rest = text; !rest.empty();) {
    const Character character = first_of(rest);
    const std::string_view bytes = rest.substr(0, character.length);
    const std::size_t before = clean.size();
    if (character.valid && !is_control(character.code)) {
      clean += bytes;
    } else {
      clean += shown(bytes, character);
    }
    if (clean.size() > most) {
      clean.resize(before);
      return clean + fmt::format("... ({} bytes)", text.size());
    }
    rest.remove_prefix(character.length);
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
  if (shown < names.size()) list += fmt::format(" and {} more", names.size() - shown);
  return list;
}

}  // namespace scalelab
