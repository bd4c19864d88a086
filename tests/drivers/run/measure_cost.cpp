// How something short is measured, and how it is shown.
#include <cmath>
#include <thread>

#include "drivers/common/run/measure_cost.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("costs: something that always takes the same is measured to be that") {
  for (const double truth : {1e-9, 3e-6, 0.5, 7.0}) {
    const Cost cost = measure_cost(
        "x", 64, [&](std::size_t count) { return truth * static_cast<double>(count); });
    CHECK(cost.name == "x");
    CHECK(cost.bytes == 64);
    REQUIRE(cost.seconds.size() == cost_samples);
    for (const double seconds : cost.seconds) CHECK(seconds == Approx(truth));
  }
}

TEST_CASE("costs: what is short is done so often that clock and begin do not matter") {
  // A clock that ticks once in 10 µs, and a begin that takes as long.
  const Cost cost = measure_cost("x", 0, [](std::size_t count) {
    return std::floor((1e-5 + 1e-7 * static_cast<double>(count)) * 1e5) * 1e-5;
  });
  for (const double seconds : cost.seconds) CHECK(std::abs(seconds - 1e-7) < 2e-9);
}

TEST_CASE("costs: what is long is not done more often than it has to be") {
  std::size_t calls = 0;
  measure_cost("x", 0, [&](std::size_t count) {
    calls += count;
    return static_cast<double>(count);
  });
  // One call may have been interrupted: it is asked five times what it takes, and measured once.
  CHECK(calls <= cost_samples + 5);
}

TEST_CASE("costs: a slow first call does not spoil the samples") {
  bool first = true;
  const Cost cost = measure_cost("x", 0, [&](std::size_t count) {
    const double once = std::exchange(first, false) ? 1.0 : 5e-8;  // the clock's own cost
    return once + 1e-8 * static_cast<double>(count);
  });
  for (const double seconds : cost.seconds) CHECK(seconds == Approx(1e-8).epsilon(0.01));
}

TEST_CASE("costs: calls are timed by the clock on the wall") {
  const double seconds =
      time_calls(5, [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  CHECK(seconds >= 0.010);
  CHECK(seconds < 1);
}

TEST_CASE("costs: people read one line of each, with its unit") {
  const std::vector<double> samples{1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6, 7e-6};
  const std::string lines =
      cost_lines({{"", "barrier", 0, samples}, {"", "broadcast", 4096, samples}});
  CHECK(lines ==
        "  costs       barrier                  4 µs (1 µs .. 7 µs)\n"
        "              broadcast, 4 KiB         4 µs (1 µs .. 7 µs)\n");
  CHECK(cost_lines({}).empty());
}
