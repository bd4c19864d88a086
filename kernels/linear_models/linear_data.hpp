#pragma once

#include <cstdint>
#include <vector>

#include "kernels/data_set.hpp"
#include "kernels/linear_models/least_squares.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// The options of every linear-model kernel: where the data come from and how they are fitted.
std::vector<Option> linear_model_options();

/// The design matrix and, as last column, the response: from --data and --target, or drawn from the
/// seed (y = 1 + 1·x1 + 2·x2 + ... + standard normal noise, with standard normal x). The intercept
/// is a column of ones.
/// The result can be fitted: rank, size and response have been checked; near-collinear columns are
/// named in its warnings.
/// @throws UsageError, std::runtime_error naming the columns or file:line:column
DataSet load_linear_data(const OptionValues& options);

/// The memory that this takes at the most; of a file as far as its size and first rows tell.
/// [bytes]
/// @throws UsageError
std::uint64_t linear_data_bytes(const OptionValues& options);

/// The options that make it less.
std::vector<std::string> linear_size_options(const OptionValues& options);

Solver solver_of(const OptionValues& options);

}  // namespace scalelab
