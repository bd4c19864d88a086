#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/run/command_line.hpp"
#include "kernels/data_set.hpp"
#include "kernels/kernel.hpp"
#include "results/text/folder_lock.hpp"

namespace scalelab {

/// What the entries of a journal belong to, as a line of JSON: kernel, options, data and the
/// kernels' machine code. Not the driver, the schedule or the workers: the values are the same.
/// @param data_digest  as in the record: nothing where there are no data
std::string identity_of(const Request& request, const Kernel& kernel, const DataSet& data,
                        const std::optional<std::string>& data_digest);

/// --resume: tasks that were measured in time have the work that the journal says, not what a new
/// calibration would give. @returns whether --task-units have been taken from it
bool adopt_task_units(const std::string& folder, Request& request);

/// Before anything is written there. @throws UsageError if the folder of --journal is not for
/// journals: something else is in it, and no journal that is to be resumed
void require_journal_folder(const std::string& folder, bool resume);

/// Makes the folder of --journal, if need be, and sees that it can be used.
/// @param lock  keeps other runs from using it
/// @throws UsageError if it holds journals that are not to be resumed, std::runtime_error if it
///         cannot be written, is used by another run, has no room for the values, or holds journals
///         of another run
void prepare_journal(const std::string& folder, bool resume, const std::string& identity,
                     const BoardShape& shape, std::optional<FolderLock>& lock);

struct Resumed {
  std::vector<Range> finished;  ///< in order, as few as possible
  std::size_t tasks = 0;        ///< how many tasks these are
  std::vector<std::string> warnings;
};

/// Puts the values that the journals of a folder hold onto the board. @throws std::runtime_error
Resumed read_into(Board& board, const std::string& folder, const std::string& identity);

}  // namespace scalelab
