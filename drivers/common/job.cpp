#include "drivers/common/job.hpp"

#include <cstdlib>

#include "drivers/common/system_file.hpp"

namespace scalelab {

namespace {

/// A variable of the environment. Nothing if it is empty.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : printing(value);
}

}  // namespace

std::optional<Job> slurm_job() {
  const auto id = variable("SLURM_JOB_ID");
  if (!id) return std::nullopt;
  Job job;
  job.id = *id;
  const auto array = variable("SLURM_ARRAY_JOB_ID");
  const auto task = variable("SLURM_ARRAY_TASK_ID");
  if (array && task) job.id = *array + "_" + *task;
  job.nodes = variable("SLURM_JOB_NODELIST");
  job.partition = variable("SLURM_JOB_PARTITION");
  if (const auto seconds = variable("SCALELAB_QUEUE_SECONDS")) {
    job.queue_seconds = real_in(*seconds);
  }
  return job;
}

}  // namespace scalelab
