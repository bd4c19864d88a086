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
    std::size_t cores = 0;
    std::size_t unbound = 0;
    std::map<int, std::size_t> on_core;
  };
  std::map<std::string, Host> hosts;
  const std::size_t workers = board.shape().workers;
  for (std::size_t w = 0; w < workers; ++w) {
    const WorkerReport& report = board.report(w);
    Host& host = hosts[report.host.data()];
    ++host.workers;
    host.cores = std::max<std::size_t>(host.cores, report.cores);
    if (report.core < 0) {
      ++host.unbound;
    } else {
      ++host.on_core[report.core];
    }
  }
  std::vector<std::string> doubts;
  if (kernel.waits || workers == 1) return doubts;
  for (const auto& [name, host] : hosts) {
    if (host.unbound > 0 && host.workers > host.cores) {
      doubts.push_back(
          fmt::format("{} workers share {} core{} of {}: no more can compute at a time",
                      host.workers, host.cores, host.cores == 1 ? "" : "s", name));
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
      doubts.push_back(fmt::format("{} of {} workers on {} not bound to a core: --bind cores",
                                   host.unbound, host.workers, name));
    }
  }
  return doubts;
}

}  // namespace scalelab
