#include <cmath>
#include <numeric>

#include "kernels/dummy_work/task_costs.hpp"
#include "results/record/digest.hpp"
#include "tests/catch.hpp"
#include "tests/kernels/dummy_work/dummy.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

using Values = std::vector<double>;

const auto skews = {Skew::uniform, Skew::linear, Skew::exponential, Skew::pareto, Skew::one_giant};

/// `sleep`, whose values are the units of its tasks, in ascending order.
Texts asleep(const char* tasks, const char* units, const char* fraction, const char* skew) {
  return {{"tasks", tasks},
          {"task-units", units},
          {"serial-fraction", fraction},
          {"skew", skew},
          {"skew-order", "ascending"}};
}

/// The serial part, and then the tasks [units].
Values units_of(const Texts& given) {
  const auto kernel = make("sleep", given);
  Values units{run_serial(*kernel)};
  for (const double value : run(*kernel, 0, kernel->tasks())) units.push_back(value);
  return units;
}

Values units_of(const char* tasks, const char* units, const char* fraction,
                const char* skew = "uniform") {
  return units_of(asleep(tasks, units, fraction, skew));
}

}  // namespace

TEST_CASE("serial fraction: of a total of N u units, round(F N u) are serial, the rest is shared") {
  CHECK(units_of("4", "100", "0.1") == Values{40, 90, 90, 90, 90});
  CHECK(units_of("4", "100", "0") == Values{0, 100, 100, 100, 100});
  CHECK(units_of("2", "1000", "0.999") == Values{1998, 1, 1});
  CHECK(units_of("1", "8", "0.25") == Values{2, 6});
  CHECK(units_of("1", "7", "0.5") == Values{4, 3});           // 3.5 is rounded up
  CHECK(units_of("4", "1", "0.9") == Values{4, 0, 0, 0, 0});  // 3.6 too: nothing is left
  CHECK(units_of("3", "0", "0.5") == Values{0, 0, 0, 0});
}

TEST_CASE("serial fraction: what N tasks cannot share alike, they share as evenly as can be") {
  // floor(T (r + 1) / N) - floor(T r / N)
  CHECK(units_of("3", "7", "0.25") == Values{5, 5, 5, 6});          // T = 21 - 5 = 16
  CHECK(units_of("5", "1", "0.5") == Values{3, 0, 0, 1, 0, 1});     // T = 5 - 3 = 2
  CHECK(units_of("4", "3", "0.8") == Values{10, 0, 1, 0, 1});       // T = 12 - 10 = 2
  CHECK(units_of("6", "2", "0.4") == Values{5, 1, 1, 1, 1, 1, 2});  // T = 12 - 5 = 7
}

TEST_CASE("serial fraction: skewed tasks share what is left by their Lorenz curve") {
  // T = 32: 32 (r² - (r - 1)²) / 16
  CHECK(units_of("4", "16", "0.5", "linear") == Values{32, 2, 6, 10, 14});
  // T = 12: the giant has 9, the others 3: floor(1.5) and what is left
  CHECK(units_of("3", "8", "0.5", "one-giant") == Values{12, 1, 2, 9});
  // T = 1000: L(1/2) = 1/2 + 1/2 ln(1/2) = 0.15343
  CHECK(units_of("2", "1000", "0.5", "exponential") == Values{1000, 153, 847});
  // T = 100: L(7/8) = 1 - (1/8)^(1/3) = 1/2
  CHECK(units_of("8", "25", "0.5", "pareto").back() == 50);
}

