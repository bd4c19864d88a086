// The baseline: one worker, the calling thread. Every speed-up is relative to this program.
#include "drivers/common/affinity.hpp"
#include "drivers/common/driver.hpp"
#include "drivers/common/driver_main.hpp"
#include "drivers/common/worker.hpp"

namespace scalelab {

namespace {

class Sequential final : public Driver {
 public:
  std::string name() const override { return "sequential"; }

  std::size_t workers(std::optional<std::size_t> wanted) const override {
    if (wanted.value_or(1) != 1) {
      throw UsageError("--workers: expected 1, the sequential driver has one worker");
    }
    return 1;
  }

  void start(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
             bool bind) override {
    kernel_ = &kernel;
    board_ = Board::on_heap(Board::shape_of(kernel, schedule, workers));
    if (bind) bind_worker(0);
    workspace_ = kernel.workspace();
  }

  void ready() override {
    board_->clear();
    board_->deal();
  }

  void run() override { work(*kernel_, *board_, 0, *workspace_); }

  Board& board() override { return *board_; }

 private:
  const Kernel* kernel_ = nullptr;
  std::unique_ptr<Board> board_;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::Sequential driver;
  return scalelab::driver_main(argc, argv, driver);
}
