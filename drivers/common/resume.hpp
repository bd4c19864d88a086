#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "drivers/common/board.hpp"
#include "drivers/common/command_line.hpp"
#include "kernels/data_set.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// What the entries of a journal belong to, as a line of JSON: kernel, options, data and the
/// kernels' machine code. Not the driver, the schedule or the workers: the values are the same.
std::string identity_of(const Request& request, const Kernel& kernel, const DataSet& data);

/// Makes the folder of --journal, if need be, and sees that it can be used.
/// Nothing is written yet: a journal that is refused stays as it is.
/// @throws UsageError if it holds journals that are not to be resumed, std::runtime_error if they
///         are of another run, or if it cannot be written or has no room for the values
void prepare_journal(const std::string& folder, const std::string& identity, bool resume,
                     const Kernel& kernel);

struct Resumed {
  std::vector<Range> finished;  ///< in order, as few as possible
  std::size_t tasks = 0;        ///< how many tasks these are
  std::vector<std::string> warnings;
};

/// Puts the values that the journals of a folder hold onto the board. @throws std::runtime_error
Resumed read_into(Board& board, const std::string& folder, const std::string& identity);

}  // namespace scalelab
