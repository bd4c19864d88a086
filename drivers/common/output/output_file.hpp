#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

/// A file that is written at the end of a run, but opened before it, with room for what will come:
/// a path that cannot be written, or a full disk, is found before the first task. What the file
/// held stays until it is written. "-" is standard output.
class OutputFile {
 public:
  /// @param option  for messages, as in "--values"
  /// @param bytes   how much it will hold, about
  /// @throws std::runtime_error naming the option and the file
  OutputFile(std::string option, std::string path, std::size_t bytes);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Appends to what this object has written. @throws std::runtime_error naming the file
  void write(std::string_view text);
  /// Nothing follows: what the file held before and was longer is cut off.
  void finish();

  /// Whether it keeps nothing: a device or a pipe, which can be tried at once.
  bool is_stream() const { return stream_; }
  bool has_begun() const { return written_ > 0; }

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void reserve(std::size_t bytes);

  std::string option_;
  std::string path_;
  FileDescriptor file_;
  bool stream_ = true;
  bool finished_ = false;
  std::size_t size_before_ = 0;
  std::size_t written_ = 0;
};

}  // namespace scalelab
