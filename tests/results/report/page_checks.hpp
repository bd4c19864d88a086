#pragma once

#include <fmt/format.h>
#include <sys/wait.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

// What must be so of every page, as parsers that are not ours see it.
namespace scalelab::test {

using Tree = boost::property_tree::ptree;

inline Tree parsed(const std::string& page) {
  std::istringstream stream(page);
  Tree tree;
  boost::property_tree::read_xml(stream, tree);
  return tree;
}

/// All text of a page, as a parser reads it, each white space as one blank.
inline void collect(const Tree& tree, std::string& text) {
  text += tree.data() + " ";
  for (const auto& [name, child] : tree) {
    if (name != "style" && name != "<xmlattr>") collect(child, text);
  }
}

inline std::string with_single_blanks(const std::string& text) {
  std::string single;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank)
      single += c;
    else if (single.empty() || single.back() != ' ')
      single += ' ';
  }
  return single;
}

inline std::string text_of(const std::string& page) {
  std::string text;
  collect(parsed(page), text);
  return with_single_blanks(text);
}

/// Attributes of that name, in all elements.
inline void attributes(const Tree& tree, const std::string& name,
                       std::vector<std::string>& values) {
  if (const auto value = tree.get_optional<std::string>("<xmlattr>." + name)) {
    values.push_back(*value);
  }
  for (const auto& [tag, child] : tree) attributes(child, name, values);
}

inline std::vector<std::string> attributes(const std::string& page, const std::string& name) {
  std::vector<std::string> values;
  attributes(parsed(page), name, values);
  return values;
}

inline std::size_t elements(const Tree& tree, const std::string& name) {
  std::size_t number = tree.count(name);
  for (const auto& [tag, child] : tree) number += elements(child, name);
  return number;
}

/// What a program says about a file; nothing if it is not installed.
inline std::optional<std::pair<int, std::string>> said_by(const std::string& program,
                                                          const std::string& options,
                                                          const std::string& file) {
  if (std::system(fmt::format("command -v {} > /dev/null 2>&1", program).c_str()) != 0) {
    WARN(program << " is not installed: it was not asked whether the page is valid");
    return std::nullopt;
  }
  const std::string log = file + ".log";
  const int status =
      std::system(fmt::format("{} {} '{}' > '{}' 2>&1", program, options, file, log).c_str());
  return std::pair{WEXITSTATUS(status), read_file(log)};
}

inline void check_valid(const std::string& page) {
  REQUIRE_NOTHROW(parsed(page));
  const TestFolder folder;
  write_file(folder / "report.html", page);
  if (const auto tidy = said_by("tidy", "-errors -quiet", folder / "report.html")) {
    CHECK(tidy->second == "");
    CHECK(tidy->first == 0);
  }
  if (const auto lint = said_by("xmllint", "--noout --nonet", folder / "report.html")) {
    CHECK(lint->second == "");
    CHECK(lint->first == 0);
  }
}

inline void check_refers_to_nothing_outside(const std::string& page) {
  for (const char* name : {"src", "href", "xlink:href", "action", "data", "srcset", "poster"}) {
    for (const std::string& value : attributes(page, name)) {
      INFO(name << "=" << value);
      CHECK(value.starts_with("#"));
    }
  }
  CHECK(elements(parsed(page), "script") == 0);
  CHECK(elements(parsed(page), "link") == 0);
  CHECK(page.find("@import") == std::string::npos);
  for (std::size_t at = page.find("url("); at != std::string::npos;
       at = page.find("url(", at + 1)) {
    CHECK(page.substr(at, 5) == "url(#");
  }
  const std::set<std::string> names{"http://www.w3.org/1999/xhtml\"",
                                    "http://www.w3.org/2000/svg\"",
                                    "http://www.w3.org/1999/xlink\""};
  for (std::size_t at = page.find("http"); at != std::string::npos;
       at = page.find("http", at + 1)) {
    const std::string address = page.substr(at, page.find('"', at) + 1 - at);
    INFO(address);
    CHECK(names.contains(address));
  }
}

/// Each id once, and each link to one that is there.
inline void check_links(const std::string& page) {
  const std::vector<std::string> ids = attributes(page, "id");
  const std::set<std::string> known(ids.begin(), ids.end());
  CHECK(known.size() == ids.size());
  for (const char* name : {"href", "xlink:href"}) {
    for (const std::string& link : attributes(page, name)) {
      INFO(link);
      CHECK(known.count(link.substr(1)) == 1);
    }
  }
}

inline void check_page(const std::string& page) {
  check_valid(page);
  check_refers_to_nothing_outside(page);
  check_links(page);
}

}  // namespace scalelab::test
