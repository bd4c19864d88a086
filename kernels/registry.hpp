#pragma once

#include <vector>

#include "kernels/description.hpp"

namespace scalelab {

/// Every kernel of the list in kernels/CMakeLists.txt, in its order.
const std::vector<KernelDescription>& all_kernels();

/// @throws UsageError if there is none of this name; the message lists those that are.
const KernelDescription& kernel_named(const std::string& name);

}  // namespace scalelab
