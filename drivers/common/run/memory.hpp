#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/board/board_shape.hpp"
#include "kernels/kernel.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// How many times the data set and the board lie in the memory: more than once where
/// ranks cannot share them, for want of room in /dev/shm.
struct Copies {
  std::size_t data = 1;
  std::size_t values = 1;
};

/// The memory that a run takes on one machine, or in one of its processes. What the system, an MPI
/// library or a second copy of the data takes besides is not in it. [bytes]
struct MemoryNeed {
  std::uint64_t loading = 0;    ///< for a moment, while the data set is read, drawn or passed on
  std::uint64_t data = 0;       ///< all copies of it,
  std::uint64_t values = 0;     ///< the board: values, ledger, what each worker reports,
  std::uint64_t workspace = 0;  ///< and what one worker takes for itself,
  std::size_t workers = 0;      ///< times so many;
  std::uint64_t largest = 0;    ///< and what one of these takes besides, in its largest task
  std::vector<std::string> size_options = {};  ///< the kernel's own, to have less of all this
  Copies copies = {};                          ///< how many are counted in data and values
};

/// @param data_bytes  of one copy of the data set
/// @param workers_here  those of the shape's workers that are on this machine, or in this process
MemoryNeed memory_need(const Kernel& kernel, std::uint64_t data_bytes, const BoardShape& shape,
                       std::size_t workers_here, const Copies& copies = {});

/// One board. What is too large for a number is the largest number, or near to it. [bytes]
std::uint64_t board_bytes(const BoardShape& shape);

/// All of it. What is too large for a number is the largest number.
std::uint64_t total(const MemoryNeed& need);

/// What there is, before anything of a run is taken.
struct MemoryLeft {
  std::optional<std::uint64_t> bytes;  ///< nothing: nobody knows
  std::string whose;                   ///< as in "node7 has 8 GB left"
};

/// What the machine has left, its control groups included.
MemoryLeft left_on(const Machine& machine);
/// What one process may take by its own limits.
MemoryLeft left_to_a_process(const std::optional<std::uint64_t>& address_space);

/// Why the run does not fit: one line with what is needed, what there is, and what would help.
/// Empty: there is so much, or nobody knows.
std::string lack_of_memory(const MemoryNeed& need, const MemoryLeft& left);

/// Found before anything is started: where memory runs out later, the system ends some process or
/// other, and nobody can say why.
/// @throws std::runtime_error if there is a lack, saying which
void require_memory(const MemoryNeed& need, const MemoryLeft& left);

/// Of a run that fits, but with less than a fifth of what is left to spare: what is not counted,
/// and what others do, may be more than that. Empty: there is more.
std::string warning_about_memory(const MemoryNeed& need, const Machine& machine);

}  // namespace scalelab
