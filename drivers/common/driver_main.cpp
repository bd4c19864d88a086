#include "drivers/common/driver_main.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/command_line.hpp"
#include "drivers/common/doubts.hpp"
#include "drivers/common/ending.hpp"
#include "drivers/common/output.hpp"
#include "drivers/common/progress.hpp"
#include "drivers/common/repetition.hpp"
#include "drivers/common/resume.hpp"
#include "drivers/common/say.hpp"
#include "drivers/common/share.hpp"
#include "drivers/common/task_units.hpp"
#include "drivers/common/trace.hpp"
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

/// One run of one driver, in one of its processes: its parts in the order in which they happen.
class DriverRun {
 public:
  explicit DriverRun(Driver& driver) : driver_(driver) {}

  void run(int argc, char** argv) {
    on_reporter(driver_, [&] { read(argc, argv); });
    share(driver_, request_);
    if (!request_.answer.empty()) return;
    options_.emplace(request_.options);
    // Or mpirun would have to end the others, which takes it some seconds.
    if (!driver_.reports() && options_->timeout) limit_time(*options_->timeout);
    on_reporter(driver_, [&] { prepare(); });
    distribute();
    start();
    try {
      for (std::size_t i = 0; i < options_->warmup + options_->repetitions; ++i) repeat(i);
    } catch (...) {
      if (measured() > 0) print_summary();  // what was measured so far is not lost
      throw;
    }
    on_reporter(driver_, [&] { finish(); });
  }

 private:
  /// On the reporter.
  void read(int argc, char** argv) {
    request_ =
        read_command_line(argc, argv, {driver_.name(), driver_.built_on(), driver_.options()});
    if (!request_.answer.empty()) return print(request_.answer);
    const RunOptions options(request_.options);
    if (options.timeout) limit_time(*options.timeout);
    workers_ = driver_.workers(options.workers, request_.options);
    if (options.tasks_per_worker) {
      request_.options.set("tasks", std::to_string(*options.tasks_per_worker * workers_), false);
      RunOptions{request_.options};  // not too many?
    }
    if (options.resume && adopt_task_units(options.journal, request_)) return;
    resolve_task_units(kernel_named(request_.kernel), request_.options);
  }

  /// On the reporter. A kernel that cannot be built, a run too large, or a file that cannot be
  /// written is found here, where it can be reported.
  void prepare() {
    const KernelDescription& description = kernel_named(request_.kernel);
    if (description.load != nullptr) data_ = description.load(request_.options);
    kernel_ = description.make(request_.options, data_);
    const Board::Shape shape(kernel_->tasks(), kernel_->width(), workers_, options_->schedule);
    require_memory(shape);
    if (!options_->values_path.empty()) {
      values_file_.emplace(options_->values_path, data_.name, *kernel_);
    }
    if (!options_->trace_path.empty()) trace_file_.emplace(options_->trace_path, shape);
    if (!options_->journal.empty()) {
      identity_ = identity_of(request_, *kernel_, data_);
      prepare_journal(options_->journal, options_->resume, identity_, shape);
    }
    if (const std::string doubt = doubt_about_build(); !doubt.empty()) warn(doubt);
    std::for_each(data_.warnings.begin(), data_.warnings.end(),
                  [this](const std::string& text) { warn(text); });
    obey();
  }

  /// The request, the data and the kernel, to all processes.
  void distribute() {
    driver_.broadcast(std::as_writable_bytes(std::span(&workers_, 1)));
    share(driver_, identity_);
    const KernelDescription& description = kernel_named(request_.kernel);
    if (description.load != nullptr) {
      kernel_.reset();  // it keeps the reporter's own copy of the data alive
      data_copies_ = share(driver_, data_);
    }
    if (!kernel_) kernel_ = description.make(request_.options, data_);
  }

  void start() {
    assignment_.emplace(Assignment{
        .kernel = *kernel_,
        .schedule = options_->schedule,
        .workers = workers_,
        .bind = options_->bind,
        .options = request_.options,
        .progress = options_->progress,
        .most_events = options_->trace_path.empty() ? 0 : most_events_of(workers_),
        .journal = options_->journal,
        .journal_identity = identity_,
    });
    driver_.start(*assignment_);
    if (driver_.reports() && options_->progress) terminal_.emplace();
    run_ =
        Run{.driver = driver_.name(),
            .kernel = request_.kernel,
            .data = data_.name,
            .workers = workers_,
            .tasks = kernel_->tasks(),
            .schedule = options_->schedule.name(),
            .chunk = options_->schedule.chunk,
            .bind = options_->bind ? "cores" : "none",
            .options = own_options(kernel_named(request_.kernel), request_.options),
            .driver_options = texts_of(driver_.options(), request_.options),
            .work = kernel_->work(),
            .seconds_per_unit = seconds_per_unit(kernel_named(request_.kernel), request_.options),
            .data_bytes = data_.size() * sizeof(double),
            .data_copies = data_copies_};
    if (options_->resume) {
      on_reporter(driver_, [&] { resume(); });
      share(driver_, finished_);
    }
  }

