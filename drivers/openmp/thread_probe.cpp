#include "drivers/openmp/thread_probe.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "drivers/common/machine/process_limits.hpp"

namespace scalelab {

namespace {

/// "4M", and "4096" is in KiB; 0: it is no size.
std::size_t stack_bytes_in(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{}) return 0;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  int shift = 10;
  if (unit == "B" || unit == "b") shift = 0;
  if (unit == "M" || unit == "m") shift = 20;
  if (unit == "G" || unit == "g") shift = 30;
  const std::uint64_t most = std::numeric_limits<std::size_t>::max() >> shift;
  return size > most ? 0 : static_cast<std::size_t>(size << shift);
}

/// As the libraries of GCC and Clang do for their threads.
void choose_stack(pthread_attr_t& attributes) {
  for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE", "KMP_STACKSIZE"}) {
    const char* text = std::getenv(name);
    const std::size_t bytes = text == nullptr ? 0 : stack_bytes_in(text);
    // Too small a size is refused, here and there: then it stays as it was.
    if (bytes > 0 && pthread_attr_setstacksize(&attributes, bytes) == 0) return;
  }
}

void* wait_for_end(void* end) {
  const std::lock_guard lock(*static_cast<std::mutex*>(end));
  return nullptr;
}

}  // namespace

ThreadProbe::ThreadProbe(std::size_t threads) {
  threads_.reserve(threads);
  pthread_attr_t how;
  pthread_attr_init(&how);
  choose_stack(how);
  std::size_t stack = least_stack;
  pthread_attr_getstacksize(&how, &stack);
  try {
    if (threads > 0) require_stack(stack);
  } catch (...) {
    pthread_attr_destroy(&how);
    throw;
  }
  end_.lock();
  int error = 0;
  while (threads_.size() < threads && error == 0) {
    pthread_t thread{};
    error = pthread_create(&thread, &how, wait_for_end, &end_);
    if (error == 0) threads_.push_back(thread);
  }
  pthread_attr_destroy(&how);
  if (error == 0) return;
  const std::size_t allowed = threads_.size();
  end();
  throw std::runtime_error(fmt::format(
      "the system refuses thread {} of {} ({}): fewer workers would help, or another limit of "
      "processes (ulimit -u), of a stack (ulimit -s, OMP_STACKSIZE) or of memory (ulimit -v)",
      allowed + 2, threads + 1, std::generic_category().message(error)));
}

void ThreadProbe::end() {
  end_.unlock();
  for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
  threads_.clear();
}

}  // namespace scalelab
