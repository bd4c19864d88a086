#pragma once

#include <string>
#include <vector>

namespace scalelab {

/// The files that paths stand for.
/// @param path  a file; a folder, of which all .jsonl files are meant, in the order of their names;
///              "-": standard input, which stays "-"
/// @throws std::runtime_error if it does not exist or cannot be read
std::vector<std::string> record_files_in(const std::string& path);

/// Where --record PATH makes a run write its lines.
/// @param file_name  for a folder, which is made if need be
/// @throws std::runtime_error if PATH is neither a folder nor the name of a file of records
std::string record_file_for(const std::string& path, const std::string& file_name);

}  // namespace scalelab
