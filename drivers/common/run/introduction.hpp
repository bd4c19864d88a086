#pragma once

#include <string>
#include <vector>

#include "drivers/common/driver.hpp"
#include "drivers/common/run/setup.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// Puts into the line of a run what is known before anything is started: what was asked for, what
/// is there to be done, how the program was made, the Slurm job.
void introduce(Run& run, const Setup& setup, Driver& driver);

/// Completes it when the workers have been started: who and where they are.
/// @param machines  what each machine says, as gathered; several may be of the same
void introduce_workers(Run& run, const Setup& setup, Driver& driver,
                       const std::vector<std::string>& machines);

/// Where the workers are; empty if not all have said it yet.
std::vector<Place> places_of(Board& board);

}  // namespace scalelab
