#include "drivers/openmp/costs.hpp"

#include <omp.h>

#include <atomic>

#include "drivers/common/run/measure_cost.hpp"

namespace scalelab {

namespace {

double seconds_of_regions(int threads, std::size_t count) {
  return time_calls(count, [threads] {
#pragma omp parallel num_threads(threads)
    {
      // No instruction, but a compiler may leave out a region that has nothing in it.
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  });
}

double seconds_of_barriers(int threads, std::size_t count) {
  double seconds = 0;
#pragma omp parallel num_threads(threads)
  {
#pragma omp barrier
    const double own = time_calls(count, [] {
#pragma omp barrier
    });
    if (omp_get_thread_num() == 0) seconds = own;
  }
  return seconds;
}

}  // namespace

std::vector<Cost> costs_of_team(std::size_t threads) {
  if (threads == 1) return {};
  const int team = static_cast<int>(threads);
  return {
      measure_cost("region", 0, [&](std::size_t count) { return seconds_of_regions(team, count); }),
      measure_cost("barrier", 0,
                   [&](std::size_t count) { return seconds_of_barriers(team, count); })};
}

}  // namespace scalelab
