#pragma once

#include <string>

#include "results/record.hpp"

namespace scalelab {

/// How this program was made. What a driver needs besides, as MPI, is not among the libraries.
/// @param kernels_code  of kernels/registry.hpp, which only programs of drivers have
Build build_facts(const std::string& kernels_code);

}  // namespace scalelab
