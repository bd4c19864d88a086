#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

/// How often each cost is measured in a run.
constexpr std::size_t cost_samples = 11;

/// How long so many calls take, one after the other. [s]
template <class Call>
double time_calls(std::size_t count, const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Measures something that may take less than the clock can tell: each sample is the mean of as
/// many as last for 2 ms, so that neither the clock nor the begin of a sample matters. (Bull,
/// "Measuring synchronisation and scheduling overheads in OpenMP", EWOMP 1999.)
/// @param seconds_of  how long so many of them take; called some times more, to find how many [s]
Cost measure_cost(const std::string& name, std::uint64_t bytes,
                  const std::function<double(std::size_t count)>& seconds_of);

/// For people: a line of each cost, to be put below the summary.
std::string cost_lines(const std::vector<Cost>& costs);

}  // namespace scalelab
