#pragma once

#include <cstdint>
#include <vector>

#include "kernels/data_set.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// --data, which columns and rows of it are fitted, and how it is written.
std::vector<Option> data_file_options();

/// The file of --data: an intercept if there is to be one, the columns that explain, with --degree
/// the powers of their only one, and the target. Its notes say what of the file was left out and
/// what was recognised, its warnings what may not have been meant.
/// @throws UsageError, std::runtime_error naming file:line:column
DataSet read_data_file(const OptionValues& options, bool intercept);

/// How large it will be, by the size of the file; nothing is known of what cannot be read.
struct DataFileSize {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;  ///< all that the data set has
};

DataFileSize foresee_data_file(const OptionValues& options, bool intercept);

/// @throws UsageError if one of these options is chosen, but not --data
void refuse_data_file_options(const OptionValues& options);

/// Column by column.
DataSet assemble(std::string name, std::vector<std::string> names,
                 std::vector<std::vector<double>> columns);

}  // namespace scalelab
