#pragma once

#include <cstddef>
#include <string>

#include "drivers/common/board.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// Of the exception that is being handled: its message.
std::string what_is_thrown();

/// One worker's part of one repetition, in every driver: takes tasks as the board's schedule says,
/// runs them, and leaves values, ledger and report on the board. Never throws: a task that does is
/// named in the report, and stops the board.
void work(const Kernel& kernel, Board& board, std::size_t worker, Workspace& workspace) noexcept;

}  // namespace scalelab
