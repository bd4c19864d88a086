#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace scalelab {

/// So many threads that wait, as long as it lives: whoever has it knows that the system allows
/// them. An OpenMP library that cannot have its threads ends the program, with words of its own.
class ThreadProbe {
 public:
  /// @throws std::runtime_error if the system refuses one, saying what would help
  explicit ThreadProbe(std::size_t threads);
  ThreadProbe(const ThreadProbe&) = delete;
  ThreadProbe& operator=(const ThreadProbe&) = delete;
  ~ThreadProbe() { end(); }

 private:
  void end();

  std::mutex end_;  ///< held until they shall end
  std::vector<pthread_t> threads_;
};

}  // namespace scalelab
