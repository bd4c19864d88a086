#include "kernels/linear_models/least_squares.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>

namespace scalelab {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Matrix = Eigen::Ref<MatrixXd, 0, Eigen::OuterStride<>>;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Below this reciprocal condition number of the scaled Gram matrix (condition 1e4 of the design)
/// normal equations have lost half of the digits.
constexpr double smallest_gram_rcond = 1e-8;

/// Eigen cuts its products by the sizes of the caches that it detects: other hosts, other bits.
void pin_block_sizes() {
  static const bool pinned = [] {
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
    return true;
  }();
  static_cast<void>(pinned);
}

/// A multiple of 8, so that every column is aligned alike, for any rows.
constexpr std::size_t leading_dimension(std::size_t rows) { return (rows + 7) / 8 * 8; }

}  // namespace

struct LeastSquares::Memory {
  Memory(std::size_t most_rows, std::size_t columns)
      : p(static_cast<Index>(columns)),
        design(static_cast<Index>(leading_dimension(most_rows)), p + 1),
        inverse(p, p),
        gram(p, p),
        scale(p),
        coefficients(p),
        errors(p) {}

  bool fit_qr(Index rows, double freedom);
  bool fit_normal_equations(Index rows, double freedom);

  Index p;
  MatrixXd design;  // [A | y]
  MatrixXd inverse;
  MatrixXd gram;
  VectorXd scale;
  VectorXd coefficients;
  VectorXd errors;
  double rss = 0;
  double sigma = 0;
  bool fell_back = false;
  bool by_qr = true;  // else by normal equations
};

/// QR of [A | y]: the last column of R holds Qᵀy above and the length of the residual below.
bool LeastSquares::Memory::fit_qr(Index rows, double freedom) {
  if (rows < p) return false;
  Matrix augmented(design.topRows(rows));
  const Eigen::HouseholderQR<Matrix> qr(augmented);
  const auto r = qr.matrixQR().topLeftCorner(p, p).template triangularView<Eigen::Upper>();

  const double smallest = rank_tolerance(static_cast<std::size_t>(rows));
  for (Index j = 0; j < p; ++j) {
    const double length = qr.matrixQR().col(j).head(j + 1).norm();
    if (!(std::abs(qr.matrixQR()(j, j)) > smallest * length)) return false;
  }

  coefficients = r.solve(qr.matrixQR().col(p).head(p));
  const double residual = rows > p ? qr.matrixQR()(p, p) : 0.0;
  rss = residual * residual;
  sigma = std::abs(residual) / std::sqrt(freedom);
  inverse.setIdentity();
  r.solveInPlace(inverse);
  errors = sigma * inverse.rowwise().norm();
  by_qr = true;
  return true;
}

/// AᵀA b = Aᵀy, with the columns scaled to unit length. @returns false if that is too inaccurate
bool LeastSquares::Memory::fit_normal_equations(Index rows, double freedom) {
  if (rows < p) return false;
  const auto a = design.topLeftCorner(rows, p);
  const auto y = design.col(p).head(rows);
  gram.setZero();
  gram.selfadjointView<Eigen::Lower>().rankUpdate(a.transpose());
  scale = gram.diagonal().cwiseSqrt().cwiseInverse();
  if (!scale.allFinite()) return false;
  gram = scale.asDiagonal() * gram * scale.asDiagonal();

  const Eigen::LLT<Eigen::Ref<MatrixXd>> cholesky(gram);
  if (cholesky.info() != Eigen::Success || !(cholesky.rcond() > smallest_gram_rcond)) return false;

  coefficients.noalias() = a.transpose() * y;
  coefficients.array() *= scale.array();
  cholesky.solveInPlace(coefficients);
  coefficients.array() *= scale.array();

  rss = 0;
  for (Index i = 0; i < rows; ++i) {
    const double residual = y(i) - a.row(i).dot(coefficients);
    rss += residual * residual;
  }
  sigma = std::sqrt(rss / freedom);
  inverse.setIdentity();
  cholesky.matrixL().solveInPlace(inverse);
  errors = sigma * inverse.colwise().norm().transpose().cwiseProduct(scale);
  by_qr = false;
  return true;
}

double rank_tolerance(std::size_t rows) {
  return static_cast<double>(std::max<std::size_t>(rows, 64)) * epsilon;
}

