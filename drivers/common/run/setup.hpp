#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/driver.hpp"
#include "drivers/common/run/command_line.hpp"
#include "drivers/common/run/memory.hpp"
#include "kernels/data_set.hpp"
#include "kernels/kernel.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// What a run is to do, in each of its processes: what was asked for, the data and the kernel.
class Setup {
 public:
  explicit Setup(Driver& driver) : driver_(driver) {}

  /// Collective: the reporter reads the command line, and all have it. @throws Ended
  /// @returns false if the user wanted an answer only, as of --help; it has been printed
  bool read(int argc, char** argv);

  /// On the reporter: loads the data and builds the kernel, so that a kernel that cannot be built,
  /// or is too large, is found here, where it can be reported. Says in `run` what it took.
  /// @throws UsageError, std::runtime_error
  void build(Run& run);

  /// Collective: all processes have data and kernel. Each machine sees whether it has the memory.
  /// @throws Ended
  void distribute();

  // Valid when the above have been called.

  const std::vector<std::string>& command() const { return command_; }
  const Request& request() const { return request_; }
  const RunOptions& options() const { return *options_; }
  const KernelDescription& description() const;
  std::size_t workers() const { return workers_; }
  /// What the board is laid out for, the same in all processes.
  BoardShape shape() const;
  /// On the reporter: no file is written as two things, or read and written.
  /// @throws UsageError
  void require_distinct_files() const;
  const DataSet& data() const { return data_; }
  const Kernel& kernel() const { return *kernel_; }
  const std::string& journal_identity() const { return journal_identity_; }
  std::size_t data_copies() const { return data_copies_; }
  double distribution_seconds() const { return distribution_seconds_; }
  /// On the reporter: why the memory of other machines may not do.
  const std::vector<std::string>& doubts_elsewhere() const { return doubts_elsewhere_; }

 private:
  void read_on_reporter(int argc, char** argv);
  /// On this process's machine, and in this process itself.
  MemoryNeed need() const;
  MemoryNeed own_need() const;
  /// How often the data will lie in the memory of this machine.
  std::size_t data_copies_here() const;
  void add_loading(MemoryNeed& need) const;
  std::uint64_t data_bytes() const { return data_.size() * sizeof(double); }
  std::vector<std::string> size_options() const;
  /// Collective. Every process does it. @throws Ended everywhere if it fails in one
  void end_if_failed(const std::function<void()>& action);
  /// @throws std::runtime_error if this machine, or this process, has not so much
  void require(const MemoryNeed& on_machine, const MemoryNeed& in_process) const;
  /// That there is room for the data of the reporter, which this process is about to get.
  void require_room_for_data() const;
  /// Why this machine's memory may not do; empty: it does. @throws std::runtime_error if it does
  /// not; but not with --dry-run, since the run itself may be elsewhere
  std::string doubt_about_memory() const;

  Driver& driver_;
  std::vector<std::string> command_;  ///< on the reporter
  Request request_;
  std::optional<RunOptions> options_;
  /// This process's, before the run has taken any of its memory; whole on the reporter only, else
  /// its memory.
  Machine machine_;
  std::uint64_t loading_bytes_ = 0;             ///< on the reporter; 0: the options do not tell
  std::optional<std::uint64_t> address_space_;  ///< the same, of what this process may take
  /// Known before the data are passed on, which takes the room that it is about.
  std::optional<std::size_t> data_copies_here_;
  std::size_t workers_ = 0;
  DataSet data_;
  std::unique_ptr<Kernel> kernel_;
  std::string journal_identity_;  ///< empty: there is no journal
  std::size_t data_copies_ = 0;
  double distribution_seconds_ = 0;
  std::string doubt_;  ///< about this machine's memory
  std::vector<std::string> doubts_elsewhere_;
};

}  // namespace scalelab
