#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/output/tally.hpp"
#include "kernels/description.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// Why the times of this build cannot be trusted; empty: they can.
/// @param type  of the kernels' build
std::string warning_about_build(const std::string& type);

/// Why the times of this job's cluster cannot be trusted: it is one of `lab cluster`. Empty: they
/// can.
std::string warning_about_cluster(const std::optional<Job>& job);

/// Why the times of these workers cannot be trusted, one sentence each: more workers than cores,
/// a limit of CPUs, several workers on one core, workers that should be bound and are not. By what
/// the facts on the board say, that is, by what the system said to each of them.
/// @param bound  whether this driver's workers should be bound
std::vector<std::string> warnings_about_workers(const KernelDescription& kernel, Board& board,
                                                bool bound, const std::vector<Machine>& machines);

/// Why these times cannot be trusted: workers died or were stopped, they had no CPU though there
/// should have been one for each, the times differ too much, the hypervisor took some, tracing
/// slowed them.
/// @param run  with the places of its workers
std::vector<std::string> warnings_about_times(const Run& run, const Tally& tally);

}  // namespace scalelab
