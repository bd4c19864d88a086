#include "drivers/common/machine/openmp_variables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

namespace scalelab {

namespace {

constexpr const char* names[] = {
    "GOMP_CPU_AFFINITY", "KMP_AFFINITY",      "KMP_HW_SUBSET", "KMP_PLACE_THREADS",
    "OMP_NUM_THREADS",   "OMP_PLACES",        "OMP_PROC_BIND", "OMP_NUM_THREADS_ALL",
    "OMP_PLACES_ALL",    "OMP_PROC_BIND_ALL",
};
constexpr std::size_t most = 64;

/// What was found, before anything of C++ was there. The lines are the system's, and stay.
struct TakenOut {
  const char* lines[most];
  std::size_t count;
};

constinit TakenOut taken_out{};  // NOLINT: the environment belongs to the program, and so does this

// Called before libraries, and sanitizers, are ready: these two call nothing.
#define SCALELAB_BEFORE_LIBRARIES __attribute__((no_sanitize("address", "undefined")))

SCALELAB_BEFORE_LIBRARIES bool is_ours(const char* line) {
  for (const char* name : names) {
    std::size_t i = 0;
    while (name[i] != '\0' && name[i] == line[i]) ++i;
    if (name[i] == '\0' && line[i] == '=') return true;
  }
  return false;
}

SCALELAB_BEFORE_LIBRARIES void take_out(int, char**, char** environment) {
  char** kept = environment;
  for (char** line = environment; *line != nullptr; ++line) {
    if (!is_ours(*line)) {
      *kept++ = *line;
    } else if (taken_out.count < most) {
      taken_out.lines[taken_out.count++] = *line;
    }
  }
  *kept = nullptr;
}

// The C library of Linux calls these before it lets any shared library begin. Elsewhere, and with
// ThreadSanitizer, which has to be first, this is late for GCC's OpenMP and early for Clang's.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
[[gnu::section(".preinit_array"), gnu::used]] void (*const first_of_all)(int, char**,
                                                                         char**) = take_out;
#else
[[gnu::constructor(103)]] void before_main(int argc, char** argv, char** environment) {
  take_out(argc, argv, environment);
}
#endif

/// An empty one, and one that asks for nothing, would have changed nothing.
bool asks_for_something(std::string_view value) {
  return !value.empty() && value != "false" && value != "FALSE";
}

}  // namespace

std::vector<std::string> openmp_variables_taken_out() {
  std::vector<std::string> lines(taken_out.lines, taken_out.lines + taken_out.count);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string note_on_openmp_variables(const std::vector<std::string>& variables, bool of_number,
                                     bool of_places) {
  std::set<std::string> asked;
  for (const std::string& variable : variables) {
    const std::size_t end = variable.find('=');
    const std::string name = variable.substr(0, end);
    if (!(name.starts_with("OMP_NUM_THREADS") ? of_number : of_places)) continue;
    if (asks_for_something(variable.substr(end + 1))) asked.insert(name);
  }
  if (asked.empty()) return "";
  return fmt::format(
      "{} {} set, but no driver obeys {}: --workers says how many workers there are, --bind "
      "whether "
      "each has a core of its own",
      fmt::join(asked, ", "), asked.size() == 1 ? "is" : "are", asked.size() == 1 ? "it" : "them");
}

}  // namespace scalelab
