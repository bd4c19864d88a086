#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/output/tally.hpp"
#include "results/record/record.hpp"
#include "results/record/record_file.hpp"

namespace scalelab {

/// Writes a run's lines, to the file of --record and, with --json, to standard output. On the
/// reporter.
class Recorder {
 public:
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  /// Opens the file; nothing is written yet. @param path  empty: none is wanted
  /// @throws std::runtime_error; Ended if the run was told to end while nobody read a named pipe
  Recorder(const std::string& driver, const std::string& path, bool json);

  /// What is known of the run; complete when `begin` is called.
  Run& run() { return run_; }
  const Tally& tally() const { return tally_; }
  /// Since the run was started. [s]
  double seconds() const;

  /// Goes into the line of the run or, if that has been written, into the last one.
  void warn(const std::string& text);
  std::vector<std::string> warnings() const;

  void begin();
  void add(Repetition repetition);
  void add(Cost cost);
  /// @param exit  the program's exit status; a run that has failed before it began is written too
  void end(int exit, const std::string& status, const std::string& reason);

 private:
  void write(const std::string& line);
  /// @throws Ended where it was given up, as the run was told to end
  void attempt(const std::function<void()>& action) const;

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Run run_;
  Tally tally_;
  std::vector<std::string> late_warnings_;
  std::optional<RecordFile> file_;
  bool json_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace scalelab
