#pragma once

#include <string>

#include "drivers/common/board/board.hpp"
#include "drivers/common/output/output_file.hpp"

namespace scalelab {

/// How many events of each worker are kept, so that the file stays below 100 MB.
std::size_t most_events_of(std::size_t workers);

/// The file of --trace: who ran what when in the last repetition, in the Chrome trace-event format,
/// for ui.perfetto.dev. A process of the trace is a host, a thread is a worker. Times are those of
/// each host's steady clock, counted from its first event.
/// Source: Duca and Sinclair, "Trace Event Format", 2016.
class TraceFile {
 public:
  /// @throws std::runtime_error
  TraceFile(const std::string& path, const BoardShape& shape);
  void write(Board& board, const std::string& title);

 private:
  OutputFile file_;
};

}  // namespace scalelab
