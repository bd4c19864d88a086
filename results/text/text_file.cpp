#include "results/text/text_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "results/text/whole_file.hpp"

namespace scalelab {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // An empty file is no error, though << says that nothing was put.
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error(fmt::format("{}: cannot be read", path.string()));
  }
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  try {
    WholeFile file(path.string());
    file.write(text);
    file.finish();
  } catch (const std::system_error& error) {
    throw std::runtime_error(
        fmt::format("{}: cannot be written: {}", path.string(), error.code().message()));
  }
}

}  // namespace scalelab
