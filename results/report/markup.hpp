#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

// Pieces of a page that is HTML5 and well-formed XML at once, whatever the records hold.

/// Text as the content of an element or as the value of an attribute. What is no UTF-8 or no
/// character of XML 1.0 becomes U+FFFD.
std::string escaped(std::string_view text);

/// Letters, digits and hyphens: others become hyphens.
std::string id_of(std::string_view text);

/// As a shell reads it as one word.
std::string shell_word(const std::string& word);

/// One row for each thing that is told about.
struct Table {
  struct Column {
    std::string head;
    bool numbers = false;  ///< set flush right
  };
  struct Row {
    std::vector<std::string> cells;  ///< markup; the first is the row's head
    bool marked = false;             ///< set bold
  };
  using Group = std::vector<Row>;

  std::string caption;
  std::vector<Column> columns;
  std::vector<Group> groups;  ///< told apart by a line
};

/// In a box that scrolls where the page is too narrow. Columns without any text are left out.
std::string markup_of(const Table& table);

/// A picture of gnuplot as a part of a page: its ids begin with a prefix, its ink and its paper are
/// those of the page. @throws std::runtime_error  it is no SVG
std::string inlined(const std::string& svg, const std::string& prefix, const std::string& label);

}  // namespace scalelab
