// One team of OpenMP threads. They share the kernel, its data and the board.
#include <fmt/format.h>
#include <omp.h>

#include <stdexcept>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/driver.hpp"
#include "drivers/common/driver_main.hpp"
#include "drivers/common/worker.hpp"

namespace scalelab {

namespace {

class OpenMp final : public Driver {
 public:
  std::string name() const override { return "openmp"; }
  std::string built_on() const override { return fmt::format("OpenMP {}", _OPENMP); }

  std::size_t workers(std::optional<std::size_t> wanted) const override {
    return wanted.value_or(static_cast<std::size_t>(omp_get_max_threads()));
  }

  void start(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
             bool bind) override {
    kernel_ = &kernel;
    board_ = Board::on_heap(Board::shape_of(kernel, schedule, workers));
    workspaces_.resize(workers);
    omp_set_dynamic(0);  // exactly as many threads as asked for
    std::vector<std::string> errors(workers);
    in_parallel([&](std::size_t worker) {
      try {  // no exception may leave a parallel region
        if (bind) bind_worker(worker);
        workspaces_[worker] = kernel.workspace();
      } catch (...) {
        errors[worker] = fmt::format("worker {} cannot start: {}", worker, what_is_thrown());
      }
    });
    for (const std::string& error : errors) {
      if (!error.empty()) throw std::runtime_error(error);
    }
  }

  void ready() override {
    board_->clear();
    board_->deal();
  }

  void run() override {
    in_parallel(
        [this](std::size_t worker) { work(*kernel_, *board_, worker, *workspaces_[worker]); });
  }

  Board& board() override { return *board_; }

 private:
  /// The OpenMP library keeps the threads of the first region for all later ones.
  template <class Body>
  void in_parallel(const Body& body) {
    const int workers = static_cast<int>(workspaces_.size());
    int team = 0;
#pragma omp parallel num_threads(workers)
    {
      if (omp_get_thread_num() == 0) team = omp_get_num_threads();
      // A smaller team would leave tasks undone.
      if (omp_get_num_threads() == workers) body(static_cast<std::size_t>(omp_get_thread_num()));
    }
    if (team != workers) {
      throw std::runtime_error(fmt::format(
          "OpenMP started {} threads instead of {}: see OMP_THREAD_LIMIT", team, workers));
    }
  }

  const Kernel* kernel_ = nullptr;
  std::unique_ptr<Board> board_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::OpenMp driver;
  return scalelab::driver_main(argc, argv, driver);
}
