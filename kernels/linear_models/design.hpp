#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/data_set.hpp"
#include "kernels/linear_models/least_squares.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// The columns of a data set as they are fitted, [A | y].
/// What a column varies by drowns in the rounding of its size where that is far from zero, as times
/// since 1970 are: then a value from its midst is subtracted first, and the intercept takes the
/// rest. Powers are those of what is left. At last, powers of two bring every column near 1 without
/// rounding: no square can overflow.
class Design {
 public:
  /// @param options  of linear models
  Design(const OptionValues& options, const DataSet& data);

  /// Of A.
  std::size_t columns() const { return columns_; }

  /// A power of numbers less their shift that is too small, or too large, for a number: nothing can
  /// be fitted then.
  std::optional<std::size_t> lost_power() const { return lost_power_; }

  /// Column j of A less its shift, in all rows. @param to  [rows]
  void write(std::size_t j, double* to) const;

  /// Column j of [A | y], less its shift and scaled, in these rows, each times its factor.
  /// @param to  [rows.size()]
  void write(std::size_t j, std::span<const std::uint32_t> rows, const double* factors,
             double* to) const;

  /// y, less its shift and scaled, in this row.
  double response(std::size_t row) const;

  /// From a fit of this design to one of the columns as they are. @param coefficients, errors
  /// [columns()]
  void finish(const LeastSquares& fit, std::span<double> coefficients,
              std::span<double> errors) const;

  /// In units of y, from what `response` gives.
  double in_units_of_response(double value) const;

 private:
  /// Which column of the data set column j is made from, and the power of that.
  std::size_t source(std::size_t j) const { return powers_ && j < columns() && j > 0 ? 1 : j; }
  std::size_t power(std::size_t j) const { return powers_ && j < columns() && j > 0 ? j : 1; }

  DataSet data_;
  std::size_t columns_;
  bool powers_ = false;  ///< columns 2, 3, ... are powers of column 1 less its shift
  std::optional<std::size_t> lost_power_;
  std::vector<double> shift_;  ///< by column, y last
  std::vector<int> exponent_;  ///< binary, of the largest entry of each
  std::vector<double> scale_;  ///< two to the power of that, less than 0
};

}  // namespace scalelab
