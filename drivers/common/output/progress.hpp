#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

#include "drivers/common/driver.hpp"
#include "kernels/file_descriptor.hpp"

namespace scalelab {

/// Where somebody can look at a line that changes.
class StatusLine {
 public:
  /// Standard error, or what SCALELAB_TERMINAL names: under mpirun no rank has the user's terminal
  /// as its standard error, so `lab run` says which it is.
  StatusLine();

  bool exists() const { return static_cast<bool>(terminal_); }
  std::size_t columns() const;
  /// In place of what it showed before.
  void show(const std::string& line) const;

 private:
  FileDescriptor terminal_;
};

/// " 42 %  4200 of 10000 tasks, 1.4e+03/s, 4 s left", and what each node has done where there
/// are several. At most `columns` wide.
/// @param seconds  since the repetition began
std::string progress_line(const std::vector<Driver::NodeProgress>& nodes, std::size_t tasks,
                          double seconds, std::size_t columns);

/// Shows how far a repetition is, from its construction to its destruction, twice a second: a
/// thread that sleeps.
class Progress {
 public:
  /// @param title  as in "repetition 3/10: "
  /// @param tasks  to be run
  Progress(Driver& driver, const StatusLine& status_line, std::string title, std::size_t tasks);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

 private:
  void show();

  Driver& driver_;
  const StatusLine& status_line_;
  std::string title_;
  std::size_t tasks_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;  ///< last, since it uses all others
};

}  // namespace scalelab
