#include "kernels/linear_models/design.hpp"

#include <algorithm>
#include <cmath>

namespace scalelab {

namespace {

/// A predictor is far from zero if most of its values, three of four, are near the one in their
/// midst, within a 16th of that. Without a shift the others lose one digit at the most.
double shift_of_predictor(std::span<const double> column) {
  std::vector<double> values(column.begin(), column.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  const double shift = *middle;
  const auto near = std::count_if(column.begin(), column.end(), [&](double x) {
    return std::abs(x - shift) <= std::abs(shift) / 16;
  });
  return static_cast<std::size_t>(near) * 4 >= column.size() * 3 ? shift : 0;
}

/// A response is shifted where all of it lies within a factor of two: the difference is exact then
/// (Sterbenz).
double shift_of_response(std::span<const double> column) {
  const auto [smallest, largest] = std::minmax_element(column.begin(), column.end());
  const bool close = *smallest > 0 ? *largest <= 2 * *smallest : *smallest >= 2 * *largest;
  return *smallest * *largest > 0 && close ? *smallest : 0;
}

double to_power(double x, std::size_t power) {
  double result = x;
  for (std::size_t d = 1; d < power; ++d) result *= x;
  return result;
}

/// (x - shift)^k by powers of x: the factor of x^k in z^d, d = 0, 1, ..., is factors[d] where z is
/// x less the shift.
void expand_powers(double shift, std::size_t k, std::vector<double>& factors) {
  std::fill(factors.begin(), factors.end(), 0.0);
  factors[k] = 1;
  for (std::size_t d = k; d + 1 < factors.size(); ++d) {
    factors[d + 1] =
        factors[d] * -shift * static_cast<double>(d + 1) / static_cast<double>(d + 1 - k);
  }
}

}  // namespace

Design::Design(const OptionValues& options, const DataSet& data)
    : data_(data), columns_(data.columns.size() - 1) {
  const bool intercept = !options.flag("no-intercept");
  // What is drawn lies around zero.
  const bool from_file = options.given("data");
  powers_ = from_file && intercept && options.whole("degree", 1) > 1;
  shift_.assign(columns_ + 1, 0);
  if (intercept) {
    shift_[columns_] = shift_of_response(data.column(columns_));
    const std::size_t shifted = !from_file ? 0 : powers_ ? 2 : columns_;
    for (std::size_t j = 1; j < shifted; ++j) shift_[j] = shift_of_predictor(data.column(j));
    if (powers_) std::fill(shift_.begin() + 2, shift_.end() - 1, shift_[1]);
  }
  for (std::size_t j = 0; j <= columns_; ++j) {
    double size = 0;
    for (const double x : data.column(source(j))) {
      size = std::max(size, std::abs(to_power(x - shift_[j], power(j))));
    }
    if (power(j) > 1 && !lost_power_ && !std::isnormal(size)) lost_power_ = j;
    exponent_.push_back(std::max(std::ilogb(size), -1000));
    scale_.push_back(std::ldexp(1.0, -exponent_.back()));
  }
}

void Design::write(std::size_t j, double* to) const {
  const auto from = data_.column(source(j));
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = to_power(from[i] - shift_[j], power(j));
}

void Design::write(std::size_t j, std::span<const std::uint32_t> rows, const double* factors,
                   double* to) const {
  const double* from = data_.column(source(j)).data();
  const double scale = scale_[j];
  const double shift = shift_[j];
  const std::size_t degree = power(j);
  if (degree == 1) {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      to[k] = (from[rows[k]] - shift) * scale * factors[k];
    }
  } else {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      to[k] = to_power(from[rows[k]] - shift, degree) * scale * factors[k];
    }
  }
}

double Design::response(std::size_t row) const {
  const std::size_t y = columns();
  return (data_.column(y)[row] - shift_[y]) * scale_[y];
}

double Design::in_units_of_response(double value) const {
  return std::ldexp(value, exponent_.back());
}

void Design::finish(const LeastSquares& fit, std::span<double> coefficients,
                    std::span<double> errors) const {
  const int response = exponent_.back();
  for (std::size_t j = 0; j < columns(); ++j) {
    coefficients[j] = std::ldexp(fit.coefficients()[j], response - exponent_[j]);
    errors[j] = std::ldexp(fit.standard_errors()[j], response - exponent_[j]);
  }
  // A shift moves into the intercept, one of powers into all but the highest, too.
  const bool any = std::any_of(shift_.begin(), shift_.end() - 1, [](double s) { return s != 0; });
  std::vector<double> factors(any ? columns() : 0);
  const std::size_t changed = any ? (powers_ ? columns() - 1 : 1) : 0;
  for (std::size_t k = 0; k < changed; ++k) {
    if (powers_) {
      expand_powers(shift_[1], k, factors);
    } else {
      std::transform(shift_.begin(), shift_.end() - 1, factors.begin(),
                     [](double s) { return -s; });
      factors[0] = 1;
    }
    double sum = 0;
    for (std::size_t j = columns(); j-- > k;) sum += factors[j] * coefficients[j];
    coefficients[k] = sum;
    for (std::size_t j = 0; j < columns(); ++j) factors[j] = std::ldexp(factors[j], -exponent_[j]);
    errors[k] = std::ldexp(fit.standard_error(factors), response);
  }
  if (shift_.back() != 0) coefficients[0] += shift_.back();
}

}  // namespace scalelab
