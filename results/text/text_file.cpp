#include "results/text/text_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

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
  const std::filesystem::path fresh = fmt::format("{}.new-{}", path.string(), getpid());
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(fresh, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
  }
}

}  // namespace scalelab
