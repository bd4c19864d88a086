#pragma once

#include <string>
#include <vector>

namespace scalelab {

/// A file of a run, by what names it.
struct NamedFile {
  std::string name;  ///< "--values", "standard output"
  std::string path;  ///< which need not exist
  bool written = true;
};

/// Files are told apart by what they are, not by their names: there are links, and several names
/// for one file. Devices and pipes may be written by as many as like.
/// @throws UsageError  two are one file, and it is written as what comes first in the list
void require_distinct(const std::vector<NamedFile>& files);

/// Where a path leads if it is a link, of links, too; what it names need not exist. What goes round
/// in circles stays what it is.
std::string target_of(const std::string& path);

}  // namespace scalelab
