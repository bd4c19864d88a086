#pragma once

#include <string>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

/// As long as it lives, nobody else has a lock of this folder: two reports, or two runs with one
/// journal, would spoil each other's files. The system takes it back from a program that was
/// killed. Where the file system has no locks, it does nothing.
class FolderLock {
 public:
  /// @param taken  what it means that somebody has it, as in "another report is written to it"
  /// @throws std::runtime_error naming the folder: somebody has it, or nothing can be written there
  FolderLock(const std::string& folder, const std::string& taken);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  void open_file();
  /// @returns false if somebody else has it
  bool lock() const;
  /// False if the file was removed after it was opened: whoever had it is done.
  bool has_file() const;

  std::string folder_;
  std::string path_;
  FileDescriptor file_;  // closing it gives the lock back
};

}  // namespace scalelab
