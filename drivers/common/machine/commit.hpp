#pragma once

namespace scalelab {

// Of the source tree when this program was built; in a source that drivers/commit.cmake writes.

/// Empty if the sources are not a Git repository of their own.
const char* commit();
/// Whether files that Git knows were changed since.
bool changed_since_commit();

}  // namespace scalelab