LeastSquares::LeastSquares(std::size_t most_rows, std::size_t columns) {
  pin_block_sizes();
  memory_ = std::make_unique<Memory>(most_rows, columns);
}

LeastSquares::~LeastSquares() = default;

/// The design, its response and a column that QR takes for a moment; the inverse, the Gram matrix
/// and another one while that is scaled. A column that is not written to its end takes whole pages,
/// which is half a page more at either end, on average. Systems have pages of 4 KiB and, where they
/// can spare it, larger.
std::size_t LeastSquares::bytes(std::size_t most_rows, std::size_t written_rows,
                                std::size_t columns) {
  constexpr std::size_t page = 4096 / sizeof(double);
  const std::size_t rows = std::min(leading_dimension(most_rows), written_rows + page);
  return (rows * (columns + 2) + 3 * columns * columns) * sizeof(double);
}

double* LeastSquares::column(std::size_t j) {
  return memory_->design.col(static_cast<Index>(j)).data();
}

bool LeastSquares::fit(std::size_t rows, std::size_t freedom, Solver solver) {
  Memory& m = *memory_;
  const auto n = static_cast<Index>(rows);
  const auto f = static_cast<double>(freedom);
  m.fell_back = false;
  if (solver == Solver::normal_equations) {
    if (m.fit_normal_equations(n, f)) return true;
    m.fell_back = true;
  }
  return m.fit_qr(n, f);
}

std::span<const double> LeastSquares::coefficients() const {
  return {memory_->coefficients.data(), static_cast<std::size_t>(memory_->p)};
}

std::span<const double> LeastSquares::standard_errors() const {
  return {memory_->errors.data(), static_cast<std::size_t>(memory_->p)};
}

/// The covariances are sigma² R⁻¹R⁻ᵀ after QR, and sigma² S L⁻ᵀL⁻¹ S after Cholesky.
double LeastSquares::standard_error(std::span<const double> factors) const {
  const Memory& m = *memory_;
  const Eigen::Map<const VectorXd> f(factors.data(), m.p);
  if (m.by_qr) return m.sigma * (m.inverse.transpose() * f).norm();
  return m.sigma * (m.inverse * f.cwiseProduct(m.scale)).norm();
}

double LeastSquares::residual_sum_of_squares() const { return memory_->rss; }

double LeastSquares::sigma() const { return memory_->sigma; }

bool LeastSquares::fell_back() const { return memory_->fell_back; }

Collinearity collinearity(std::span<const double> values, std::size_t rows, std::size_t columns) {
  return collinearity(rows, columns, [&](std::size_t j, double* to) {
    std::copy_n(values.data() + j * rows, rows, to);
  });
}

Collinearity collinearity(std::size_t rows, std::size_t columns,
                          const std::function<void(std::size_t j, double* to)>& write) {
  pin_block_sizes();
  const auto n = static_cast<Index>(rows);
  const auto p = static_cast<Index>(columns);
  MatrixXd design(n, p);
  for (Index j = 0; j < p; ++j) {
    write(static_cast<std::size_t>(j), design.col(j).data());
    const double largest = design.col(j).cwiseAbs().maxCoeff();
    if (!(largest > 0)) {  // nothing but zeros, as powers of small numbers become
      return {std::numeric_limits<double>::infinity(), {static_cast<std::size_t>(j)}};
    }
    design.col(j) /= largest;  // else the length could overflow
    design.col(j).normalize();
  }
  const Eigen::HouseholderQR<Eigen::Ref<MatrixXd>> qr(design);
  const MatrixXd r = qr.matrixQR().topRows(p).template triangularView<Eigen::Upper>();
  const Eigen::JacobiSVD<MatrixXd> svd(r, Eigen::ComputeFullV);

  Collinearity result;
  result.condition = svd.singularValues()(0) / svd.singularValues()(p - 1);
  const double share = 1 / result.condition > rank_tolerance(rows) ? 0.05 : 1e-9;
  const VectorXd weakest = svd.matrixV().col(p - 1).cwiseAbs();
  for (Index j = 0; j < p; ++j) {
    if (weakest(j) > share * weakest.maxCoeff()) {
      result.columns.push_back(static_cast<std::size_t>(j));
    }
  }
  return result;
}

}  // namespace scalelab
