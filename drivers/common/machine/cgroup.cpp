#include "drivers/common/machine/cgroup.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/common/machine/system_file.hpp"

namespace scalelab {

namespace {

template <typename T>
void lower(std::optional<T>& least, const std::optional<T>& candidate) {
  if (candidate && (!least || *candidate < *least)) least = candidate;
}

/// Quota and period as in "150000 100000"; version 2 writes max for no limit, version 1 -1.
std::optional<double> cpus(std::string_view quota, std::string_view period) {
  const auto time = whole_in(quota);
  const auto of = whole_in(period);
  if (!time || !of || *time == 0 || *of == 0) return std::nullopt;
  return static_cast<double>(*time) / static_cast<double>(*of);
}

/// What the system takes back when the group wants memory: files that it has cached, used lately or
/// not, and what it remembers of them. Version 1 counts what lies below the group under names of
/// its own, and the last not at all.
constexpr std::string_view reclaimed[] = {"inactive_file", "active_file", "slab_reclaimable"};
constexpr std::string_view reclaimed_of_version_1[] = {"total_inactive_file", "total_active_file"};

std::optional<std::uint64_t> memory_left(const std::string& limit_file,
                                         const std::string& usage_file,
                                         const std::string& statistics_file,
                                         std::span<const std::string_view> reclaimed_names) {
  const auto limit = whole_of(limit_file);
  const auto usage = whole_of(usage_file);
  // Version 1 writes nearly 2^63 for no limit.
  if (!limit || !usage || *limit >= std::uint64_t{1} << 62) return std::nullopt;
  std::uint64_t cache = 0;
  for (const std::string& line : lines_of(statistics_file)) {
    const auto words = words_of(line);
    if (words.size() != 2 || std::ranges::count(reclaimed_names, words[0]) == 0) continue;
    // No more than all that is used, so that no sum is too large for a number.
    cache += std::min(whole_in(words[1]).value_or(0), *usage);
  }
  const std::uint64_t used = *usage - std::min(cache, *usage);
  return *limit - std::min(used, *limit);
}

CgroupLimits limits_of(const std::string& group) {
  CgroupLimits limits;
  const std::string max = line_of(group + "/cpu.max").value_or("");
  if (const auto words = words_of(max); words.size() == 2) limits.cpus = cpus(words[0], words[1]);
  lower(limits.cpus, cpus(line_of(group + "/cpu.cfs_quota_us").value_or(""),
                          line_of(group + "/cpu.cfs_period_us").value_or("")));
  limits.memory_left = memory_left(group + "/memory.max", group + "/memory.current",
                                   group + "/memory.stat", reclaimed);
  lower(limits.memory_left,
        memory_left(group + "/memory.limit_in_bytes", group + "/memory.usage_in_bytes",
                    group + "/memory.stat", reclaimed_of_version_1));
  return limits;
}

/// The group and all above it. Inside a container the path may be the one outside, of which only
/// the mount itself is seen: groups that are not there have no limits.
void lower_on_the_way(CgroupLimits& limits, const std::string& mount, std::string path) {
  if (path.find("/..") != std::string::npos) path.clear();  // outside of what is mounted
  while (true) {
    const CgroupLimits here = limits_of(mount + path);
    lower(limits.cpus, here.cpus);
    lower(limits.memory_left, here.memory_left);
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return;
    path.resize(slash);
  }
}

/// Where a hierarchy may be mounted: version 1 by the name of all its controllers, or of each.
std::vector<std::string> mounts_of(const std::string& controllers) {
  if (controllers.empty()) return {".", "unified"};
  std::vector<std::string> mounts{controllers};
  for (std::size_t begin = 0; begin < controllers.size();) {
    const std::size_t comma = std::min(controllers.find(',', begin), controllers.size());
    mounts.push_back(controllers.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return mounts;
}

}  // namespace

CgroupLimits cgroup_limits(const std::string& root) {
  CgroupLimits limits;
  const std::string mount = root + "/sys/fs/cgroup";
  for (const std::string& line : lines_of(root + "/proc/self/cgroup")) {
    // "4:cpu,cpuacct:/path", or "0::/path" for version 2
    const std::size_t first = line.find(':');
    if (first == std::string::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    for (const std::string& folder : mounts_of(controllers)) {
      lower_on_the_way(limits, mount + "/" + folder, path);
    }
  }
  return limits;
}

}  // namespace scalelab