TEST_CASE("serial fraction: serial part and tasks add up to the total, exactly") {
  for (const std::size_t tasks : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    for (const std::uint64_t mean : {0UL, 1UL, 7UL, 123'457UL}) {
      for (const double fraction : {0.0, 0.01, 0.1, 1.0 / 3, 0.5, 0.77, 0.999999}) {
        for (const Skew skew : skews) {
          for (const SkewOrder order : {SkewOrder::ascending, SkewOrder::shuffled}) {
            CAPTURE(tasks, mean, fraction, static_cast<int>(skew));
            const TaskCosts costs(tasks, split_work(tasks, mean, fraction, tasks), skew, order, 5);
            std::uint64_t sum = 0;
            std::uint64_t longest = 0;
            for (std::size_t task = 0; task < tasks; ++task) {
              sum += costs.units(task);
              longest = std::max(longest, costs.units(task));
            }
            REQUIRE(costs.serial_units() + sum == tasks * mean);
            REQUIRE(std::abs(static_cast<double>(costs.serial_units()) -
                             fraction * static_cast<double>(tasks * mean)) <= 0.5);
            REQUIRE(costs.work().total == static_cast<double>(sum));
            REQUIRE(costs.work().serial == static_cast<double>(costs.serial_units()));
            REQUIRE(std::abs(costs.work().longest - static_cast<double>(longest)) <= 1);
          }
        }
      }
    }
  }
}

TEST_CASE("serial fraction: uniform costs are exact for as many tasks as there may be") {
  const std::size_t tasks = std::size_t{1} << 48;
  // One unit and a half for each: 1, 2, 1, 2, ...
  const TaskCosts costs(tasks, {0, tasks + tasks / 2}, Skew::uniform, SkewOrder::shuffled, 1);
  for (const std::size_t task : {std::size_t{0}, (std::size_t{1} << 33) + 2, tasks - 2}) {
    CHECK(costs.units(task) == 1);
    CHECK(costs.units(task + 1) == 2);
  }
  CHECK(costs.work().longest == 2);
}

TEST_CASE("serial fraction: in weak scaling the serial part is that of one worker") {
  const auto weak = [](const char* tasks, const char* per_worker, const char* units,
                       const char* fraction) {
    Texts given = asleep(tasks, units, fraction, "uniform");
    given["tasks-per-worker"] = per_worker;
    return units_of(given);
  };
  CHECK(weak("2", "2", "100", "0.1") == Values{20, 90, 90});
  CHECK(weak("4", "2", "100", "0.1") == Values{20, 90, 90, 90, 90});
  CHECK(weak("6", "2", "100", "0.1") == Values{20, 90, 90, 90, 90, 90, 90});
  // Of one worker's 21 units, 5 are serial, so two workers share 2 · 16.
  CHECK(weak("6", "3", "7", "0.25") == Values{5, 5, 5, 6, 5, 5, 6});
  // Not given: strong scaling.
  CHECK(weak("4", "", "100", "0.1") == Values{40, 90, 90, 90, 90});
  CHECK(complaint("sleep", {{"tasks", "7"}, {"task-units", "1"}, {"tasks-per-worker", "2"}}) ==
        "--tasks-per-worker: expected a divisor of the 7 tasks, got '2'");
}

TEST_CASE("serial fraction: the serial part runs the same code as a task") {
  const Texts given{{"tasks", "10"}, {"task-units", "20"}, {"serial-fraction", "0.25"}};
  CHECK(run_serial(*make("sleep", given)) == 50);
  CHECK(run_serial(*make("spin", given)) == spin_value(0, 50));
  for (const char* name : {"stream", "file-io"}) {  // what task 0 of 50 units would be
    CHECK(run_serial(*make(name, given)) == run(*make(name, {{"task-units", "50"}}), 0, 1)[0]);
    CHECK(run_serial(*make(name, given)) != 0);
    CHECK(make(name, given)->work()->serial == 50);
    CHECK(make(name, given)->work()->total == 150);
    CHECK(make(name, given)->work()->longest == 15);
  }
}

TEST_CASE("serial fraction: none, and all is as it was before there was one") {
  // Digests of version 0.1.0 without --serial-fraction: --task-units 13 --tasks 1001 --seed 3
  const auto digest_of = [](const char* skew, const char* order) {
    const auto kernel = make("sleep", {{"tasks", "1001"},
                                       {"task-units", "13"},
                                       {"seed", "3"},
                                       {"skew", skew},
                                       {"skew-order", order}});
    CHECK(kernel->work()->serial == 0);
    return digest(run(*kernel, 0, 1001));
  };
  CHECK(digest_of("uniform", "shuffled") == 0x6943db0c93b2cb6f);
  CHECK(digest_of("linear", "shuffled") == 0x7f9394f76ef9f037);
  CHECK(digest_of("linear", "ascending") == 0xfec9ae23ee0f6a3f);
  CHECK(digest_of("linear", "descending") == 0x39aa15274e34cf2b);
  CHECK(digest_of("exponential", "shuffled") == 0xf685b635ad562162);
  CHECK(digest_of("pareto", "shuffled") == 0xa1e40b44b89182f6);
  CHECK(digest_of("one-giant", "shuffled") == 0x97c3161d85faac06);
}

TEST_CASE("serial fraction: what is no share is refused with one line") {
  for (const char* name : {"sleep", "spin", "stream", "file-io"}) {
    for (const char* bad : {"", "-0.1", "1", "1.5", "nan", "inf", "half", "10%"}) {
      CHECK(complaint(name, {{"task-units", "10"}, {"serial-fraction", bad}}) ==
            std::string("--serial-fraction: expected a number of at least 0 and less than 1, "
                        "got '") +
                bad + "'");
    }
  }
}
