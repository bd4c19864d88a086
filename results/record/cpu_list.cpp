#include "results/record/cpu_list.hpp"

#include <algorithm>
#include <charconv>

namespace scalelab {

namespace {

constexpr int most_cpus = 1 << 20;  // a mistyped list shall not fill the memory

bool read_cpu(std::string_view text, int& cpu) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  return error == std::errc{} && end == text.data() + text.size() && cpu >= 0 && cpu < most_cpus;
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

std::vector<int> cpus_of(std::string_view list) {
  std::vector<int> cpus;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view range = list.substr(0, comma);
    const std::size_t dash = std::min(range.find('-'), range.size());
    int first = 0;
    int last = 0;
    if (!read_cpu(range.substr(0, dash), first)) return {};
    if (dash == range.size()) {
      last = first;
    } else if (!read_cpu(range.substr(dash + 1), last)) {
      return {};
    }
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return cpus;
}

}  // namespace scalelab
