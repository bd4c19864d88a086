#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <numeric>

#include "kernels/dummy_work/task_costs.hpp"
#include "tests/catch.hpp"
#include "tests/kernels/dummy_work/dummy.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

using Units = std::vector<std::uint64_t>;

const auto skews = {Skew::uniform, Skew::linear, Skew::exponential, Skew::pareto, Skew::one_giant};

/// Without a serial part.
TaskCosts costs_of(std::size_t tasks, std::uint64_t mean, Skew skew, SkewOrder order,
                   std::uint64_t seed) {
  return {tasks, split_work(tasks, mean, 0, tasks), skew, order, seed};
}

Units units_of(const TaskCosts& costs) {
  Units units(costs.tasks());
  for (std::size_t task = 0; task < units.size(); ++task) units[task] = costs.units(task);
  return units;
}

Units ascending(std::size_t tasks, std::uint64_t mean, Skew skew) {
  return units_of(costs_of(tasks, mean, skew, SkewOrder::ascending, 0));
}

/// The share of the total that the costliest fraction q of the tasks holds.
double top_share(const Units& units, double q) {
  const auto top = static_cast<std::ptrdiff_t>(std::lround(q * static_cast<double>(units.size())));
  const auto sum = [&](std::ptrdiff_t from) {
    return static_cast<double>(
        std::accumulate(units.begin() + from, units.end(), std::uint64_t{0}));
  };
  return sum(static_cast<std::ptrdiff_t>(units.size()) - top) / sum(0);
}

}  // namespace

