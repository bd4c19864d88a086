#include "drivers/common/output/output_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/output/say.hpp"
#include "drivers/common/timed/failure.hpp"

namespace scalelab {

OutputFile::OutputFile(std::string option, std::string path, std::size_t bytes)
    : option_(std::move(option)), path_(std::move(path)) {
  if (path_ == "-") return;
  WholeFile::remove_leftovers(path_);
  try {
    // Before the run nothing is lost by an end at once.
    file_.emplace(path_, WholeFile::Links::are_followed,
                  [this] { return begun_ ? grace_is_over() : asked_to_end() != Stop::none; });
  } catch (const std::system_error& error) {
    fail("cannot be written", error.code().value());
  }
  try {
    file_->reserve(bytes);
  } catch (const std::system_error& error) {
    fail(fmt::format("has no room for {} kB", bytes / 1000 + 1), error.code().value());
  }
}

void OutputFile::write(std::string_view text) {
  begun_ = true;
  if (grace_is_over()) {
    end_unwritten(option_);
  }
  if (!file_) return print(text);
  try {
    file_->write(text);
  } catch (const std::system_error& error) {
    fail("cannot be written", error.code().value());
  }
}

void OutputFile::finish() {
  if (!file_) return;
  try {
    file_->finish();
  } catch (const std::system_error& error) {
    fail("cannot be written", error.code().value());
  }
}

void OutputFile::fail(const std::string& what, int error) const {
  if (error == ECANCELED && !begun_) end_unwritten(option_ + ", a pipe that nobody reads,");
  if (error == ECANCELED) end_unwritten("all of " + option_);
  throw std::runtime_error(
      fmt::format("{}: {} {}: {}", option_, path_, what, std::generic_category().message(error)));
}

}  // namespace scalelab
