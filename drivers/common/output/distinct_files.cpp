#include "drivers/common/output/distinct_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>

#include "kernels/options.hpp"

namespace scalelab {

namespace {

/// Device and number of a file; of one that does not exist yet those of its folder, and its name.
using Identity = std::tuple<dev_t, ino_t, std::string>;

/// Nothing: it is no file, or nobody can make it.
std::optional<Identity> identity_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return Identity{status.st_dev, status.st_ino, ""};
  }
  const std::filesystem::path target = target_of(path);
  const std::string folder = target.parent_path().string();
  if (stat(folder.empty() ? "." : folder.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino, target.filename().string()};
}

}  // namespace

std::string target_of(const std::string& path) {
  namespace fs = std::filesystem;
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

void require_distinct(const std::vector<NamedFile>& files) {
  std::vector<std::optional<Identity>> identities;
  for (const NamedFile& file : files) identities.push_back(identity_of(file.path));
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = i + 1; identities[i] && files[i].written && j < files.size(); ++j) {
      if (identities[i] != identities[j]) continue;
      throw UsageError(fmt::format("{}: expected another file than that of {}, got '{}'",
                                   files[i].name, files[j].name, files[i].path));
    }
  }
}

}  // namespace scalelab
