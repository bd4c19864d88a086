#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace scalelab {

enum class Solver {
  qr,               ///< Householder QR: loses digits with the condition number of the design
  normal_equations  ///< scaled Gram matrix and Cholesky: 3 times faster, loses them with its square
};

/// Fits one linear model at a time, min |A b - y|, in memory of its own that is reused.
/// A is rows × columns; a row of weight w is written multiplied by sqrt(w).
class LeastSquares {
 public:
  LeastSquares(std::size_t most_rows, std::size_t columns);
  ~LeastSquares();

  /// The memory that all of this takes while it fits, within some percent where it is much, once so
  /// many rows have been written at the most: others take none. [bytes]
  static std::size_t bytes(std::size_t most_rows, std::size_t written_rows, std::size_t columns);

  /// Where the caller writes column j of A, or, for j == columns, y. `fit` destroys it.
  double* column(std::size_t j);

  /// @param rows     of A that have been written
  /// @param freedom  residual degrees of freedom: the sum of weights less the columns, at least 1
  /// @returns false if A has not full rank: of a column of unit length, at most `rank_tolerance`
  ///          lies outside the span of the columns before it
  bool fit(std::size_t rows, std::size_t freedom, Solver solver);

  /// Of the last successful fit.
  std::span<const double> coefficients() const;
  std::span<const double> standard_errors() const;  ///< sigma · sqrt(diag((AᵀA)⁻¹))
  /// Of a sum of the coefficients, each times its factor. [columns]
  double standard_error(std::span<const double> factors) const;
  double residual_sum_of_squares() const;
  double sigma() const;    ///< residual standard deviation, sqrt(RSS / freedom)
  bool fell_back() const;  ///< normal equations were asked for and QR had to be used

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// n · 2.2e-16, and not less than for 64 rows: rounding does not shrink with the last rows.
double rank_tolerance(std::size_t rows);

/// How near the columns of a design are to being linearly dependent, whatever their units.
struct Collinearity {
  double condition;  ///< 2-norm condition number with columns of unit length; may be infinite
  std::vector<std::size_t> columns;  ///< those that take part in the weakest direction: all but
                                     ///< noise if that is exact, else those with a fair share
};

/// @param write  puts column j, which is not of zeros only, to [rows]; rows >= columns
Collinearity collinearity(std::size_t rows, std::size_t columns,
                          const std::function<void(std::size_t j, double* to)>& write);

/// @param values  rows × columns, column-major, rows >= columns, no column of zeros only
Collinearity collinearity(std::span<const double> values, std::size_t rows, std::size_t columns);

}  // namespace scalelab
