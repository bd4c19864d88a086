#include "drivers/common/output/output_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/output/say.hpp"

namespace scalelab {

namespace fs = std::filesystem;

OutputFile::OutputFile(std::string option, std::string path, std::size_t bytes)
    : option_(std::move(option)), path_(std::move(path)) {
  if (path_ == "-") return;
  try {
    file_.emplace(target_of(path_));
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
    throw std::runtime_error(option_ + ": " + path_ + " was not written: the run was told to end");
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
  throw std::runtime_error(
      fmt::format("{}: {} {}: {}", option_, path_, what, std::generic_category().message(error)));
}

std::string target_of(const std::string& path) {
  fs::path target = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(target, error); ++links) {
    if (links == 40) return path;  // as many as Linux follows
    const fs::path next = fs::read_symlink(target, error);
    if (error) return path;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target.string();
}

}  // namespace scalelab
