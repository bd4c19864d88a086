// Started by CTest on two ranks: broadcasts more than 2^31 bytes, of which MPI 3 can count no more
// in one call, and the same in small pieces. Needs 4.4 GB of memory, or says that it was skipped.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <vector>

#include "drivers/mpi/communicator.hpp"
#include "drivers/mpi/launcher.hpp"

namespace {

using namespace scalelab::mpi;

/// Another number at every place. Source: Vigna's SplitMix64.
std::uint64_t word(std::uint64_t place) {
  std::uint64_t x = (place + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  return x ^ (x >> 27);
}

/// @returns how many words are wrong on this rank
std::size_t wrong_after_broadcast(const Communicator& world, std::size_t words, std::size_t most) {
  std::vector<std::uint64_t> data(words);
  if (world.rank() == 0) {
    for (std::size_t i = 0; i < words; ++i) data[i] = word(i);
  }
  broadcast(world, std::as_writable_bytes(std::span(data)), most);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < words; ++i) wrong += data[i] != word(i) ? 1 : 0;
  return wrong;
}

int check_all(const Communicator& world) {
  std::size_t wrong = 0;
  for (const std::size_t most : {1U, 8U, 799U, 800U, 801U}) {
    wrong += wrong_after_broadcast(world, 100, most);
  }
  const auto memory =
      static_cast<double>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  const std::size_t large = (std::size_t{1} << 31) + 8 * 1000;  // [bytes]
  if (memory < 2.2 * static_cast<double>(large)) {
    if (world.rank() == 0) fmt::print("broadcast: skipped, only {:.1f} GB free\n", memory * 1e-9);
    return wrong == 0 ? 77 : 1;
  }
  wrong += wrong_after_broadcast(world, large / 8, std::size_t{1} << 30);
  if (wrong > 0) fmt::print("broadcast: {} words are wrong on rank {}\n", wrong, world.rank());
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int status = 1;
  {
    const Communicator world = Communicator::copy_of(MPI_COMM_WORLD);
    const int own = world.size() == 2 ? check_all(world) : 1;
    check(MPI_Allreduce(&own, &status, 1, MPI_INT, MPI_MAX, world.get()));
  }
  status = leave_status(status);
  MPI_Finalize();
  return status;
}
