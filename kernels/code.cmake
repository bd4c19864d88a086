# Writes a source file with a checksum of all machine code of the kernels: equal checksums, equal
# bits. cmake -DOUTPUT=FILE -DFILES=FILE,FILE... -P code.cmake
string(REPLACE "," ";" files "${FILES}")
set(checksums "")
foreach(file IN LISTS files)
  file(SHA256 "${file}" checksum)
  string(APPEND checksums "${checksum}")
endforeach()
string(SHA256 checksum "${checksums}")
string(SUBSTRING "${checksum}" 0 16 checksum)
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
#include "kernels/registry.hpp"

scalelab::KernelsBuild scalelab::kernels_build() {
  return {"@checksum@", SCALELAB_COMPILER, SCALELAB_FLAGS, SCALELAB_BUILD_TYPE};
}
]] @ONLY)
