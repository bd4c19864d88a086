#include "drivers/common/run/driver_main.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/machine/affinity.hpp"
#include "drivers/common/machine/job.hpp"
#include "drivers/common/machine/launch.hpp"
#include "drivers/common/machine/machine.hpp"
#include "drivers/common/machine/openmp_variables.hpp"
#include "drivers/common/machine/stops.hpp"
#include "drivers/common/output/delivery.hpp"
#include "drivers/common/output/progress.hpp"
#include "drivers/common/output/recorder.hpp"
#include "drivers/common/output/say.hpp"
#include "drivers/common/output/summary.hpp"
#include "drivers/common/output/trace.hpp"
#include "drivers/common/output/values_file.hpp"
#include "drivers/common/run/account.hpp"
#include "drivers/common/run/introduction.hpp"
#include "drivers/common/run/measure_cost.hpp"
#include "drivers/common/run/on_reporter.hpp"
#include "drivers/common/run/resume.hpp"
#include "drivers/common/run/setup.hpp"
#include "drivers/common/run/warnings.hpp"
#include "kernels/contract.hpp"
#include "kernels/registry.hpp"

namespace scalelab {

namespace {

/// One run of one driver, in one of its processes: its parts in the order in which they happen.
class DriverRun {
 public:
  explicit DriverRun(Driver& driver) : driver_(driver), world_(driver.world()), setup_(driver) {}

  void run(int argc, char** argv) {
    if (world_.reports()) delivery_.emplace(world_.standard_stream(1));
    if (!setup_.read(argc, argv)) return on_reporter(world_, [&] { delivery_->require(); });
    if (setup_.options().dry_run) return on_reporter(world_, [&] { foretell(); });
    try {
      on_reporter(world_, [&] { prepare(); });
      setup_.distribute();
      start();
      for (bool more = true; more;) more = repeat();
      if (setup_.options().costs) measure_costs();
      on_reporter(world_, [&] { finish(); });
    } catch (const Ended& ended) {
      say_what_there_is(ended);
      throw;
    } catch (...) {
      say_what_there_is({1, what_is_thrown(), false});
      throw;
    }
  }

 private:
  /// On the reporter, for --dry-run: nothing is opened, started or written.
  void foretell() {
    recorder_.emplace(driver_.description().name, "", false);
    plan();
    obey();
    print(fmt::format("{}\n", to_json(recorder_->run())));
    delivery_->require();
  }

  /// On the reporter: what is to be done, and that it can be.
  void plan() {
    const bool by_default = driver_.description().fills_cpus && !setup_.options().workers;
    const bool places_matter = !setup_.options().bind && setup_.workers() > 1;
    for (const std::string& warning :
         {warning_about_build(kernels_build().type), warning_about_cluster(slurm_job()),
          note_on_openmp_variables(openmp_variables_taken_out(), by_default, places_matter)}) {
      if (!warning.empty()) recorder_->warn(warning);
    }
    for (const std::string& warning : launch_warnings()) recorder_->warn(warning);
    setup_.build(recorder_->run());
    introduce(recorder_->run(), setup_, driver_);
  }

  /// On the reporter. A file that cannot be written is found before anything is started.
  void prepare() {
    const RunOptions& options = setup_.options();
    setup_.require_distinct_files();
    if (!options.journal.empty()) require_journal_folder(options.journal, options.resume);
    recorder_.emplace(driver_.description().name, options.record_path, options.json);
    plan();
    const BoardShape shape = setup_.shape();
    if (!options.values_path.empty()) {
      values_file_.emplace(options.values_path, setup_.kernel());
    }
    if (!options.trace_path.empty()) trace_file_.emplace(options.trace_path, shape);
    if (!options.journal.empty()) {
      prepare_journal(options.journal, options.resume, setup_.journal_identity(), shape,
                      journal_lock_);
    }
    obey();
  }

