#include "drivers/common/output/values_file.hpp"

#include <fmt/format.h>

#include <iterator>

#include "results/text/csv_cell.hpp"

namespace scalelab {

namespace {

/// -1.2345678901234567e-308 and a comma
constexpr std::size_t longest_value = 25;

}  // namespace

ValuesFile::ValuesFile(const std::string& path, const Kernel& kernel)
    : columns_(kernel.columns()),
      file_("--values", path, kernel.tasks() * (columns_.size() + 1) * longest_value) {
  if (file_.is_stream() && path != "-") write_header();
}

void ValuesFile::write_header() {
  std::string text = "task";
  for (const std::string& column : columns_) text += ',' + csv_cell(column);
  file_.write(text + '\n');
}

void ValuesFile::write(Board& board) {
  if (!file_.has_begun()) write_header();
  fmt::memory_buffer text;
  const auto pass_on = [&] {
    file_.write({text.data(), text.size()});
    text.clear();
  };
  const Board::Result result = board.result();
  for (std::size_t row = 0; row < result.rows(); ++row) {
    fmt::format_to(std::back_inserter(text), "{}", row);
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      fmt::format_to(std::back_inserter(text), ",{:.17g}", result.values[row * result.width + j]);
    }
    text.push_back('\n');
    if (text.size() > (1 << 16)) pass_on();
  }
  pass_on();
  file_.finish();
}

}  // namespace scalelab
