#pragma once

#include <string>
#include <vector>

#include "kernels/description.hpp"

namespace scalelab {

/// Every kernel of the list in kernels/CMakeLists.txt, in its order.
const std::vector<KernelDescription>& all_kernels();

/// @throws UsageError if there is none of this name; the message lists those that are.
const KernelDescription& kernel_named(const std::string& name);

/// How the kernels were compiled.
struct KernelsBuild {
  std::string code;      ///< checksum of their machine code, 16 hexadecimal digits
  std::string compiler;  ///< "GNU 12.2.0"
  std::string flags;     ///< but for warnings
  std::string type;      ///< "Release"
};

/// Programs whose kernels have the same code compute the same bits. In programs of drivers only.
KernelsBuild kernels_build();

}  // namespace scalelab