  void start() {
    const RunOptions& options = setup_.options();
    for (const std::string& doubt : setup_.doubts_elsewhere()) recorder_->warn(doubt);
    assignment_.emplace(Assignment{
        .kernel = setup_.kernel(),
        .shape = setup_.shape(),
        .bind = options.bind,
        .options = setup_.request().options,
        .accounting = options.accounting,
        .progress = options.progress,
        .journal = options.journal,
        .journal_identity = setup_.journal_identity(),
        .kernel_name = setup_.request().kernel,
    });
    driver_.require_workers(*assignment_);
    const auto begin = std::chrono::steady_clock::now();
    driver_.start(*assignment_);
    interruption();  // what was until now is in no repetition
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const std::vector<std::string> machines = world_.gather([] { return to_json(read_machine()); });
    if (options.resume) {
      on_reporter(world_, [&] { resume(); });
      share(world_, finished_);
    }
    on_reporter(world_, [&] {
      recorder_->run().start_seconds = took.count();
      introduce_workers(recorder_->run(), setup_, driver_, machines);
      express_warnings();
      recorder_->begin();
      if (options.progress) status_line_.emplace();
    });
  }

  /// On the reporter: what the journal holds is put onto the board.
  void resume() {
    const Resumed resumed =
        read_into(driver_.board(), setup_.options().journal, setup_.journal_identity());
    finished_ = resumed.finished;
    resumed_ = resumed.tasks;
    for (const std::string& text : resumed.warnings) recorder_->warn(text);
  }

  /// @returns whether there is another one
  bool repeat() {
    driver_.ready(finished_);
    Repetition repetition;
    std::optional<Progress> progress;
    std::optional<double> steal_before;
    if (world_.reports()) {
      repetition.warmup = in_warmup();
      repetition.number = 1 + (in_warmup() ? tally().count() : tally().seconds().size());
      repetition.at_seconds = recorder_->seconds();
      repetition.resumed_tasks = resumed_;
      if (status_line_ && status_line_->exists()) {
        progress.emplace(driver_, *status_line_, title_of(repetition),
                         setup_.kernel().tasks() - resumed_);
      }
      steal_before = steal_seconds();
      driver_.board().gate().start_clock();
    }
    driver_.run();
    bool more = false;
    on_reporter(world_, [&] {
      Board& board = driver_.board();
      repetition.seconds = board.gate().seconds();
      progress.reset();
      throw_failure(board);
      // Who asks for the end when all is done comes too late for this repetition.
      if (board.gate().stopped() && !is_complete(board, resumed_)) {
        end_early(board.gate().why_stopped());
      }
      check_ledger(board, resumed_);
      if (const auto now = steal_seconds(); now && steal_before && *now >= *steal_before) {
        repetition.steal_seconds = *now - *steal_before;
      }
      require_counts(setup_.description(), setup_.kernel(), board.values());
      describe(setup_.kernel(), board, setup_.options().accounting, repetition);
      recorder_->add(repetition);
      if (repetition.digest != tally().digest()) {
        throw std::logic_error("two repetitions gave different values: the kernel is not pure");
      }
      if (!warnings_expressed_) express_warnings();
      more = in_warmup() || !setup_.options().repetitions.enough(tally().counted_seconds(),
                                                                 tally().seconds().size());
      if (more || setup_.options().costs) obey();
    });
    world_.broadcast(std::as_writable_bytes(std::span(&more, 1)));
    return more;
  }

  const Tally& tally() const { return recorder_->tally(); }

  bool in_warmup() const { return tally().count() < setup_.options().warmup; }

  std::string title_of(const Repetition& repetition) const {
    return fmt::format(
        "{} {}/{}: ", repetition.warmup ? "warm-up" : "repetition", repetition.number,
        repetition.warmup ? setup_.options().warmup : setup_.options().repetitions.most());
  }

  std::string title() const { return driver_.description().name + ", " + setup_.request().kernel; }

  void measure_costs() {
    costs_ = driver_.costs();
    on_reporter(world_, [&] {
      for (const Cost& cost : costs_) recorder_->add(cost);
    });
  }

  /// As soon as the workers have said who they are.
  void express_warnings() {
    if (places_of(driver_.board()).empty()) return;
    warnings_expressed_ = true;
    const std::vector<std::string> warnings =
        warnings_about_workers(setup_.description(), driver_.board(),
                               driver_.description().should_be_bound, recorder_->run().machines);
    for (const std::string& warning : warnings) recorder_->warn(warning);
  }

