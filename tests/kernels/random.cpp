#include "kernels/random.hpp"

#include <cmath>
#include <cstdlib>
#include <random>
#include <set>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

using Block = RandomStream::Block;

/// Sum of (observed - expected)² / expected over equally likely cells.
double chi_square(const std::vector<std::uint64_t>& cells) {
  double draws = 0;
  for (const std::uint64_t count : cells) draws += static_cast<double>(count);
  const double expected = draws / static_cast<double>(cells.size());
  double sum = 0;
  for (const std::uint64_t count : cells) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

/// The first block of a stream.
std::vector<std::uint32_t> beginning(std::uint64_t seed, std::uint64_t index) {
  RandomStream stream(seed, index);
  return {stream(), stream(), stream(), stream()};
}

}  // namespace

// Source: Random123 1.14, tests/kat_vectors, philox4x32 with 10 rounds.
TEST_CASE("random: Philox4x32-10 gives the published known answers") {
  CHECK(RandomStream::philox({0, 0, 0, 0}, {0, 0}) ==
        Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(RandomStream::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                             {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(RandomStream::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                             {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random: stream 0 of seed 0 begins with the published block") {
  CHECK(beginning(0, 0) ==
        std::vector<std::uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
}

TEST_CASE("random: equal seed and index, equal numbers") {
  RandomStream a(42, 7);
  RandomStream b(42, 7);
  for (int i = 0; i < 1000; ++i) REQUIRE(a() == b());
}

TEST_CASE("random: all 64 bits of seed and index make a different stream") {
  std::set<std::vector<std::uint32_t>> seen;
  std::size_t streams = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 1ULL << 32, 1ULL << 63}) {
    for (std::uint64_t index = 0; index < 1000; ++index) {
      seen.insert(beginning(seed, index));
      seen.insert(beginning(seed, index + (1ULL << 32)));
      seen.insert(beginning(seed, ~index));
      streams += 3;
    }
  }
  CHECK(seen.size() == streams);
}

TEST_CASE("random: streams do not overlap within a million numbers") {
  // A shared sequence of 64 bits would show: by chance one pair of 500,000 collides in 10^8 runs.
  std::set<std::uint64_t> seen;
  for (std::uint64_t index = 0; index < 2; ++index) {
    RandomStream stream(1, index);
    for (int i = 0; i < 250'000; ++i) {
      const std::uint64_t high = stream();
      seen.insert(high << 32 | stream());
    }
  }
  CHECK(seen.size() == 500'000);
}

TEST_CASE("random: below(n) stays below n and reaches every number") {
  RandomStream stream(3, 1);
  for (const std::uint32_t n : {1U, 2U, 3U, 10U, 100U}) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 5000; ++i) {
      const std::uint32_t x = stream.below(n);
      REQUIRE(x < n);
      seen.insert(x);
    }
    CHECK(seen.size() == n);
  }
  for (const std::uint32_t n : {0x80000000U, 0xC0000000U, 0xFFFFFFFFU}) {
    for (int i = 0; i < 5000; ++i) REQUIRE(stream.below(n) < n);
  }
}

TEST_CASE("random: below(n) is uniform") {
  RandomStream stream(20240101, 5);
  std::vector<std::uint64_t> cells(100, 0);
  for (int i = 0; i < 500'000; ++i) ++cells[stream.below(100)];
  // 0.05 % and 99.95 % of chi-square with 99 degrees of freedom: too even is wrong as well.
  CHECK(chi_square(cells) > 58.0);
  CHECK(chi_square(cells) < 152.0);
}

TEST_CASE("random: below(n) has no bias where n is no divisor of 2^32") {
  // Without a rejection every third number of 3 · 2^30 would come twice as often.
  RandomStream stream(20240101, 6);
  std::vector<std::uint64_t> cells(3, 0);
  for (int i = 0; i < 100'000; ++i) ++cells[stream.below(0xC0000000U) % 3];
  CHECK(chi_square(cells) < 15.2);  // 99.95 % with 2 degrees of freedom
}

TEST_CASE("random: the bits of neighbouring streams are even and independent") {
  // Every bit of the first number of many streams, and whether it equals that of the next stream.
  const int streams = 100'000;
  std::vector<int> ones(32, 0);
  std::vector<int> equal(32, 0);
  std::uint32_t before = RandomStream(9, 0)();
  for (std::uint64_t index = 1; index <= static_cast<std::uint64_t>(streams); ++index) {
    const std::uint32_t word = RandomStream(9, index)();
    for (unsigned bit = 0; bit < 32; ++bit) {
      ones[bit] += static_cast<int>(word >> bit & 1U);
      equal[bit] += static_cast<int>(~(word ^ before) >> bit & 1U);
    }
    before = word;
  }
  // Five standard deviations of a binomial are 5 · sqrt(100000) / 2 = 791.
  for (std::size_t bit = 0; bit < 32; ++bit) {
    CHECK(std::abs(ones[bit] - streams / 2) < 791);
    CHECK(std::abs(equal[bit] - streams / 2) < 791);
  }
}

TEST_CASE("random: a stream feeds the distributions of the standard library") {
  RandomStream stream(11, 2);
  std::normal_distribution<double> normal;
  const int n = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = normal(stream);
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / n) < 5 / std::sqrt(1.0 * n));
  CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2.0 / n));
}
