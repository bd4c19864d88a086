// One team of OpenMP threads. They share the kernel, its data and the board.
#include <fmt/format.h>
#include <omp.h>

#include "drivers/common/driver.hpp"
#include "drivers/common/machine/affinity.hpp"
#include "drivers/common/run/driver_main.hpp"
#include "drivers/openmp/costs.hpp"
#include "drivers/openmp/team.hpp"
#include "drivers/openmp/thread_probe.hpp"

namespace scalelab {

namespace {

class OpenMp final : public Driver {
 public:
  DriverDescription description() const override {
    return {.name = "openmp", .built_on = fmt::format("OpenMP {}", _OPENMP), .fills_cpus = true};
  }

  std::size_t workers(std::optional<std::size_t> wanted, const OptionValues&) const override {
    return wanted.value_or(allowed_cpus());
  }

  void require_workers(const Assignment& assignment) override {
    need_openmp(1);
    const std::size_t others = assignment.progress ? 1 : 0;
    ThreadProbe{assignment.shape.workers - 1 + others};
  }

  void start(const Assignment& assignment) override {
    board_ = Board::on_heap(assignment.shape);
    team_.emplace(assignment, *board_, Team::Position{.threads = assignment.shape.workers});
  }

  void run() override { team_->work(); }

  std::vector<Cost> costs() override { return costs_of_team(board_->shape().workers); }

  Board& board() override { return *board_; }

 private:
  std::unique_ptr<Board> board_;
  std::optional<Team> team_;
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::OpenMp driver;
  return scalelab::driver_main(argc, argv, driver);
}
