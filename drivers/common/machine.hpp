#pragma once
#include <optional>
#include <string>
#include <vector>
#include "results/record.hpp"
namespace scalelab {
Machine read_machine(const std::string& root = "");
std::optional<double> steal_seconds();
std::string cpu_list(const std::vector<int>& cpus);
}  // namespace scalelab
