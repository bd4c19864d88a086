#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/file_descriptor.hpp"
#include "kernels/range.hpp"

namespace scalelab {

/// What one worker has finished, kept on disk while the run goes on, so that a run that is cut off
/// can be resumed. It survives the end of a process, not that of the machine: nothing is synced.
/// What was finished in the last tenth of a second before a kill may be missing, and is run again.
/// Each worker appends to a file of its own, FOLDER/worker-W.N.journal with the
/// first N that is free, one `write` at a time.
///
/// The file is a line of text, "scalelab journal 1 IDENTITY", and entries in the machine's own byte
/// order:
///
///     u64 mark, first, last    the tasks first <= i < last
///     u64 checksum             FNV-1a over first, last and the values
///     f64 values[(last - first) × width]
class Journal {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr double bytes_per_entry = 32;  ///< besides the values

  /// @throws std::system_error naming the file
  Journal(const std::string& folder, const std::string& identity, std::size_t worker);

  /// These tasks are finished. Nothing is written yet.
  void add(Range tasks);

  /// Whether something has waited to be written for a tenth of a second, or is much.
  bool due(Clock::time_point now) const;

  /// Writes what was added. @param values  of all tasks, in order
  /// @returns bytes written @throws std::system_error naming the file
  std::size_t flush(std::span<const double> values, std::size_t width);

 private:
  void write(std::span<const std::byte> bytes) const;

  std::string path_;
  FileDescriptor file_;
  std::vector<Range> pending_;
  std::vector<std::byte> buffer_;
  Clock::time_point flushed_ = Clock::now();
};

/// Whether the folder holds journals.
bool holds_journals(const std::string& folder);

/// What else is in a folder, but files of journals and of locks, and what a run that was killed may
/// have left: a few names, sorted. Empty as well where the folder cannot be read.
std::vector<std::string> others_in(const std::string& folder);

/// What the journals of a folder belong to. @throws std::runtime_error if one cannot be read
std::vector<std::string> journal_identities(const std::string& folder);

/// @throws std::runtime_error if a journal is of another identity, naming the difference; what an
///         identity holds under "not compared" is none
void require_identity(const std::string& folder, const std::string& identity);

/// Reads all journals of a folder.
/// @param accept   is given each good entry: its tasks, and their values (tasks × width)
/// @returns warnings: a file that ends with a torn entry, which has to be run again
/// @throws std::runtime_error if a journal is of another identity, naming the difference, or cannot
///         be read
std::vector<std::string> read_journals(
    const std::string& folder, const std::string& identity, std::size_t tasks, std::size_t width,
    const std::function<void(Range, std::span<const double>)>& accept);

}  // namespace scalelab
