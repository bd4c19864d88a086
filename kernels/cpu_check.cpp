// Ends the program with one line and exit status 1 if this machine's processor lacks instructions
// that the kit was compiled for; else that would be a SIGILL somewhere. Linked into every program,
// runs before anything else. Compiled itself for the oldest processor of its kind.
#include <unistd.h>

#include <string_view>

namespace scalelab {

namespace {

#if defined(__x86_64__)
bool has_what_was_compiled_for() {
  constexpr std::string_view arch = SCALELAB_ARCH;
  __builtin_cpu_init();
  if (arch == "x86-64-v2")
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
  if (arch == "x86-64-v3" || arch == "x86-64-v4") {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           (arch == "x86-64-v3" ||
            (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")));
  }
  return true;
}
#else
bool has_what_was_compiled_for() { return true; }
#endif

// Priority 101 is the first that a program may use.
[[gnu::constructor(101)]] void check_before_anything_else() {
  if (has_what_was_compiled_for()) return;
  constexpr std::string_view message =
      "scalelab: this processor is older than " SCALELAB_ARCH
      ", which the kit was compiled for: configure with -DSCALELAB_ARCH=x86-64\n";
  if (write(STDERR_FILENO, message.data(), message.size()) < 0) _exit(1);
  _exit(1);
}

}  // namespace

}  // namespace scalelab
