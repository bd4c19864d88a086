#pragma once
#include "results/record.hpp"
namespace scalelab {
Build build_facts(const std::string& kernels_code);
}
