#include "drivers/common/machine/job.hpp"

#include <cstdlib>
#include <string_view>

#include "drivers/common/machine/system_file.hpp"

namespace scalelab {

namespace {

/// A variable of the environment. Nothing if it is empty.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : printing(value);
}

/// "4(x2),2": two nodes with 4 CPUs each and one with 2. Nothing if it is not like that.
std::optional<std::uint64_t> sum_of_counts(std::string_view text) {
  constexpr std::uint64_t most = 1'000'000'000;  // whatever the machine, so that nothing overflows
  std::uint64_t sum = 0;
  while (true) {
    const std::string_view group = text.substr(0, text.find(','));
    const std::size_t times = group.find("(x");
    const bool repeated = times != std::string_view::npos;
    if (repeated && group.back() != ')') return std::nullopt;
    const auto cpus = whole_in(group.substr(0, times));
    const auto nodes =
        repeated ? whole_in(group.substr(times + 2, group.size() - times - 3)) : std::uint64_t{1};
    if (!cpus || !nodes || *cpus > most || *nodes > most) return std::nullopt;
    sum += *cpus * *nodes;
    if (sum == 0 || sum > most) return std::nullopt;
    if (group.size() == text.size()) return sum;
    text.remove_prefix(group.size() + 1);
  }
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
  job.cluster = variable("SLURM_CLUSTER_NAME");
  job.nodes = variable("SLURM_JOB_NODELIST");
  if (const auto counts = variable("SLURM_JOB_CPUS_PER_NODE")) job.cpus = sum_of_counts(*counts);
  job.partition = variable("SLURM_JOB_PARTITION");
  if (const auto seconds = variable("SCALELAB_QUEUE_SECONDS")) {
    job.queue_seconds = real_in(*seconds);
  }
  return job;
}

}  // namespace scalelab
