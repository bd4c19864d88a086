#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace scalelab {

/// What one worker needs for itself: matrices, buffers, a state. The worker makes it, so that its
/// memory is first touched by the one who uses it. A kernel that needs nothing uses this as it is.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  virtual ~Workspace() = default;
};

/// How much work a kernel holds, in a unit of the kernel's own. With P workers no schedule can be
/// faster than serial + max(total / P, longest).
struct Work {
  double total;       ///< of all tasks
  double longest;     ///< of a task
  double serial = 0;  ///< of the part before the tasks that only one worker can do
};

/// Independent tasks: *what* is computed, whoever computes it.
///
/// Immutable once built: threads share it, forked children inherit it, and ranks build it from the
/// same options and data set. Task i is a pure function of (options, data, seed, i), never of who
/// runs it, in what order or beside how many others. That is why every driver gives the same bits.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  /// Number of tasks, at least 1. Pure.
  virtual std::size_t tasks() const = 0;

  /// Values per task, at least 1. Pure.
  virtual std::size_t width() const = 0;

  /// Called once per run by each worker, which alone uses it from then on. Never nullptr.
  /// @throws any exception: the run ends before its first task.
  virtual std::unique_ptr<Workspace> workspace() const { return std::make_unique<Workspace>(); }

  /// The memory that one workspace takes at the most, with what `run` takes besides, where that is
  /// much; 0: little. A run whose workspaces cannot all fit is not begun. Pure. [bytes]
  virtual std::size_t workspace_bytes() const { return 0; }

  /// What one of them takes more than that, where a single task is larger than all others and only
  /// one worker ever meets it; 0: none is. Pure. [bytes]
  virtual std::size_t largest_task_bytes() const { return 0; }

  /// What a worker goes through again and again, where it is memory that is to be measured: if the
  /// caches hold it, it was not. 0: that is not the question. Pure. [bytes]
  virtual std::size_t working_set_bytes() const { return 0; }

  /// The serial part, if `work` says that there is one: worker 0 calls it once in each repetition
  /// while all others wait, and then the tasks begin. Pure. Prints nothing.
  /// @returns a value that goes into the digest @throws as `run`
  virtual double run_serial(Workspace&) const { return 0; }

  /// Runs the tasks first <= i < last and writes the values of task i to
  /// values[(i - first) * width() + 0 .. width() - 1]. 0 <= first < last <= tasks(), in any order
  /// and any pieces. Pure: of the workspace only what no value depends on may be left behind.
  /// Prints nothing.
  /// @throws any exception ends the whole run; the message reaches the user with the task's number.
  virtual void run(std::size_t first, std::size_t last, Workspace& workspace,
                   std::span<double> values) const = 0;

  /// Names of a task's values, for the header of --values: of the first width() -
  /// counters().size(), none of them empty, "task" or there twice. Pure.
  virtual std::vector<std::string> columns() const { return {"value"}; }

  /// Names of the values that follow them: counts (whole numbers, not negative) that are summed
  /// over all tasks and reported, below 2^53 together. None of them empty or there twice. Pure.
  virtual std::vector<std::string> counters() const { return {}; }

  /// Where it is known before the run: finite, not negative, longest <= total. Pure.
  virtual std::optional<Work> work() const { return std::nullopt; }
};

}  // namespace scalelab