  /// On the reporter: what the journal holds is put onto the board.
  void resume() {
    const Resumed resumed =
        read_into(driver_.board(), options_->journal, assignment_->journal_identity);
    finished_ = resumed.finished;
    resumed_ = resumed.tasks;
    std::for_each(resumed.warnings.begin(), resumed.warnings.end(),
                  [this](const std::string& text) { warn(text); });
  }

  void repeat(std::size_t i) {
    const bool warmup = i < options_->warmup;
    const std::size_t number = warmup ? i + 1 : i + 1 - options_->warmup;
    driver_.ready(finished_);
    std::optional<Progress> progress;
    if (terminal_ && terminal_->exists()) {
      progress.emplace(driver_, *terminal_,
                       fmt::format("{} {}/{}: ", warmup ? "warm-up" : "repetition", number,
                                   warmup ? options_->warmup : options_->repetitions),
                       run_.tasks - resumed_);
    }
    const auto begin = Clock::now();
    driver_.run();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    progress.reset();
    on_reporter(driver_, [&] {
      Board& board = driver_.board();
      throw_failure(board);
      if (board.stopped()) end_early(board.why_stopped());
      check_ledger(board, resumed_);
      Repetition repetition = describe(*kernel_, board);
      repetition.number = number;
      repetition.warmup = warmup;
      repetition.seconds = seconds;
      repetition.retries = driver_.retries();
      repetition.resumed = resumed_;
      repetitions_.push_back(repetition);
      if (repetition.digest != repetitions_.front().digest) {
        throw std::logic_error("two repetitions gave different values: the kernel is not pure");
      }
      if (options_->json) print(to_json(run_, repetition) + "\n");
      if (i == 0) express_doubts(board);
      if (i + 1 < options_->warmup + options_->repetitions) obey();
    });
  }

  void express_doubts(Board& board) {
    for (const std::string& doubt :
         doubts_about_run(kernel_named(request_.kernel), board, driver_.should_be_bound())) {
      warn(doubt);
    }
  }

  void finish() {
    print_summary();
    if (values_file_) values_file_->write(driver_.board());
    if (trace_file_) trace_file_->write(driver_.board(), run_.driver + ", " + run_.kernel);
  }

  void print_summary() {
    if (!options_->json && !options_->quiet) print(summary(run_, repetitions_));
  }

  /// Repetitions; on the reporter.
  std::size_t measured() const {
    return static_cast<std::size_t>(
        std::count_if(repetitions_.begin(), repetitions_.end(),
                      [](const Repetition& repetition) { return !repetition.warmup; }));
  }

  /// Somebody outside may have asked for the end.
  void obey() {
    if (const Stop why = asked_to_end(); why != Stop::none) end_early(why);
  }

  /// On the reporter.
  [[noreturn]] void end_early(Stop why) {
    const char* hint = options_->journal.empty() ? "" : "; --resume goes on from the journal";
    throw Ended{status_of(why), fmt::format("stopped by {} after {} of {} repetitions{}",
                                            name_of(why), measured(), options_->repetitions, hint)};
  }

  void warn(const std::string& text) {
    if (!options_->quiet) say("warning: " + text);
  }

  Driver& driver_;
  Request request_;
  std::optional<RunOptions> options_;
  DataSet data_;
  std::size_t data_copies_ = 0;
  std::unique_ptr<Kernel> kernel_;
  std::size_t workers_ = 0;
  std::optional<ValuesFile> values_file_;
  std::optional<TraceFile> trace_file_;
  std::string identity_;         ///< of the journal
  std::vector<Range> finished_;  ///< tasks found in the journal
  std::size_t resumed_ = 0;      ///< how many these are
  std::optional<Assignment> assignment_;
  std::optional<Terminal> terminal_;  ///< for --progress
  Run run_;
  std::vector<Repetition> repetitions_;  ///< on the reporter
};

}  // namespace

int driver_main(int argc, char** argv, Driver& driver) {
  try {
    allowed_cores();  // read before any worker is bound
    heed_signals(driver.reports());
    DriverRun(driver).run(argc, argv);
    return 0;
  } catch (const Ended& end) {
    if (!end.message.empty()) say(end.message);
    return end.status;
  } catch (...) {
    say(what_is_thrown());
    driver.abandon();
    return 1;
  }
}

}  // namespace scalelab
