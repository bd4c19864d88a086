#include "results/record/cpu_list.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace scalelab {

namespace {

bool read_cpu(std::string_view text, int& cpu) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  return error == std::errc{} && end == text.data() + text.size() && cpu >= 0 &&
         cpu < std::numeric_limits<int>::max();
}

struct Range {
  int first = -1;  ///< -1: it is none
  int last = -1;
};

/// Takes the first range, "3" or "0-3", and the comma behind it from a list.
Range first_range(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view text = list.substr(0, comma);
  const std::size_t dash = std::min(text.find('-'), text.size());
  list.remove_prefix(std::min(comma + 1, list.size()));
  Range range;
  if (!read_cpu(text.substr(0, dash), range.first)) return {};
  range.last = range.first;
  if (dash < text.size() && !read_cpu(text.substr(dash + 1), range.last)) return {};
  return range;
}

}  // namespace

std::string cpu_list(const std::vector<int>& cpus) {
  std::vector<int> sorted = cpus;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string list;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t last = first;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    if (!list.empty()) list += ',';
    list += std::to_string(sorted[first]);
    if (last > first) list += '-' + std::to_string(sorted[last]);
    first = last + 1;
  }
  return list;
}

std::uint64_t count_cpus(std::string_view list) {
  std::uint64_t count = 0;
  while (!list.empty()) {
    const Range range = first_range(list);
    if (range.first < 0) return 0;
    if (range.last >= range.first)
      count += static_cast<std::uint64_t>(range.last - range.first) + 1;
  }
  return count;
}

std::vector<int> cpus_of(std::string_view list) {
  std::vector<int> cpus;
  if (count_cpus(list) > most_cpus) return cpus;
  while (!list.empty()) {
    const Range range = first_range(list);
    if (range.first < 0) return {};
    for (int cpu = range.first; cpu <= range.last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace scalelab
