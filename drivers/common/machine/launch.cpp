#include "drivers/common/machine/launch.hpp"

#include <cstdlib>
#include <sstream>

#include "drivers/common/machine/system_file.hpp"

namespace scalelab {

namespace {

std::vector<std::string> lines_in(const char* variable) {
  std::vector<std::string> lines;
  const char* text = std::getenv(variable);
  std::istringstream stream(text == nullptr ? "" : text);
  for (std::string line; std::getline(stream, line);) {
    if (const auto printed = printing(line)) lines.push_back(*printed);
  }
  return lines;
}

}  // namespace

std::vector<std::string> launch_warnings() { return lines_in("SCALELAB_WARNINGS"); }

std::vector<std::string> earlier_ends() { return lines_in("SCALELAB_EARLIER_ENDS"); }

bool journal_is_temporary() { return std::getenv("SCALELAB_TEMPORARY_JOURNAL") != nullptr; }

}  // namespace scalelab
