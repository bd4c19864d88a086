#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace scalelab {

/// A stream of 32-bit random numbers of its own for each (seed, index): Philox4x32-10, a
/// counter-based generator. There is no state to hand from worker to worker, so task i draws the
/// same numbers wherever it runs. A UniformRandomBitGenerator (C++26: std::philox4x32).
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
class RandomStream {
 public:
  using result_type = std::uint32_t;
  using Block = std::array<std::uint32_t, 4>;

  RandomStream(std::uint64_t seed, std::uint64_t index) : seed_(seed), index_(index) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    if (used_ == block_.size()) {
      block_ = philox({low(number_), high(number_), low(index_), high(index_)},
                      {low(seed_), high(seed_)});
      ++number_;
      used_ = 0;
    }
    return block_[used_++];
  }

  /// Uniform in 0 .. n - 1, without bias; n > 0.
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
  std::uint32_t below(std::uint32_t n) {
    std::uint64_t product = std::uint64_t{(*this)()} * n;
    if (low(product) < n) {
      const std::uint32_t threshold = (0U - n) % n;
      while (low(product) < threshold) product = std::uint64_t{(*this)()} * n;
    }
    return high(product);
  }

  /// Ten rounds of the Philox bijection on a counter, under a key.
  static constexpr Block philox(Block counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
      counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
    return counter;
  }

 private:
  static constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t high(std::uint64_t x) {
    return static_cast<std::uint32_t>(x >> 32);
  }

  std::uint64_t seed_;
  std::uint64_t index_;
  std::uint64_t number_ = 0;  ///< of the next block
  Block block_{};
  std::size_t used_ = block_.size();
};

}  // namespace scalelab
