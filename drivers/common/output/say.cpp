#include "drivers/common/output/say.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/timed/failure.hpp"
#include "kernels/printable.hpp"
#include "results/record/pipes.hpp"

namespace scalelab {

namespace {

// NOLINTNEXTLINE: standard output belongs to the program, and so does this
constinit std::size_t bytes_printed = 0;

}  // namespace

void say(const std::string& text) noexcept {
  try {
    const std::string line = "scalelab: " + printable(text) + '\n';
    write_all(STDERR_FILENO, line, grace_is_over);
  } catch (const std::system_error&) {  // there is nobody to be told
  } catch (...) {
    std::fputs("scalelab: memory ran out\n", stderr);
  }
}

void end_unwritten(const std::string& what) {
  const Stop why = asked_to_end();
  throw Ended{status_of(why),
              fmt::format("stopped by {} before {} was written", name_of(why), what), true};
}

void print(std::string_view text) {
  try {
    write_all(STDOUT_FILENO, text, grace_is_over);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::operation_canceled) end_unwritten("all of standard output");
    throw std::runtime_error("standard output cannot be written: " + error.code().message());
  }
  bytes_printed += text.size();
}

std::size_t printed() { return bytes_printed; }

}  // namespace scalelab
