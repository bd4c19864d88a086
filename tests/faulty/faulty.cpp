// A kernel that goes wrong on request, so that tests can see what each driver makes of it. Its
// tasks also sleep 1 ms each, so that there is a time to be interrupted in.
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <string>

#include "kernels/description.hpp"

namespace scalelab {

namespace {

class Faulty final : public Kernel {
 public:
  explicit Faulty(const OptionValues& options)
      : tasks_(options.whole("tasks")),
        at_(options.whole("fail-at", 0)),
        how_(options.choice("fail-by", {"exception", "integer", "kill", "workspace", "length",
                                        "workspace-integer"})) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 1; }

  std::unique_ptr<Workspace> workspace() const override {
    if (how_ == 5) throw 42;
    if (how_ == 3) throw std::runtime_error("no room for a workspace");
    return std::make_unique<Workspace>();
  }

  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      const timespec pause{0, 1'000'000};
      nanosleep(&pause, nullptr);
      if (task == at_) fail();
      values[task - first] = static_cast<double>(task);
    }
  }

 private:
  void fail() const {
    if (how_ == 0) throw std::runtime_error("the disk is on fire");
    if (how_ == 1) throw 42;
    if (how_ == 2) raise(SIGKILL);
    if (how_ == 4) throw std::runtime_error(std::string(5000, 'x'));
  }

  std::size_t tasks_;
  std::size_t at_;
  std::size_t how_;
};

}  // namespace

KernelDescription describe_faulty() {
  return {
      .name = "faulty",
      .summary = "goes wrong on request",
      .options = {{"fail-at", "1000000", "the task that fails"},
                  {"fail-by", "exception", "exception, integer, kill, workspace, ..."}},
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<Faulty>(options);
      },
  };
}

}  // namespace scalelab
