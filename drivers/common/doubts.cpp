#include "drivers/common/doubts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace scalelab {

std::string doubt_about_build() {
  constexpr std::string_view type = SCALELAB_BUILD_TYPE;
  constexpr std::string_view sanitizers = SCALELAB_SANITIZE;
  if (!sanitizers.empty()) {
    return fmt::format("built with sanitizers ({}): its times say nothing about speed", sanitizers);
  }
  if (type != "Release") {
    return fmt::format("a {} build: its times say nothing about speed",
                       type.empty() ? "plain" : type);
  }
  return "";
}

std::vector<std::string> doubts_about_run(const KernelDescription& kernel, Board& board,
                                          bool bound) {
  struct Host {
    std::size_t workers = 0;
    std::map<std::uint64_t, std::size_t> masks;  ///< sets of cores, and how many each holds
    std::size_t unbound = 0;
    std::map<int, std::size_t> on_core;
  };
  std::map<std::string, Host> hosts;
  const std::size_t workers = board.shape().workers;
  for (std::size_t w = 0; w < workers; ++w) {
    const WorkerFacts& self = board.report(w).self;
    Host& host = hosts[self.host.data()];
    ++host.workers;
    host.masks[self.mask] = self.cores;
    if (self.core < 0) {
      ++host.unbound;
    } else {
      ++host.on_core[self.core];
    }
  }
  std::vector<std::string> doubts;
  if (kernel.waits || workers == 1) return doubts;
  for (const auto& [name, host] : hosts) {
    // A launcher may give every process cores of its own.
    std::size_t cores = 0;
    for (const auto& [mask, size] : host.masks) cores += size;
    if (host.unbound > 0 && host.workers > cores) {
      doubts.push_back(
          fmt::format("{} workers share {} core{} of {}: no more can compute at a time",
                      host.workers, cores, cores == 1 ? "" : "s", name));
      continue;  // what follows is no wonder then
    }
    const auto crowded =
        std::max_element(host.on_core.begin(), host.on_core.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (crowded != host.on_core.end() && crowded->second > 1) {
      doubts.push_back(fmt::format("{} workers are bound to core {} of {}", crowded->second,
                                   crowded->first, name));
    }
    if (bound && host.unbound > 0) {
      doubts.push_back(fmt::format("not bound to a core: {} of {} workers on {} (--bind cores)",
                                   host.unbound, host.workers, name));
    }
  }
  return doubts;
}

}  // namespace scalelab
