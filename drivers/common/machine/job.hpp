#pragma once

#include <optional>

#include "results/record/record.hpp"

namespace scalelab {

/// The Slurm job that this process is part of, if it is, from what Slurm leaves in the environment.
/// How long the job was queued is not there: a job script may put it into SCALELAB_QUEUE_SECONDS.
/// A task of a job array is named as squeue does, 123_4.
std::optional<Job> slurm_job();

}  // namespace scalelab
