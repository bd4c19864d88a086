#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "results/text/whole_file.hpp"

namespace scalelab {

/// A file that is written at the end of a run, but opened before it, with room for what will come:
/// a path that cannot be written, or a full disk, is found before the first task. What the file
/// held stays until the new one is whole, and then takes its place. "-" is standard output; devices
/// and pipes are written as they are.
class OutputFile {
 public:
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// @param option  for messages, as in "--values"
  /// @param path    a link is followed
  /// @param bytes   how much it will hold, about
  /// @throws std::runtime_error naming the option and the file; Ended if the run was told to end
  ///         while nobody read a named pipe
  OutputFile(std::string option, std::string path, std::size_t bytes);

  /// Appends to what this object has written. @throws std::runtime_error naming the file; Ended if
  /// the run was told to end, and its grace is over
  void write(std::string_view text);
  /// Nothing follows. @throws std::runtime_error naming the file
  void finish();

  /// Whether it keeps nothing: a device or a pipe, which can be tried at once.
  bool is_stream() const { return !file_ || file_->is_stream(); }
  bool has_begun() const { return begun_; }

 private:
  /// Also where it was given up. @throws std::runtime_error, Ended
  [[noreturn]] void fail(const std::string& what, int error) const;

  std::string option_;
  std::string path_;
  std::optional<WholeFile> file_;  ///< none: standard output
  bool begun_ = false;
};

}  // namespace scalelab
