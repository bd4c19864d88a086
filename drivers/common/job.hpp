#pragma once
#include <optional>
#include "results/record.hpp"
namespace scalelab {
std::optional<Job> slurm_job();
}
