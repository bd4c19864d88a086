#include "drivers/common/run/stopping_rule.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/options.hpp"
#include "results/statistics/statistics.hpp"
#include "tests/catch.hpp"
#include "tests/results/statistics/noise.hpp"

using namespace scalelab;

namespace {

std::string complaint(const std::string& text) {
  try {
    return "accepted: " + stopping_rule_of(text).text();
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// After how many of these the rule ends, asked after each as the timed loop does.
std::size_t end_of(const StoppingRule& repetitions, const std::vector<double>& seconds) {
  for (std::size_t n = 0; n <= seconds.size(); ++n) {
    if (repetitions.enough({seconds.data(), n}, n)) return n;
  }
  return seconds.size() + 1;
}

/// The part of simulated runs whose final interval holds the true median.
/// @param spread  of the noise, as a part of the median
double coverage(const StoppingRule& repetitions, const Noise& noise, double spread, int rounds) {
  std::mt19937_64 random(2015);
  int hits = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> seconds;
    while (!repetitions.enough(seconds, seconds.size())) {
      seconds.push_back(1 + spread * (noise.draw(random) - noise.median));
    }
    const Median median = median_of(seconds);
    hits += median.low <= 1 && 1 <= median.high ? 1 : 0;
  }
  return static_cast<double>(hits) / rounds;
}

}  // namespace

TEST_CASE("repetitions: a number is that many") {
  const StoppingRule ten = stopping_rule_of("10");
  CHECK(ten.most() == 10);
  CHECK(ten.text() == "10");
  CHECK(end_of(ten, std::vector<double>(20, 1.0)) == 10);
  CHECK(end_of(stopping_rule_of("1"), {1, 1}) == 1);
}

TEST_CASE("repetitions: a rule is written as it can be typed") {
  CHECK(stopping_rule_of("auto:2%").text() == "auto:0.02:100");
  CHECK(stopping_rule_of("auto:0.02").text() == "auto:0.02:100");
  CHECK(stopping_rule_of("auto:0.7%:500").text() == "auto:0.007:500");
  CHECK(stopping_rule_of("auto:0.7%:500").most() == 500);
  CHECK(stopping_rule_of(stopping_rule_of("auto:3%:6").text()).text() == "auto:0.03:6");
}

TEST_CASE("repetitions: what is neither a number nor a rule is refused in one line") {
  for (const char* text : {"", "0", "-1", "1.5", "10x", "1000001", "auto", "Auto:2%", "2%"}) {
    CAPTURE(text);
    CHECK(complaint(text) ==
          "--repetitions: expected a whole number from 1 to 1000000, or "
          "auto:WIDTH[:MOST] as in auto:2%:100, got '" +
              std::string(text) + "'");
  }
  for (const char* text : {"auto:", "auto:0", "auto:2", "auto:-1%", "auto:nan", "auto:60%",
                           "auto:2%%", "auto::100", "auto:0.001%", "auto:inf"}) {
    CAPTURE(text);
    CHECK(complaint(text) ==
          "--repetitions: expected a width from 0.01% to 50%, as in auto:2%, got '" +
              std::string(text) + "'");
  }
  for (const char* text :
       {"auto:2%:", "auto:2%:5", "auto:2%:1e3", "auto:2%:100:1", "auto:2%:1000001"}) {
    CAPTURE(text);
    CHECK(
        complaint(text) ==
        "--repetitions: expected at most from 6 to 1000000 repetitions, as in auto:2%:100, got '" +
            std::string(text) + "'");
  }
}

TEST_CASE("repetitions: the rule ends when half of the interval is narrow enough") {
  // Of six the interval goes from the smallest to the largest; the median is 1.
  const StoppingRule rule = stopping_rule_of("auto:2%");
  CHECK(end_of(rule, {1, 1, 0.98125, 1.01875, 1, 1, 5}) == 6);
  std::vector<double> wide{1, 1, 0.96875, 1.03125, 1, 1, 1, 1, 1, 1};
  CHECK(end_of(rule, wide) == 9);  // second smallest to second largest: no width at all
  CHECK(end_of(rule, {wide.begin(), wide.begin() + 8}) == 9);  // not yet
  CHECK(end_of(stopping_rule_of("auto:4%"), wide) == 6);
}

TEST_CASE("repetitions: those that do not count end no rule, but are so many done") {
  const std::vector<double> narrow(6, 1.0);
  const StoppingRule rule = stopping_rule_of("auto:2%:40");
  CHECK(rule.enough(narrow, 6));
  CHECK(rule.enough(narrow, 9));
  CHECK_FALSE(rule.enough({narrow.data(), 5}, 6));  // of six a worker died in one
  CHECK_FALSE(rule.enough({narrow.data(), 5}, 39));
  CHECK(rule.enough({narrow.data(), 5}, 40));
  CHECK(stopping_rule_of("6").enough({narrow.data(), 5}, 6));
}

TEST_CASE("repetitions: the rule looks at some numbers only, and ends at the most") {
  // Narrow from the n-th repetition on, but judged at the next look.
  const StoppingRule rule = stopping_rule_of("auto:1%:40");
  std::vector<std::size_t> ends;
  for (std::size_t wide = 0; wide < 40; ++wide) {
    std::vector<double> seconds(100, 1.0);
    for (std::size_t i = 0; i < wide; ++i) seconds[i] = i % 2 == 0 ? 0.5 : 1.5;
    ends.push_back(end_of(rule, seconds));
  }
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  CHECK(ends == std::vector<std::size_t>{6, 9, 13, 19, 27, 38, 40});
}

TEST_CASE(
    "repetitions: an interval at the end of the rule holds the median nearly as often as 95 %") {
  // The noise that is worst for the rule, found by simulating many levels: see repetitions.hpp.
  const StoppingRule rule = stopping_rule_of("auto:2%");
  for (const Noise& noise : noises()) {
    for (const double spread : {0.025, 0.06, 0.1}) {
      CAPTURE(noise.name, spread);
      const double covered = coverage(rule, noise, spread, 10'000);
      CAPTURE(covered);
      CHECK(covered > 0.93);
      CHECK(covered < 0.985);
    }
  }
}
