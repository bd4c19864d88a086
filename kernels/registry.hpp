#pragma once

#include <vector>

#include "kernels/description.hpp"

namespace scalelab {

/// Every kernel of the list in kernels/CMakeLists.txt, in its order.
const std::vector<KernelDescription>& all_kernels();

/// @throws UsageError if there is none of this name; the message lists those that are.
const KernelDescription& kernel_named(const std::string& name);

/// A checksum of the kernels' machine code, 16 hexadecimal digits: programs with the same compute
/// the same bits. In programs of drivers only.
const char* kernels_code();

}  // namespace scalelab
