#include "drivers/common/machine/build.hpp"

#include "drivers/common/machine/commit.hpp"
#include "drivers/common/machine/system_file.hpp"

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

namespace scalelab {

Build build_facts(const KernelsBuild& kernels) {
  Build build;
  build.version = SCALELAB_VERSION;
  build.compiler = kernels.compiler;
  build.flags = printing(kernels.flags).value_or("");
  build.type = kernels.type;
  build.kernels_code = kernels.code;
  if (const std::string known = commit(); !known.empty()) {
    build.commit = known;
    build.dirty = changed_since_commit();
  }
  build.libraries = {{"Eigen", SCALELAB_EIGEN_VERSION},
                     {"Boost", SCALELAB_BOOST_VERSION},
                     {"fmt", SCALELAB_FMT_VERSION},
                     {"nlohmann/json", SCALELAB_JSON_VERSION}};
#ifdef __GLIBC__
  build.libraries["glibc"] = gnu_get_libc_version();
#endif
#if defined(_GLIBCXX_RELEASE)
  build.libraries["libstdc++"] = std::to_string(_GLIBCXX_RELEASE);
#elif defined(_LIBCPP_VERSION)
  build.libraries["libc++"] = std::to_string(_LIBCPP_VERSION);
#endif
  return build;
}

}  // namespace scalelab
