#pragma once

#include <cstddef>

#include "drivers/common/board/board.hpp"
#include "kernels/kernel.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// What a worker has reported as its failure, if one has; the one with the first task.
/// @throws std::runtime_error
void throw_failure(Board& board);

/// Whether all tasks are done, and all workers have told what they did: then a repetition counts,
/// also if somebody asked for the end at that moment. @param resumed  as below
bool is_complete(Board& board, std::size_t resumed);

/// That every task was run exactly once, or was `resumed`: a benchmark that skips its work looks
/// wonderful. @param resumed  how many @throws std::logic_error
void check_ledger(Board& board, std::size_t resumed);

/// Adds what the board says of a repetition, whose `seconds` are known, to what is known besides.
/// @param accounting  whether the workers have measured where their time went
void describe(const Kernel& kernel, Board& board, bool accounting, Repetition& repetition);

}  // namespace scalelab
