#include "results/report/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace scalelab {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the character at the front of a text; 0 if those are no UTF-8 or no character of XML
/// 1.0. @param text  not empty
std::size_t length_of_character(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    const bool blank = first == '\t' || first == '\n' || first == '\r';
    return (first >= 0x20 && first != 0x7F) || blank ? 1 : 0;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool control = code < 0xA0;  // allowed by XML, not by HTML
  const bool no_character = (code & 0xFFFEU) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
  return too_long || surrogate || control || no_character || code > 0x10FFFF ? 0 : length;
}

/// @param special  what stands for a byte, or nothing: itself
template <typename Special>
std::string readable(std::string_view text, const Special& special) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = length_of_character(text);
    const std::string_view other = special(text.front());
    result += !other.empty() ? other : length > 0 ? text.substr(0, length) : replacement;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string_view entity_of(char letter) {
  switch (letter) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return "";
  }
}

std::vector<bool> columns_with_text(const Table& table) {
  std::vector<bool> used(table.columns.size(), false);
  for (const Table::Group& group : table.groups) {
    for (const Table::Row& row : group) {
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        if (!row.cells[i].empty()) used[i] = true;
      }
    }
  }
  return used;
}

std::string markup_of(const Table::Row& row, const Table& table, const std::vector<bool>& used) {
  std::string text = row.marked ? "<tr class=\"marked\">" : "<tr>";
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (!used[i]) continue;
    const char* kind = table.columns[i].numbers ? " class=\"number\"" : "";
    text += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", row.cells[i])
                   : fmt::format("<td{}>{}</td>", kind, row.cells[i]);
  }
  return text + "</tr>\n";
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Without what stands between two words, and these.
std::string without(std::string text, std::string_view begin, std::string_view end) {
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    const std::size_t last = text.find(end, at);
    if (last == std::string::npos) break;
    text.erase(at, last + end.size() - at);
  }
  return text;
}

/// The value of an attribute with double quotes; empty if there is none.
std::string attribute(const std::string& tag, const std::string& name) {
  const std::string before = fmt::format("{}=\"", name);
  const std::size_t at = tag.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return tag.substr(begin, tag.find('"', begin) - begin);
}

}  // namespace

std::string escaped(std::string_view text) { return readable(text, entity_of); }

std::string id_of(std::string_view text) {
  std::string id;
  for (const char letter : text) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9');
    id += plain ? letter : '-';
  }
  return id;
}

std::string shell_word(const std::string& word) {
  const std::string plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char letter : word) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

std::string markup_of(const Table& table) {
  const std::vector<bool> used = columns_with_text(table);
  std::string text = fmt::format(
      "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>\n"
      "<caption>{0}</caption>\n<thead><tr>",
      escaped(table.caption));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!used[i]) continue;
    text += fmt::format("<th scope=\"col\"{}>{}</th>",
                        table.columns[i].numbers ? " class=\"number\"" : "",
                        escaped(table.columns[i].head));
  }
  text += "</tr></thead>\n";
  for (const Table::Group& group : table.groups) {
    text += "<tbody>\n";
    for (const Table::Row& row : group) text += markup_of(row, table, used);
    text += "</tbody>\n";
  }
  return text + "</table></div>\n";
}

std::string inlined(const std::string& svg, const std::string& prefix, const std::string& label) {
  const std::size_t begin = svg.find("<svg");
  const std::size_t inside = svg.find('>', begin);
  const std::size_t end = svg.rfind("</svg>");
  if (begin == std::string::npos || inside == std::string::npos || end == std::string::npos ||
      end < inside) {
    throw std::runtime_error("expected an SVG: <svg ...> ... </svg>");
  }
  const std::string tag = svg.substr(begin, inside - begin);
  const std::string box = attribute(tag, "viewBox");
  if (box.empty() || box.find_first_not_of("-0123456789. ") != std::string::npos) {
    throw std::runtime_error("expected an SVG with a viewBox");
  }
  std::string body = readable(std::string_view(svg).substr(inside + 1, end - inside - 1),
                              [](char) { return std::string_view(); });
  body = without(without(body, "<title>", "</title>"), "<desc>", "</desc>");
  const std::string id = id_of(prefix) + "-";
  for (const char* reference : {" id=\"", " id='", "href='#", "href=\"#", "url(#"}) {
    body = replaced(body, reference, reference + id);
  }
  // As gnuplot writes colours.
  for (const char* ink :
       {"rgb( 34,  34,  34)", "rgb(  0,   0,   0)", "rgb(34,34,34)", "rgb(0,0,0)"}) {
    body = replaced(body, ink, "var(--ink)");
  }
  for (const char* paper : {"rgb(255, 255, 255)", "rgb(255,255,255)"}) {
    body = replaced(body, paper, "var(--paper)");
  }
  for (const char* quote : {"\"", "'"}) {
    const auto named = [&](const char* colour) { return fmt::format("={0}{1}{0}", quote, colour); };
    body = replaced(body, named("black"), named("var(--ink)"));
    body = replaced(body, named("white"), named("var(--paper)"));
  }
  return fmt::format(
      "<svg viewBox=\"{}\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" "
      "xmlns:xlink=\"http://www.w3.org/1999/xlink\">{}</svg>",
      box, escaped(label), body);
}

}  // namespace scalelab