TEST_CASE(
    "task costs: the total is tasks times mean, exactly, and every order has the same costs") {
  for (const std::size_t tasks : {1UL, 2UL, 3UL, 7UL, 1000UL, 4096UL}) {
    for (const std::uint64_t mean : {0UL, 1UL, 7UL, 1000UL, 123'457UL}) {
      for (const Skew skew : skews) {
        CAPTURE(tasks, mean, static_cast<int>(skew));
        const Units sorted = ascending(tasks, mean, skew);
        REQUIRE(std::accumulate(sorted.begin(), sorted.end(), std::uint64_t{0}) == tasks * mean);
        for (std::size_t i = 1; i < tasks; ++i) REQUIRE(sorted[i - 1] <= sorted[i] + 1);
        for (const std::uint64_t seed : {0UL, 1UL, 1UL << 40}) {
          const Units shuffled = units_of(costs_of(tasks, mean, skew, SkewOrder::shuffled, seed));
          REQUIRE(std::is_permutation(shuffled.begin(), shuffled.end(), sorted.begin()));
        }
      }
    }
  }
}

TEST_CASE("task costs: descending is ascending backwards, the longest task first") {
  for (const std::size_t tasks : {1UL, 2UL, 3UL, 7UL, 1000UL, 4096UL}) {
    for (const std::uint64_t mean : {0UL, 1UL, 7UL, 123'457UL}) {
      for (const Skew skew : skews) {
        CAPTURE(tasks, mean, static_cast<int>(skew));
        for (const std::uint64_t seed : {0UL, 5UL}) {
          Units units = units_of(costs_of(tasks, mean, skew, SkewOrder::descending, seed));
          // Rounded down, a cost may be one unit below that of a rank under it.
          REQUIRE(*std::max_element(units.begin(), units.end()) <= units.front() + 1);
          for (std::size_t i = 1; i < tasks; ++i) REQUIRE(units[i] <= units[i - 1] + 1);
          std::reverse(units.begin(), units.end());
          REQUIRE(units == ascending(tasks, mean, skew));
        }
      }
    }
  }
  // Linear costs of 4 tasks and a mean of 8: 32 (r² - (r - 1)²) / 16 for the ranks r = 4 .. 1.
  CHECK(units_of(costs_of(4, 8, Skew::linear, SkewOrder::descending, 1)) == Units{14, 10, 6, 2});
  const auto kernel =
      make("sleep",
           {{"tasks", "4"}, {"task-units", "8"}, {"skew", "linear"}, {"skew-order", "descending"}});
  CHECK(run(*kernel, 0, 4) == std::vector<double>{14, 10, 6, 2});
}

TEST_CASE("task costs: the shares of the costliest tasks lie on the Lorenz curve") {
  for (const double q : {0.001, 0.01, 0.1, 0.5}) {
    CAPTURE(q);
    const auto share = [&](Skew skew) { return top_share(ascending(1000, 1'000'000, skew), q); };
    CHECK(std::abs(share(Skew::uniform) - q) < 1e-9);
    CHECK(std::abs(share(Skew::linear) - (1 - (1 - q) * (1 - q))) < 1e-8);
    CHECK(std::abs(share(Skew::exponential) - (q - q * std::log(q))) < 1e-8);
    CHECK(std::abs(share(Skew::pareto) - std::cbrt(q)) < 1e-8);
  }
}

TEST_CASE("task costs: one giant holds three quarters, the others share the rest alike") {
  for (const std::size_t tasks : {2UL, 3UL, 10UL, 1000UL}) {
    const Units units = ascending(tasks, 1'000'000, Skew::one_giant);
    const double total = 1e6 * static_cast<double>(tasks);
    CHECK(std::abs(static_cast<double>(units.back()) - 0.75 * total) <= 1);
    const double other = 0.25 * total / static_cast<double>(tasks - 1);
    for (std::size_t i = 0; i + 1 < tasks; ++i) {
      REQUIRE(std::abs(static_cast<double>(units[i]) - other) <= 1);
    }
  }
}

TEST_CASE("task costs: total and longest task are known beforehand") {
  for (const std::size_t tasks : {1UL, 2UL, 7UL, 1000UL}) {
    for (const Skew skew : skews) {
      for (const SkewOrder order :
           {SkewOrder::ascending, SkewOrder::descending, SkewOrder::shuffled}) {
        const TaskCosts costs = costs_of(tasks, 12'345, skew, order, 3);
        const Units units = units_of(costs);
        const auto longest = static_cast<double>(*std::max_element(units.begin(), units.end()));
        CHECK(costs.work().total == 12'345.0 * static_cast<double>(tasks));
        CHECK(std::abs(costs.work().longest - longest) <= 1);
      }
    }
  }
}

TEST_CASE("task costs: shuffled tasks are in no order, and in another for another seed") {
  const std::size_t n = 4096;
  std::vector<Units> orders;
  for (const std::uint64_t seed : {0UL, 1UL, 2UL}) {
    orders.push_back(units_of(costs_of(n, 1000, Skew::linear, SkewOrder::shuffled, seed)));
    // Linear costs are ranks: their correlation with the task's number has the deviation 1/sqrt(n).
    double product = 0;
    double square = 0;
    for (std::size_t task = 0; task < n; ++task) {
      const double place = static_cast<double>(task) - 0.5 * (n - 1);
      product += place * (static_cast<double>(orders.back()[task]) - 1000);
      square += place * place;
    }
    const double slope_of_sorted = 2 * 1000.0 / n;
    CHECK(std::abs(product / (slope_of_sorted * square)) < 5 / std::sqrt(1.0 * n));
  }
  CHECK(orders[0] != orders[1]);
  CHECK(orders[1] != orders[2]);
  CHECK(orders[0] == units_of(costs_of(n, 1000, Skew::linear, SkewOrder::shuffled, 0)));
}

TEST_CASE("task costs: more work than a double can count is refused") {
  CHECK_THROWS_AS(split_work(1UL << 30, 1UL << 23, 0, 1UL << 30), UsageError);
  CHECK_NOTHROW(split_work(1UL << 30, (1UL << 23) - 1, 0, 1UL << 30));
  const std::string message =
      complaint("spin", {{"tasks", "1048576"}, {"task-units", "8589934592"}});
  CHECK(starts(message, "--task-units or --task-time: expected fewer than 2^53 units"));
}

TEST_CASE("sleep: a task lasts at least the time that it asked for, and says how long that was") {
  const auto kernel = make("sleep", {{"tasks", "5"}, {"task-units", "2000"}});
  CHECK(kernel->width() == kernel->columns().size() + kernel->counters().size());
  const auto begin = std::chrono::steady_clock::now();
  CHECK(run(*kernel, 0, 5) == std::vector<double>(5, 2000.0));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(10));
}

TEST_CASE("sleep: a unit is a microsecond, more than a second included") {
  CHECK(kernel_named("sleep").calibration->seconds_per_unit == std::optional(1e-6));
  const auto kernel = make("sleep", {{"task-units", "1100000"}});
  const auto begin = std::chrono::steady_clock::now();
  CHECK(run(*kernel, 0, 1)[0] == 1.1e6);
  const auto slept = std::chrono::steady_clock::now() - begin;
  CHECK(slept >= std::chrono::milliseconds(1100));
  CHECK(slept < std::chrono::milliseconds(1900));
}

TEST_CASE("sleep: skewed tasks together sleep the same time") {
  const auto kernel = make("sleep", {{"tasks", "20"}, {"task-units", "100"}, {"skew", "pareto"}});
  const std::vector<double> values = run(*kernel, 0, 20);
  CHECK(std::accumulate(values.begin(), values.end(), 0.0) == 2000);
  CHECK(kernel->work()->total == 2000);
  CHECK(std::abs(kernel->work()->longest - *std::max_element(values.begin(), values.end())) <= 1);
}

TEST_CASE("spin: its value is that of the recurrence it promises") {
  for (const std::uint64_t units : {0UL, 1UL, 3UL, 1000UL, 20'000UL}) {
    const auto kernel = make("spin", {{"tasks", "1030"}, {"task-units", std::to_string(units)}});
    for (const std::size_t task : {0UL, 1UL, 5UL, 1023UL, 1024UL, 1029UL}) {
      CAPTURE(units, task);
      const double expected = spin_value(task, units);
      CHECK(std::abs(run(*kernel, task, task + 1)[0] - expected) <= 1e-9 * expected);
    }
  }
}

TEST_CASE("spin: a range of tasks gives the values of its tasks one by one") {
  const auto kernel = make("spin", {{"tasks", "50"}, {"task-units", "20"}, {"skew", "linear"}});
  const std::vector<double> together = run(*kernel, 0, 50);
  for (std::size_t task = 0; task < 50; ++task) {
    CHECK(run(*kernel, task, task + 1)[0] == together[task]);
  }
}

TEST_CASE("spin: the time of a task is proportional to its units") {
  const auto seconds = [](const std::string& units) {
    const auto kernel = make("spin", {{"task-units", units}});
    double shortest = 1e9;
    for (int i = 0; i < 7; ++i) {  // CPU time: other programs may take the core away
      const std::clock_t begin = std::clock();
      run(*kernel, 0, 1);
      shortest = std::min(shortest, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return shortest;
  };
  const double ratio = seconds("1000000") / seconds("100000");
  CHECK(ratio > 5);
  CHECK(ratio < 20);
}

TEST_CASE("dummy work: tasks without any work are fine") {
  for (const char* name : {"sleep", "spin", "stream", "file-io"}) {
    for (const char* skew : {"uniform", "linear", "exponential", "pareto", "one-giant"}) {
      const auto kernel = make(name, {{"tasks", "9"}, {"task-units", "0"}, {"skew", skew}});
      CHECK(run(*kernel, 0, 9).size() == 9);
      CHECK(kernel->work()->total == 0);
    }
  }
}

TEST_CASE("dummy work: an option that makes no sense is refused by name") {
  for (const char* name : {"sleep", "spin", "stream", "file-io"}) {
    const std::string units = "10";
    CHECK(complaint(name, {{"task-units", units}, {"skew", "huge"}}) ==
          "--skew: expected uniform, linear, exponential, pareto or one-giant, got 'huge'");
    CHECK(complaint(name, {{"task-units", units}, {"skew-order", "sorted"}}) ==
          "--skew-order: expected shuffled, ascending or descending, got 'sorted'");
    CHECK(starts(complaint(name, {{"task-units", units}, {"tasks", "0"}}), "--tasks: expected"));
    CHECK(starts(complaint(name, {{"task-units", units}, {"seed", "x"}}), "--seed: expected"));
    for (const char* bad : {"", "-1", "1.5", "many"}) {
      CHECK(starts(complaint(name, {{"task-units", bad}}), "--task-units: expected"));
    }
  }
}

TEST_CASE("registry: an unknown kernel is refused with the names of those that are there") {
  std::string message;
  try {
    kernel_named("spn");
  } catch (const UsageError& error) {
    message = error.what();
  }
  CHECK(starts(message, "--kernel: expected "));
  CHECK(message.find("sleep") != std::string::npos);
  CHECK(message.find("got 'spn'") != std::string::npos);
}

TEST_CASE("dummy work: kernels that use up what workers share say what that is") {
  CHECK(kernel_named("stream").bound_by == "memory");
  CHECK(kernel_named("file-io").bound_by == "disk");
  for (const char* name : {"spin", "sleep", "many-models"}) {
    CHECK(kernel_named(name).bound_by.empty());
  }
}
