#include "drivers/common/driver_main.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/command_line.hpp"
#include "drivers/common/digest.hpp"
#include "drivers/common/output.hpp"
#include "drivers/common/share.hpp"
#include "drivers/common/task_units.hpp"
#include "kernels/registry.hpp"
#include "results/record.hpp"

namespace scalelab {

namespace {

using Clock = std::chrono::steady_clock;

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::runtime_error("standard output cannot be written");
  }
}

void warn(const std::string& text) {
  std::fputs(("scalelab: warning: " + text + "\n").c_str(), stderr);
}

/// Found before anything is started: where memory runs out later, nobody can say why.
void require_memory(const Board::Shape& shape) {
  const double needed =
      static_cast<double>(shape.tasks) * (static_cast<double>(shape.width) * sizeof(double) + 1);
  const double there =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed > there) {
    throw std::runtime_error(fmt::format(
        "--tasks: the values of {} tasks need {:.3g} GB of memory, this machine has {:.3g}",
        shape.tasks, needed * 1e-9, there * 1e-9));
  }
}

/// One task named by the reports, the first; or, by the ledger, tasks that were not run exactly
/// once.
void check(Board& board) {
  const WorkerReport* failed = nullptr;
  std::uint64_t runs = 0;
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    const WorkerReport& report = board.report(w);
    runs += report.tasks;
    if (report.failed_task == WorkerReport::none) continue;
    if (failed == nullptr || report.failed_task < failed->failed_task) failed = &report;
  }
  if (failed != nullptr) {
    throw std::runtime_error(
        fmt::format("task {} failed: {}", failed->failed_task, failed->message.data()));
  }
  const auto ledger = board.ledger();
  const auto wrong = std::find_if(ledger.begin(), ledger.end(), [](auto n) { return n != 1; });
  if (wrong != ledger.end()) {
    throw std::logic_error(
        fmt::format("task {} was run {} times instead of once", wrong - ledger.begin(), *wrong));
  }
  // Two workers that run the same task at the same moment may mark it once; their counts tell.
  if (runs != board.shape().tasks) {
    throw std::logic_error(
        fmt::format("{} tasks were run instead of {}", runs, board.shape().tasks));
  }
}

Repetition describe(const Kernel& kernel, Board& board, std::size_t number, bool warmup,
                    double seconds) {
  Repetition repetition{.number = number, .warmup = warmup, .seconds = seconds};
  repetition.digest = fmt::format("{:016x}", digest(board.values()));
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    repetition.tasks_by_worker.push_back(board.report(w).tasks);
  }
  const auto counters = kernel.counters();
  const std::size_t width = board.shape().width;
  for (std::size_t c = 0; c < counters.size(); ++c) {
    double sum = 0;
    for (std::size_t at = width - counters.size() + c; at < board.values().size(); at += width) {
      sum += board.values()[at];
    }
    repetition.counters[counters[c]] = static_cast<std::uint64_t>(std::llround(sum));
  }
  return repetition;
}

void run_program(int argc, char** argv, Driver& driver) {
  Request request;
  DataSet data;
  std::unique_ptr<Kernel> kernel;
  std::optional<ValuesFile> values_file;
  std::size_t workers = 0;

  on_reporter(driver, [&] {
    request = read_command_line(argc, argv, driver.name(), driver.built_on());
    if (!request.answer.empty()) return print(request.answer);
    const RunOptions run(request.options);
    workers = driver.workers(run.workers);
    if (run.tasks_per_worker) {
      request.options.set("tasks", std::to_string(*run.tasks_per_worker * workers), false);
    }
    const KernelDescription& description = kernel_named(request.kernel);
    resolve_task_units(description, request.options);
    if (description.load != nullptr) data = description.load(request.options);
    // A kernel that cannot be built, or a run too large, is found here, where it can be reported.
    kernel = description.make(request.options, data);
    require_memory(Board::shape_of(*kernel, run.schedule, workers));
    if (!run.values_path.empty()) values_file.emplace(run.values_path, data.name);
    if (!run.quiet) std::for_each(data.warnings.begin(), data.warnings.end(), warn);
  });
  share(driver, request);
  if (!request.answer.empty()) return;
  share(driver, data);
  driver.broadcast(std::as_writable_bytes(std::span(&workers, 1)));

  const RunOptions options(request.options);
  const KernelDescription& description = kernel_named(request.kernel);
  if (!kernel) kernel = description.make(request.options, data);
  driver.start(*kernel, options.schedule, workers, options.bind);

  const Run run{.driver = driver.name(),
                .kernel = request.kernel,
                .data = data.name,
                .workers = workers,
                .tasks = kernel->tasks(),
                .schedule = options.schedule.name(),
                .chunk = options.schedule.chunk,
                .bind = options.bind ? "cores" : "none",
                .options = own_options(description, request.options),
                .work = kernel->work()};
  std::vector<Repetition> repetitions;
  for (std::size_t i = 0; i < options.warmup + options.repetitions; ++i) {
    driver.ready();
    const auto begin = Clock::now();
    driver.run();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    on_reporter(driver, [&] {
      check(driver.board());
      const bool warmup = i < options.warmup;
      repetitions.push_back(describe(*kernel, driver.board(),
                                     warmup ? i + 1 : i + 1 - options.warmup, warmup, seconds));
      if (repetitions.back().digest != repetitions.front().digest) {
        throw std::logic_error("two repetitions gave different values: the kernel is not pure");
      }
      if (options.json) print(to_json(run, repetitions.back()) + "\n");
    });
  }
  on_reporter(driver, [&] {
    if (values_file) values_file->write(*kernel, driver.board());
    if (!options.json && !options.quiet) print(summary(run, repetitions));
  });
}

}  // namespace

int driver_main(int argc, char** argv, Driver& driver) {
  allowed_cores();  // read before any worker is bound
  // Not fmt::print, which throws if standard error is closed.
  const auto report = [](const std::string& what) {
    std::fputs(("scalelab: " + what + "\n").c_str(), stderr);
  };
  try {
    run_program(argc, argv, driver);
    return 0;
  } catch (const Ended& end) {
    if (!end.message.empty()) report(end.message);
    return end.status;
  } catch (...) {
    report(what_is_thrown());
    driver.abandon();
    return 1;
  }
}

}  // namespace scalelab
