// The baseline: one worker, the calling thread. Every speed-up is relative to this program.
#include "drivers/common/driver.hpp"
#include "drivers/common/run/driver_main.hpp"
#include "drivers/common/timed/worker.hpp"
#include "results/record/record.hpp"

namespace scalelab {

namespace {

class Sequential final : public Driver {
 public:
  DriverDescription description() const override { return {.name = sequential_driver}; }

  std::size_t workers(std::optional<std::size_t> wanted, const OptionValues&) const override {
    if (wanted.value_or(1) != 1) {
      throw UsageError("--workers: expected 1, the sequential driver has one worker");
    }
    return 1;
  }

  void start(const Assignment& assignment) override {
    board_ = Board::on_heap(assignment.shape);
    worker_.emplace(assignment, *board_, 0);
  }

  void run() override { worker_->work(); }

  Board& board() override { return *board_; }

 private:
  std::unique_ptr<Board> board_;
  std::optional<Worker> worker_;
};

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) {
  scalelab::Sequential driver;
  return scalelab::driver_main(argc, argv, driver);
}
