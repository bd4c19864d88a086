// stream [ROUNDS [MIB]]: the kernel `stream` beside a plain triad loop over arrays of the same
// size. In one process, alternating, one pass over all arrays each, the kernel's in 100 tasks: it
// must not be faster either, as it would be if it found its arrays in the cache. Prints medians in
// GB/s, counted alike (24 bytes per number), and the ratio.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "kernels/registry.hpp"

namespace {

using namespace scalelab;

template <class Body>
double seconds(const Body& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// As in STREAM, and not inlined, so that nothing is known of the arrays.
[[gnu::noinline]] void plain_triad(double* a, const double* b, const double* c, double s,
                                   std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) a[i] = b[i] + s * c[i];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  const std::size_t mib = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 256;
  constexpr std::size_t tasks = 100;                            // in one pass
  const std::size_t lines = (mib << 20) / 192 / tasks * tasks;  // of each array
  const std::size_t n = 8 * lines;

  const KernelDescription description = kernel_named("stream");
  OptionValues options;
  for (const Option& option : description.options) options.set(option.name, option.fallback, false);
  options.set("working-set", fmt::format("{}B", 192 * lines));
  options.set("task-units", fmt::format("{}", lines / tasks));
  options.set("tasks", fmt::format("{}", tasks));
  options.set("seed", "1");
  const auto kernel = description.make(options, {});
  const auto workspace = kernel->workspace();
  std::vector<double> a(n, 0.0);
  std::vector<double> b(n, 1.0);
  std::vector<double> c(n, 2.0);

  std::vector<double> plain_times;
  std::vector<double> kernel_times;
  std::vector<double> values(tasks);
  double sum = 0;
  for (int round = 0; round < rounds; ++round) {
    plain_times.push_back(
        seconds([&] { plain_triad(a.data(), b.data(), c.data(), round + 1.0, n); }));
    kernel_times.push_back(seconds([&] { kernel->run(0, tasks, *workspace, values); }));
    sum += values[0] + a[n - 1];
  }
  const auto rate = [&](double time) { return 24e-9 * static_cast<double>(n) / time; };
  const double plain = rate(median(plain_times));
  const double ours = rate(median(kernel_times));
  fmt::print("plain_triad {:.2f}\nstream {:.2f}\nratio {:.3f}\n", plain, ours, ours / plain);
  return sum > 0 ? 0 : 1;  // both are used, so neither is optimised away
}
