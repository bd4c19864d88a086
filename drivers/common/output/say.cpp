#include "drivers/common/output/say.hpp"

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "kernels/printable.hpp"

namespace scalelab {

namespace {

// NOLINTNEXTLINE: standard output belongs to the program, and so does this
constinit std::size_t bytes_printed = 0;

}  // namespace

void say(const std::string& text) noexcept {
  try {
    const std::string line = "scalelab: " + printable(text) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
  } catch (...) {
    std::fputs("scalelab: memory ran out\n", stderr);
  }
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::runtime_error("standard output cannot be written: " +
                             std::generic_category().message(errno));
  }
  bytes_printed += text.size();
}

std::size_t printed() { return bytes_printed; }

}  // namespace scalelab
