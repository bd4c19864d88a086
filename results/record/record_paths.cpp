#include "results/record/record_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "kernels/options.hpp"

namespace scalelab {

namespace fs = std::filesystem;

namespace {

const std::string extension = ".jsonl";

}  // namespace

std::vector<std::string> record_files_in(const std::string& path) {
  std::error_code error;
  if (path == "-") return {path};
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw std::runtime_error(fmt::format("{}: expected a file of records or a folder of them: {}",
                                         path, error.message()));
  }
  if (!fs::is_directory(status)) return {path};
  std::vector<std::string> files;
  try {
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == extension && !entry.is_directory()) {
        files.push_back(entry.path().string());
      }
    }
  } catch (const fs::filesystem_error& unreadable) {
    throw std::runtime_error(fmt::format("{}: expected a folder that can be read: {}", path,
                                         unreadable.code().message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string record_file_for(const std::string& path, const std::string& file_name) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const fs::path wanted = path;
  const bool is_folder = fs::is_directory(status) || !wanted.has_filename() ||
                         (!fs::exists(status) && !wanted.has_extension());
  if (!is_folder) {
    if (wanted.extension() == extension) return path;
    throw UsageError(fmt::format("--record: expected a file that ends in {}, or a folder, got '{}'",
                                 extension, path));
  }
  fs::create_directories(wanted, error);
  if (error) {
    throw std::runtime_error(
        fmt::format("--record: the folder '{}' cannot be made: {}", path, error.message()));
  }
  return (wanted / file_name).string();
}

}  // namespace scalelab
