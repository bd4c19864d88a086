#pragma once

#include <string>

#include "kernels/file_descriptor.hpp"

namespace scalelab {

/// As long as it lives, no other report is written into a folder. The system takes it back from a
/// program that was killed. Where the file system has no locks, it does nothing.
class FolderLock {
 public:
  /// @throws std::runtime_error  another report is being written there, or nothing can be
  explicit FolderLock(const std::string& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  void open_file();
  /// False if the file was removed after it was opened: whoever had it is done.
  bool has_file() const;

  std::string folder_;
  std::string path_;
  FileDescriptor file_;  // closing it gives the lock back
};

}  // namespace scalelab
