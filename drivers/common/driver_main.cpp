#include "drivers/common/driver_main.hpp"

#include <fmt/format.h>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "drivers/common/affinity.hpp"
#include "drivers/common/command_line.hpp"
#include "drivers/common/doubts.hpp"
#include "drivers/common/ending.hpp"
#include "drivers/common/introduction.hpp"
#include "drivers/common/machine.hpp"
#include "drivers/common/output.hpp"
#include "drivers/common/progress.hpp"
#include "drivers/common/recorder.hpp"
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

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// One run of one driver, in one of its processes: its parts in the order in which they happen.
class DriverRun {
 public:
  explicit DriverRun(Driver& driver) : driver_(driver) {}

  void run(int argc, char** argv) {
    on_reporter(driver_, [&] { read(argc, argv); });
    const auto begin = Clock::now();
    share(driver_, request_);
    if (!request_.answer.empty()) return;
    options_.emplace(request_.options);
    distribution_seconds_ = seconds_since(begin);
    // Or mpirun would have to end the others, which takes it some seconds.
    if (!driver_.reports() && options_->timeout) limit_time(*options_->timeout);
    try {
      measure();
    } catch (const Ended& ended) {
      say_what_there_is(ended);
      throw;
    } catch (...) {
      say_what_there_is({1, what_is_thrown(), false});
      throw;
    }
  }

 private:
  /// On the reporter.
  void read(int argc, char** argv) {
    command_.assign(argv, argv + argc);
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
    machine_ = read_machine();
    const KernelDescription& kernel = kernel_named(request_.kernel);
    if (kernel.resolve != nullptr) {
      kernel.resolve(request_.options, machine_.last_level_cache_bytes.value_or(0));
    }
    if (options.resume && adopt_task_units(options.journal, request_)) return;
    resolve_task_units(kernel, request_.options, [this](const Kernel& probe) {
      require_memory(probe, driver_.workers_per_machine(workers_), machine_);
    });
  }

  void measure() {
    on_reporter(driver_, [&] { prepare(); });
    distribute();
    start();
    for (bool more = true; more;) more = repeat();
    on_reporter(driver_, [&] { finish(); });
  }

  /// On the reporter. A kernel that cannot be built, a run too large, or a file that cannot be
  /// written is found here, where it can be reported.
  void prepare() {
    recorder_.emplace(driver_.name(), options_->record_path, options_->json);
    recorder_->run().command = command_;
    recorder_->run().kernel = request_.kernel;
    recorder_->run().workers = workers_;
    const KernelDescription& description = kernel_named(request_.kernel);
    const auto begin = Clock::now();
    if (description.load != nullptr) data_ = description.load(request_.options);
    recorder_->run().load_seconds = seconds_since(begin);
    kernel_ = description.make(request_.options, data_);
    const Board::Shape shape(kernel_->tasks(), kernel_->width(), workers_, options_->schedule);
    require_memory(*kernel_, driver_.workers_per_machine(workers_), machine_);
    if (!options_->values_path.empty()) {
      values_file_.emplace(options_->values_path, data_.name, *kernel_);
    }
    if (!options_->trace_path.empty()) trace_file_.emplace(options_->trace_path, shape);
    if (!options_->journal.empty()) {
      identity_ = identity_of(request_, *kernel_, data_);
      prepare_journal(options_->journal, options_->resume, identity_, shape);
    }
    if (const std::string doubt = doubt_about_build(); !doubt.empty()) recorder_->warn(doubt);
    for (const std::string& text : data_.warnings) recorder_->warn(text);
    obey();
  }

  /// The request, the data and the kernel, to all processes.
  void distribute() {
    const auto begin = Clock::now();
    driver_.broadcast(std::as_writable_bytes(std::span(&workers_, 1)));
    share(driver_, identity_);
    const KernelDescription& description = kernel_named(request_.kernel);
    if (description.load != nullptr) {
      kernel_.reset();  // it keeps the reporter's own copy of the data alive
      data_copies_ = share(driver_, data_);
    }
    if (!kernel_) kernel_ = description.make(request_.options, data_);
    distribution_seconds_ += seconds_since(begin);
  }

  void start() {
    assignment_.emplace(Assignment{
        .kernel = *kernel_,
        .schedule = options_->schedule,
        .workers = workers_,
        .bind = options_->bind,
        .options = request_.options,
        .accounting = options_->accounting,
        .progress = options_->progress,
        .most_events = options_->trace_path.empty() ? 0 : most_events_of(workers_),
        .journal = options_->journal,
        .journal_identity = identity_,
    });
    const auto begin = Clock::now();
    driver_.start(*assignment_);
    const double start_seconds = seconds_since(begin);
    const std::vector<std::string> machines = driver_.gather(to_json(read_machine()));
    if (options_->resume) {
      on_reporter(driver_, [&] { resume(); });
      share(driver_, finished_);
    }
    on_reporter(driver_, [&] {
      Run& run = recorder_->run();
      run.start_seconds = start_seconds;
      run.distribution_seconds = distribution_seconds_;
      run.data_copies = data_copies_;
      introduce(run, request_, *kernel_, data_, driver_, machines);
      express_doubts();
      recorder_->begin();
      if (options_->progress) terminal_.emplace();
    });
  }