  /// On the reporter. All is done, so nothing but the grace time cuts this short.
  void finish() {
    if (setup_.options().costs) obey();  // it may have been asked for while they were measured
    finishing();
    Run run = recorder_->run();
    run.places = places_of(driver_.board());  // which may not have been known when it began
    for (const std::string& warning : warnings_about_times(run, tally())) {
      recorder_->warn(warning);
    }
    std::exception_ptr first;
    const auto attempt = [&](const auto& action) {  // what fails takes nothing else with it
      try {
        action();
      } catch (...) {
        if (!first) first = std::current_exception();
      }
    };
    attempt([&] { print_summary(); });
    attempt([&] {
      if (values_file_) values_file_->write(driver_.board());
    });
    attempt([&] {
      if (trace_file_) trace_file_->write(driver_.board(), title());
    });
    attempt([&] { delivery_->require(); });
    if (first) std::rethrow_exception(first);
    recorder_->end(0, "done", "");
    if (setup_.options().json) delivery_->require();
  }

  /// Of a run that has not come to its end nothing is lost that was measured.
  void say_what_there_is(const Ended& ended) noexcept {
    if (!recorder_) return;
    try {
      try {
        print_summary();
      } catch (const Ended&) {  // as all that was to be printed
      }
      recorder_->end(ended.status, ended.stopped ? "stopped" : "failed",
                     ended.message.empty() ? "another process has said why" : ended.message);
    } catch (const Ended&) {  // nobody reads that, either
    } catch (...) {
      if (what_is_thrown() != ended.message) say(what_is_thrown());
    }
  }

  /// People see the warnings below the figures; in the lines of --json they are in the lines.
  void print_summary() {
    const RunOptions& options = setup_.options();
    if (options.json || options.quiet || std::exchange(summary_printed_, true)) return;
    if (!tally().seconds().empty()) {
      print(summary(recorder_->run(), tally()) + cost_lines(costs_));
    }
    for (const std::string& text : recorder_->warnings()) say("warning: " + text);
  }

  /// Somebody outside may have asked for the end.
  void obey() {
    if (const Stop why = asked_to_end(); why != Stop::none) end_early(why);
  }

  /// On the reporter.
  [[noreturn]] void end_early(Stop asked) {
    const Stop why = world_.asked_for(asked);
    const RunOptions& options = setup_.options();
    const bool kept = !options.journal.empty() && !journal_is_temporary();
    const char* hint = kept ? "; --resume goes on from the journal" : "";
    throw Ended{status_of(why),
                fmt::format("stopped by {} after {} of {} repetitions{}", name_of(why),
                            tally().seconds().size(), options.repetitions.most(), hint),
                true};
  }

  Driver& driver_;
  World& world_;
  Setup setup_;
  std::optional<Assignment> assignment_;
  std::optional<Recorder> recorder_;  ///< on the reporter, as all that follows but `finished_`
  std::optional<Delivery> delivery_;
  std::optional<FolderLock> journal_lock_;
  std::optional<ValuesFile> values_file_;
  std::optional<TraceFile> trace_file_;
  std::optional<StatusLine> status_line_;  ///< for --progress
  std::vector<Cost> costs_;                ///< for --costs
  std::vector<Range> finished_;            ///< tasks found in the journal
  std::size_t resumed_ = 0;                ///< how many these are
  bool warnings_expressed_ = false;
  bool summary_printed_ = false;
};

}  // namespace

int driver_main(int argc, char** argv, Driver& driver) {
  try {
    allowed_cpus();  // read before any worker is bound
    heed_signals(driver.world().reports());
    notice_stops();
    DriverRun(driver).run(argc, argv);
    return 0;
  } catch (const Ended& end) {
    if (!end.message.empty()) say(end.message);
    return end.status;
  } catch (...) {
    say(what_is_thrown());
    driver.world().abandon();
    return 1;
  }
}

}  // namespace scalelab
