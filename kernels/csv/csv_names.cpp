#include "kernels/csv/csv_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "kernels/csv/csv_lines.hpp"
#include "kernels/printable.hpp"

namespace scalelab {

namespace {

bool means_nothing_to_a_shell(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::size_t longest_name = 100;  // [bytes]

/// FNV-1a, the same everywhere: names are in records and journals.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

}  // namespace

std::string csv_name(const std::string& text) {
  std::string name;
  for (const char c : text) name += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  const std::string shown = printable(name, 4 * name.size());
  if (shown.size() <= longest_name) return shown;
  const std::string sum = fmt::format(" #{:016x}", checksum(name));
  return printable(shown, longest_name - sum.size(), 40) + sum;
}

std::vector<std::string> csv_list(const std::string& text) {
  std::vector<std::string> names;
  CsvFields fields;
  if (fields.split(text, ',', text.size() + 1) != std::string_view::npos) {
    throw std::runtime_error("expected names separated by commas, one with a comma in quotes");
  }
  for (std::size_t j = 0; j < fields.size(); ++j) {
    names.push_back(csv_name(std::string(fields[j].text)));
  }
  return names;
}

std::string as_csv_list(const std::vector<std::string>& names) {
  std::string list;
  bool plain = true;
  for (const std::string& name : names) {
    if (!list.empty()) list += ',';
    const bool blank_at_an_end = name.empty() || name.front() == ' ' || name.back() == ' ';
    if (name.find_first_of(",\"") == std::string::npos && !blank_at_an_end) {
      list += name;
    } else {
      list += '"';
      for (const char c : name) list += c == '"' ? std::string("\"\"") : std::string(1, c);
      list += '"';
    }
    plain = plain && std::all_of(name.begin(), name.end(), means_nothing_to_a_shell);
  }
  if (plain) return list;
  std::string shell = "'";
  for (const char c : list) shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return shell + "'";
}

}  // namespace scalelab
