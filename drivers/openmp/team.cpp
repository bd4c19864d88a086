#include "drivers/openmp/team.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "drivers/common/machine/shared_memory.hpp"
#include "drivers/common/timed/failure.hpp"

namespace scalelab {

namespace {

template <class Body>
void in_parallel(std::size_t threads, const Body& body) {
  const int wanted = static_cast<int>(threads);
  int team = 0;
#pragma omp parallel num_threads(wanted)
  {
    if (omp_get_thread_num() == 0) team = omp_get_num_threads();
    // A smaller team would leave tasks undone.
    if (omp_get_num_threads() == wanted) body(static_cast<std::size_t>(omp_get_thread_num()));
  }
  if (team != wanted) {
    throw std::runtime_error(
        fmt::format("OpenMP started {} threads instead of {}: see OMP_THREAD_LIMIT", team, wanted));
  }
}

}  // namespace

void need_openmp(std::size_t processes) {
#if defined(__clang__) && __clang_major__ < 18  // the library is taken to be the compiler's
  const std::size_t needed = processes * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (free_shared_memory().value_or(0) >= needed) return;
  throw std::runtime_error(fmt::format(
      "/dev/shm has no room: the OpenMP of this build, Clang's, needs {} KiB of it", needed >> 10));
#endif
  static_cast<void>(processes);
}

Team::Team(const Assignment& assignment, Board& board, const Position& position)
    : workers_(position.threads) {
  omp_set_dynamic(0);  // exactly as many threads as asked for
  if (omp_get_max_active_levels() < 1) omp_set_max_active_levels(1);  // OMP_MAX_ACTIVE_LEVELS
  std::vector<std::string> errors(position.threads);
  in_parallel(position.threads, [&](std::size_t thread) {
    try {  // no exception may leave a parallel region
      workers_[thread] = std::make_unique<Worker>(assignment, board, position.first_worker + thread,
                                                  position.first_core + thread);
    } catch (...) {
      errors[thread] = what_is_thrown();
    }
  });
  for (const std::string& error : errors) {
    if (!error.empty()) throw std::runtime_error(error);
  }
}

void Team::work() {
  in_parallel(workers_.size(), [this](std::size_t thread) { workers_[thread]->work(); });
}

}  // namespace scalelab
