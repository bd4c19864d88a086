#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/world.hpp"
#include "drivers/mpi/communicator.hpp"

namespace scalelab::mpi {

/// The ranks of a job. Rank 0 reports.
class MpiWorld final : public World {
 public:
  /// Collective. @param init_seconds  that MPI_Init took
  explicit MpiWorld(double init_seconds);

  const Communicator& ranks() const { return ranks_; }
  /// Those of this rank's machine.
  const Communicator& machine() const { return machine_; }
  /// The same, or a part of it: those that are one node.
  const Communicator& node() const { return node_; }
  bool has_other_machines() const { return machine_.size() < ranks_.size(); }

  bool reports() const override { return ranks_.rank() == 0; }
  double init_seconds() const override { return init_seconds_; }
  std::size_t workers_here(std::size_t workers) const override;
  std::string standard_stream(int number) const override;
  std::size_t processes_here() const override;
  std::size_t copies_here(std::uint64_t bytes) const override;
  void broadcast(std::span<std::byte> bytes) override;
  Shared share(std::shared_ptr<const double[]> values, std::size_t count) override;
  std::vector<std::string> gather(const std::function<std::string()>& own) override;
  void end_if_any_failed(const std::string& failure) override;
  Stop asked_for(Stop why) const override;
  void abandon() override;

 private:
  double init_seconds_;
  Communicator ranks_;
  Communicator machine_;
  Communicator node_;
  Communicator leaders_;  ///< the first ranks of all nodes, on these
  std::unique_ptr<SharedWindow> data_;
};

}  // namespace scalelab::mpi
