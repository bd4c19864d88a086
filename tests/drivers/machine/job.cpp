#include "drivers/common/machine/job.hpp"

#include <cstdlib>
#include <map>
#include <string>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// The job of an environment that has only these of the variables that are read.
std::optional<Job> job_with(const std::map<std::string, std::string>& variables) {
  for (const char* name : {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID",
                           "SLURM_CLUSTER_NAME", "SLURM_JOB_NODELIST", "SLURM_JOB_CPUS_PER_NODE",
                           "SLURM_JOB_PARTITION", "SCALELAB_QUEUE_SECONDS"}) {
    REQUIRE(unsetenv(name) == 0);
  }
  for (const auto& [name, value] : variables) REQUIRE(setenv(name.c_str(), value.c_str(), 1) == 0);
  return slurm_job();
}

}  // namespace

TEST_CASE("job: outside of Slurm there is none") {
  CHECK_FALSE(job_with({}).has_value());
  CHECK_FALSE(job_with({{"SLURM_JOB_ID", ""}}).has_value());
  CHECK_FALSE(job_with({{"SCALELAB_QUEUE_SECONDS", "3"}}).has_value());
}

TEST_CASE("job: what Slurm says of a batch job") {
  const auto job = job_with({{"SLURM_JOB_ID", "4711"},
                             {"SLURM_CLUSTER_NAME", "summit"},
                             {"SLURM_JOB_NODELIST", "node[01-04,09]"},
                             {"SLURM_JOB_CPUS_PER_NODE", "72(x4),36"},
                             {"SLURM_JOB_PARTITION", "compute"},
                             {"SCALELAB_QUEUE_SECONDS", "12.5"}});
  REQUIRE(job.has_value());
  CHECK(job->id == "4711");
  CHECK(job->cluster == "summit");
  CHECK(job->nodes == "node[01-04,09]");
  CHECK(job->cpus == 324);
  CHECK(job->partition == "compute");
  CHECK(job->queue_seconds == 12.5);
}

TEST_CASE("job: a task of an array is named as squeue does") {
  // Slurm gives each task a number of its own besides.
  const auto job = job_with(
      {{"SLURM_JOB_ID", "4713"}, {"SLURM_ARRAY_JOB_ID", "4711"}, {"SLURM_ARRAY_TASK_ID", "2"}});
  REQUIRE(job.has_value());
  CHECK(job->id == "4711_2");
  CHECK_FALSE((job->cluster || job->nodes || job->cpus || job->partition || job->queue_seconds));
}

TEST_CASE("job: its CPUs are the sum of those of its nodes") {
  const auto cpus_of = [](const std::string& text) {
    const auto job = job_with({{"SLURM_JOB_ID", "1"}, {"SLURM_JOB_CPUS_PER_NODE", text}});
    REQUIRE(job.has_value());
    return job->cpus;
  };
  CHECK(cpus_of("4") == 4);
  CHECK(cpus_of("4(x2)") == 8);
  CHECK(cpus_of("4(x2),2") == 10);
  CHECK(cpus_of("1,2(x3),128(x1000)") == 128'007);
  for (const char* text : {"", "0", "4(x0)", "four", "4(x2", "4(2)", "4(x)", "(x2)", "4,", ",4",
                           "4,,4", "-4", "4(x-2)", "4 (x2)", "4(x2)2", "99999999999999999999",
                           "999999999(x999999999)", "18446744073709551615(x2)"}) {
    CAPTURE(text);
    CHECK_FALSE(cpus_of(text).has_value());
  }
}

TEST_CASE("job: a time in the queue that is no number is left out") {
  for (const char* text : {"", "unknown", "3 s", "-1", "nan", "inf"}) {
    CAPTURE(text);
    const auto job = job_with({{"SLURM_JOB_ID", "1"}, {"SCALELAB_QUEUE_SECONDS", text}});
    REQUIRE(job.has_value());
    CHECK_FALSE(job->queue_seconds.has_value());
  }
}
