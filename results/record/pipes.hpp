#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

// What is not written to a file may have to wait: for somebody who opens the other end of a pipe,
// or reads from it. Signals do not end that (SA_RESTART), so whoever waits asks.

/// Whether this path leads to the pipe or terminal that takes this program's own output, and not
/// its input, as /dev/stdout may: who reads from it waits for itself.
bool is_own_output(const std::string& path);

/// Whether to wait no more; it is asked some ten times a second. Empty: one waits for ever.
using GiveUp = std::function<bool()>;

/// Opens a named pipe to be written to, as soon as somebody reads it. @throws std::system_error, of
/// std::errc::operation_canceled where that was given up
FileDescriptor open_pipe(const std::string& path, int flags, const GiveUp& give_up);

/// Writes all of a text. @throws std::system_error, of std::errc::operation_canceled where the
/// other end took no more, and it was given up
void write_all(int descriptor, std::string_view text, const GiveUp& give_up = {});

}  // namespace scalelab
