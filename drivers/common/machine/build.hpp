#pragma once

#include "kernels/registry.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// How this program was made. What a driver needs besides, as MPI, is not among the libraries.
/// @param kernels  kernels_build(), which only programs of drivers have
Build build_facts(const KernelsBuild& kernels);

}  // namespace scalelab
