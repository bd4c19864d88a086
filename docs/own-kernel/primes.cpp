// Counts primes the simple way. The larger the numbers, the longer it takes: whoever gets the last
// tasks has most to do. Which schedule is good at that?
#include "kernels/description.hpp"

namespace scalelab {

namespace {

bool is_prime(std::uint64_t n) {
  if (n < 2) return false;
  for (std::uint64_t divisor = 2; divisor * divisor <= n; ++divisor) {
    if (n % divisor == 0) return false;
  }
  return true;
}

class Primes final : public Kernel {
 public:
  explicit Primes(const OptionValues& options)
      : tasks_(options.whole("tasks")), span_(options.whole("span", 1, 1'000'000)) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 1; }  // values per task
  std::vector<std::string> columns() const override { return {"primes"}; }

  // Task i looks at the numbers from i * span up to (i + 1) * span - 1.
  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      std::uint64_t primes = 0;
      for (std::uint64_t n = task * span_; n < (task + 1) * span_; ++n)
        primes += is_prime(n) ? 1 : 0;
      values[task - first] = static_cast<double>(primes);
    }
  }

 private:
  std::uint64_t tasks_;
  std::uint64_t span_;
};

}  // namespace

KernelDescription describe_primes() {
  return {.name = "primes",
          .summary = "counts primes by trial division; later tasks take longer",
          .options = {{"span", "1000", "numbers that each task looks at"}},
          .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
            return std::make_unique<Primes>(options);
          }};
}

}  // namespace scalelab
