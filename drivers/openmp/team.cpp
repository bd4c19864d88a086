#include "drivers/openmp/team.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

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

void need_openmp() {
#if defined(__clang__) && __clang_major__ < 18
  struct statvfs memory {};
  const std::size_t enough = std::size_t{1} << 16;  // of many processes: each takes a page
  if (access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &memory) == 0 &&
      memory.f_bavail * memory.f_frsize >= enough) {
    return;
  }
  throw std::runtime_error(
      "/dev/shm has no room: Clang's OpenMP needs 64 KiB of it, a kit built with GCC none");
#endif
}

Team::Team(const Assignment& assignment, Board& board, const Place& place)
    : workers_(place.threads) {
  omp_set_dynamic(0);  // exactly as many threads as asked for
  std::vector<std::string> errors(place.threads);
  in_parallel(place.threads, [&](std::size_t thread) {
    try {  // no exception may leave a parallel region
      workers_[thread] = std::make_unique<Worker>(assignment, board, place.first_worker + thread,
                                                  place.first_core + thread);
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
