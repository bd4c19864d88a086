#include "drivers/mpi/costs.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

#include "drivers/common/run/measure_cost.hpp"

namespace scalelab::mpi {

namespace {

constexpr std::uint64_t smallest_message = 8;
constexpr std::uint64_t largest_message = std::uint64_t{1} << 24;
/// Of one call: with eight times the bytes it would take too long. [s]
constexpr double long_time = 0.01;

/// Collective: what rank 0 has.
std::uint64_t agree(const Communicator& ranks, std::uint64_t number) {
  broadcast(ranks, std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

/// Collective: all ranks call at the same time, as often as rank 0 says. Between the samples they
/// wait politely, since not all of them may have a core.
/// @returns what rank 0 has measured; elsewhere no samples
Cost measure(const Communicator& ranks, const char* name, std::uint64_t bytes,
             const std::function<void()>& call) {
  const auto seconds_of = [&](std::size_t count) {
    barrier(ranks);
    check(MPI_Barrier(ranks.get()));  // from the polite one some come late
    return time_calls(count, call);
  };
  Cost cost;
  if (ranks.rank() == 0) {
    cost = measure_cost(name, bytes,
                        [&](std::size_t count) { return seconds_of(agree(ranks, count)); });
    agree(ranks, 0);
  } else {
    while (const std::uint64_t count = agree(ranks, 0)) seconds_of(count);
  }
  return cost;
}

/// A message of so many bytes, there or back.
void pass(const Communicator& ranks, std::vector<std::byte>& message, int from, int to) {
  const int size = static_cast<int>(message.size());
  if (ranks.rank() == from) {
    check(MPI_Send(message.data(), size, MPI_BYTE, to, 0, ranks.get()));
  } else if (ranks.rank() == to) {
    check(MPI_Recv(message.data(), size, MPI_BYTE, from, 0, ranks.get(), MPI_STATUS_IGNORE));
  }
}

Cost cost_of_broadcast(const Communicator& ranks, std::uint64_t bytes) {
  std::vector<std::byte> message(bytes);
  return measure(ranks, "broadcast", bytes, [&] {
    check(MPI_Bcast(message.data(), static_cast<int>(bytes), MPI_BYTE, 0, ranks.get()));
    check(MPI_Barrier(ranks.get()));
  });
}

Cost cost_of_ping_pong(const Communicator& ranks, std::uint64_t bytes) {
  std::vector<std::byte> message(bytes);
  const int last = ranks.size() - 1;
  Cost cost = measure(ranks, "ping-pong", bytes, [&] {
    pass(ranks, message, 0, last);
    pass(ranks, message, last, 0);
  });
  for (double& seconds : cost.seconds) seconds /= 2;
  return cost;
}

}  // namespace

std::vector<Cost> costs_of(const Communicator& ranks) {
  std::vector<Cost> costs;
  if (ranks.size() == 1) return costs;
  costs.push_back(measure(ranks, "barrier", 0, [&] { check(MPI_Barrier(ranks.get())); }));
  costs.push_back(measure(ranks, "polite-barrier", 0, [&] { barrier(ranks); }));
  for (const auto cost_of : {cost_of_broadcast, cost_of_ping_pong}) {
    for (std::uint64_t bytes = smallest_message; bytes <= largest_message; bytes *= 8) {
      costs.push_back(cost_of(ranks, bytes));
      const bool is_long = ranks.rank() == 0 && std::ranges::min(costs.back().seconds) > long_time;
      if (agree(ranks, is_long ? 1 : 0) != 0) break;
    }
  }
  if (ranks.rank() != 0) costs.clear();
  return costs;
}

}  // namespace scalelab::mpi
