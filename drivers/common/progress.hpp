#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

#include "drivers/common/driver.hpp"

namespace scalelab {

/// Whether somebody can look at a line that changes: standard error is a terminal.
bool can_show_progress();

/// " 42 %  4200 of 10000 tasks, 1.4e+03/s, 4 s left", and what each node has done where there
/// are several. At most `columns` wide.
/// @param seconds  since the repetition began
std::string progress_line(const std::vector<Driver::NodeProgress>& nodes, std::size_t tasks,
                          double seconds, std::size_t columns);

/// Shows on standard error how far a repetition is, from its construction to its destruction, twice
/// a second: a thread that sleeps.
class Progress {
 public:
  /// @param title  as in "repetition 3 of 10"
  Progress(Driver& driver, std::string title);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

 private:
  void show();

  Driver& driver_;
  std::string title_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;  ///< last, since it uses all others
};

}  // namespace scalelab
