#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "drivers/common/board/times.hpp"
#include "drivers/common/machine/host.hpp"
#include "drivers/common/machine/stops.hpp"
#include "drivers/common/machine/usage.hpp"

namespace scalelab {

/// Who a worker is, as the system sees it. Plain bytes, as what follows.
struct WorkerFacts {
  std::int32_t pid = 0;          ///< 0: it has not said yet
  std::uint32_t cpu_count = 0;   ///< that it may run on,
  std::array<char, 248> cpus{};  ///< and which, as in "0-3,8"; cut if need be
  HostName host{};
};

/// What one worker says of one repetition. Plain bytes, so that it can lie in shared memory and
/// travel in a message.
struct WorkerReport {
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t tasks = 0;  ///< run to the end
  Times times{};            ///< with those of the dead whom it replaced
  Usage usage{};
  Interruption interruption{};
  double until = 0;  ///< what `times` account for, since the clock of its board began [s]
  std::uint64_t failed_task = none;  ///< the first that threw
  /// For the user, of what went wrong: one line, cut if need be.
  std::array<char, 832> message{};

  /// @param task  where it went wrong: of several reports the one with the first task is printed
  void fail(std::uint64_t task, std::string_view what);

  /// Its time from `until` to now was spent on this.
  void charge(double Times::*account, double now);
};

}  // namespace scalelab
