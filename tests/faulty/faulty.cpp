// A kernel that goes wrong on request, so that tests can see what each driver makes of it. Its
// tasks also sleep 1 ms each, so that there is a time to be interrupted in.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

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
        how_(static_cast<How>(options.choice(
            "fail-by", {"exception", "integer", "length", "workspace", "workspace-integer",
                        "no-workspace", "no-columns", "small-team", "kill", "segfault", "exit"}))),
        once_(options.text("fail-once")) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return 1; }

  std::unique_ptr<Workspace> workspace() const override {
    if (how_ == How::workspace_integer) throw 42;
    if (how_ == How::no_workspace) return nullptr;
    if (how_ == How::workspace) throw std::runtime_error("no room for a workspace");
    return std::make_unique<Workspace>();
  }

  std::vector<std::string> columns() const override {
    if (how_ == How::no_columns) return {};
    return {"value"};
  }

  /// Asked for after each repetition, outside of them: from then on OpenMP gives one thread only.
  std::vector<std::string> counters() const override {
    if (how_ == How::small_team) {
      void* const found = dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");
      if (found != nullptr) reinterpret_cast<void (*)(int)>(found)(0);
    }
    return {};
  }

  void run(std::size_t first, std::size_t last, Workspace&,
           std::span<double> values) const override {
    for (std::size_t task = first; task < last; ++task) {
      const timespec pause{0, 1'000'000};
      nanosleep(&pause, nullptr);
      if (task == at_ && !has_failed_before()) fail();
      values[task - first] = static_cast<double>(task);
    }
  }

 private:
  enum class How {
    exception,
    integer,
    length,
    workspace,
    workspace_integer,
    no_workspace,
    no_columns,
    small_team,
    kill,
    segfault,
    exit
  };

  /// The marker of --fail-once is made by the first to come.
  bool has_failed_before() const {
    if (once_.empty()) return false;
    const int marker = open(once_.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (marker < 0) return true;
    close(marker);
    return false;
  }

  void fail() const {
    switch (how_) {
      case How::exception: throw std::runtime_error("the disk is on fire");
      case How::integer: throw 42;
      case How::length: throw std::runtime_error(std::string(5000, 'a'));
      case How::kill: raise(SIGKILL); break;
      case How::segfault:
        std::signal(SIGSEGV, SIG_DFL);  // not a sanitizer's own end
        raise(SIGSEGV);
        break;
      case How::exit: _exit(3);
      case How::workspace:
      case How::workspace_integer:
      case How::no_workspace:
      case How::no_columns:
      case How::small_team: break;
    }
  }

  std::size_t tasks_;
  std::size_t at_;
  How how_;
  std::string once_;
};

}  // namespace

KernelDescription describe_faulty() {
  return {
      .name = "faulty",
      .summary = "goes wrong on request",
      .options = {{"fail-at", "1000000", "the task that fails"},
                  {"fail-by", "exception", "exception, integer, kill, exit, ..."},
                  {"fail-once", "", "only the first time: then this file is there"}},
      .make = [](const OptionValues& options, const DataSet&) -> std::unique_ptr<Kernel> {
        return std::make_unique<Faulty>(options);
      },
      .waits = true,
  };
}

}  // namespace scalelab
