#pragma once

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "results/figures/figures.hpp"
#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

namespace scalelab::test {

/// CTest takes these words for a skipped test.
inline void need_gnuplot() {
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) {
    FAIL("not tested, for want of gnuplot");
  }
}

/// Its text, as a parser of XML sees it. @throws if it is not well-formed
inline std::string text_of_svg(const std::filesystem::path& path) {
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(path.string(), tree);
  REQUIRE(tree.count("svg") == 1);
  std::string text;
  const std::function<void(const boost::property_tree::ptree&)> visit = [&](const auto& node) {
    text += node.data() + " ";
    for (const auto& [name, child] : node) {
      if (name != "<xmlattr>") visit(child);
    }
  };
  visit(tree.get_child("svg"));
  return text;
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// All files of all figures are there and are what their names say.
inline void check_drawn(const std::vector<Figure>& figures, const std::filesystem::path& folder) {
  for (const Figure& figure : figures) {
    INFO(figure.name);
    CHECK_FALSE(figure.caption.empty());
    CHECK_FALSE(figure.reading.empty());
    const std::filesystem::path path = folder / "figures" / figure.name;
    CHECK(text_of_svg(path.string() + ".svg").size() > 20);
    CHECK(read_file(path.string() + ".pdf").starts_with("%PDF-"));
    CHECK(read_file(path.string() + ".png").starts_with("\x89PNG\r\n"));
    CHECK(holds(read_file(path.string() + ".pdf"), "%%EOF"));
  }
}

}  // namespace scalelab::test