  /// On the reporter: what the journal holds is put onto the board.
  void resume() {
    const Resumed resumed =
        read_into(driver_.board(), options_->journal, assignment_->journal_identity);
    finished_ = resumed.finished;
    resumed_ = resumed.tasks;
    for (const std::string& text : resumed.warnings) recorder_->warn(text);
  }

  /// @returns whether there is another one
  bool repeat() {
    driver_.ready(finished_);
    Repetition repetition;
    std::optional<Progress> progress;
    if (driver_.reports()) {
      repetition.number = next_number();
      repetition.warmup = in_warmup();
      repetition.at_seconds = recorder_->seconds();
      repetition.resumed_tasks = resumed_;
      if (terminal_ && terminal_->exists()) {
        progress.emplace(driver_, *terminal_, title_of(repetition), kernel_->tasks() - resumed_);
      }
    }
    const std::optional<double> steal_before = steal_seconds();
    if (driver_.reports()) driver_.board().start_clock();
    driver_.run();
    bool more = false;
    on_reporter(driver_, [&] {
      Board& board = driver_.board();
      repetition.seconds = board.seconds();
      progress.reset();
      throw_failure(board);
      if (board.stopped()) end_early(board.why_stopped());
      check_ledger(board, resumed_);
      if (steal_before) repetition.steal_seconds = steal_seconds().value_or(0) - *steal_before;
      repetition.retries = driver_.retries();
      describe(*kernel_, board, options_->accounting, repetition);
      recorder_->add(repetition);
      if (repetition.digest != recorder_->repetitions().front().digest) {
        throw std::logic_error("two repetitions gave different values: the kernel is not pure");
      }
      if (!doubts_expressed_) express_doubts();
      more = in_warmup() || !options_->repetitions.enough(recorder_->measured_seconds());
      if (more) obey();
    });
    driver_.broadcast(std::as_writable_bytes(std::span(&more, 1)));
    return more;
  }

  bool in_warmup() const { return recorder_->repetitions().size() < options_->warmup; }

  std::size_t next_number() const {
    return (in_warmup() ? recorder_->repetitions().size() : recorder_->measured_seconds().size()) +
           1;
  }

  std::string title_of(const Repetition& repetition) const {
    if (repetition.warmup)
      return fmt::format("warm-up {}/{}: ", repetition.number, options_->warmup);
    return fmt::format("repetition {}/{}: ", repetition.number, options_->repetitions.most());
  }

  /// As soon as the workers have said who they are.
  void express_doubts() {
    if (places_of(driver_.board()).empty()) return;
    doubts_expressed_ = true;
    for (const std::string& doubt :
         doubts_about_workers(kernel_named(request_.kernel), driver_.board(),
                              driver_.should_be_bound(), recorder_->run().machines)) {
      recorder_->warn(doubt);
    }
  }

  /// On the reporter.
  void finish() {
    for (const std::string& doubt :
         doubts_about_times(recorder_->run(), recorder_->repetitions())) {
      recorder_->warn(doubt);
    }
    print_summary();
    if (values_file_) values_file_->write(driver_.board());
    if (trace_file_) trace_file_->write(driver_.board(), driver_.name() + ", " + request_.kernel);
    recorder_->end(0, "done", "");
  }

  /// Of a run that has not come to its end nothing is lost that was measured.
  void say_what_there_is(const Ended& ended) noexcept {
    if (!recorder_) return;
    try {
      print_summary();
      recorder_->end(ended.status, ended.stopped ? "stopped" : "failed", ended.message);
    } catch (...) {
      if (what_is_thrown() != ended.message) say(what_is_thrown());
    }
  }

  /// People see the warnings below the figures; in the lines of --json they are in the lines.
  void print_summary() {
    if (options_->json || options_->quiet || std::exchange(summary_printed_, true)) return;
    if (recorder_->measured_seconds().size() > 0)
      print(summary(recorder_->run(), recorder_->repetitions()));
    for (const std::string& text : recorder_->warnings()) say("warning: " + text);
  }

  /// Somebody outside may have asked for the end.
  void obey() {
    if (const Stop why = asked_to_end(); why != Stop::none) end_early(why);
  }

  /// On the reporter.
  [[noreturn]] void end_early(Stop why) {
    const char* hint = options_->journal.empty() ? "" : "; --resume goes on from the journal";
    throw Ended{
        status_of(why),
        fmt::format("stopped by {} after {} of {} repetitions{}", name_of(why),
                    recorder_->measured_seconds().size(), options_->repetitions.most(), hint),
        true};
  }

  Driver& driver_;
  std::vector<std::string> command_;
  Request request_;
  std::optional<RunOptions> options_;
  Machine machine_;  ///< on the reporter: its own
  DataSet data_;
  std::size_t data_copies_ = 0;
  double distribution_seconds_ = 0;
  std::unique_ptr<Kernel> kernel_;
  std::size_t workers_ = 0;
  std::optional<Recorder> recorder_;  ///< on the reporter, as all that follows but the assignment
  std::optional<ValuesFile> values_file_;
  std::optional<TraceFile> trace_file_;
  std::optional<Terminal> terminal_;  ///< for --progress
  bool doubts_expressed_ = false;
  bool summary_printed_ = false;
  std::string identity_;         ///< of the journal
  std::vector<Range> finished_;  ///< tasks found in the journal
  std::size_t resumed_ = 0;      ///< how many these are
  std::optional<Assignment> assignment_;
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
