#include "results/text/file_names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace scalelab {

std::string name_for_files(const std::string& name) {
  std::string clean = name;
  for (char& c : clean) {
    const bool harmless = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!harmless) c = '-';
  }
  constexpr std::size_t longest = 64;
  return clean.substr(0, longest);
}

std::string unique_name(const std::string& name, std::set<std::string>& taken) {
  std::string unique = name;
  for (int number = 2; !taken.insert(unique).second; ++number) {
    unique = fmt::format("{}-{}", name, number);
  }
  return unique;
}

bool cut_text(std::string_view& name, std::string_view text) {
  if (!name.starts_with(text)) return false;
  name.remove_prefix(text.size());
  return true;
}

std::size_t cut_any_of(std::string_view& name, std::string_view characters) {
  const std::size_t count = std::min(name.find_first_not_of(characters), name.size());
  name.remove_prefix(count);
  return count;
}

}  // namespace scalelab
