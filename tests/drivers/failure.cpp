// What goes wrong while running: exit status 1, one line, no hang, nobody left behind.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs.hpp"

using namespace scalelab::test;

namespace {

const int workers = std::string(DRIVER) == "sequential" ? 1 : 3;

Outcome run_faulty(const std::string& options) {
  return launch(DRIVER, workers, "--kernel faulty --tasks 100 " + options, faulty);
}

void check_ended(const Outcome& run, const std::string& message) {
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, message));
  CHECK(lines_in(run.err) == 1);
  CHECK(run.out.empty());
  CHECK(drivers_alive() == 0);
}

}  // namespace

TEST_CASE("a kernel that throws ends the run with the number of the task") {
  for (const std::string schedule :
       {"static", "static --chunk 5", "dynamic", "dynamic --chunk 9"}) {
    for (const int task : {0, 57, 99}) {
      check_ended(run_faulty(fmt::format("--fail-at {} --schedule {}", task, schedule)),
                  fmt::format("scalelab: task {} failed: the disk is on fire\n", task));
    }
  }
}

TEST_CASE("a kernel that throws something else than a std::exception ends the run as well") {
  check_ended(run_faulty("--fail-at 3 --fail-by integer"), "task 3 failed: ");
}

TEST_CASE("a very long message is cut, not overrun") {
  const Outcome run = run_faulty("--fail-at 3 --fail-by length");
  check_ended(run, "task 3 failed: xxx");
  CHECK(run.err.size() < 1200);
}

TEST_CASE("a workspace that cannot be made ends the run") {
  check_ended(run_faulty("--fail-by workspace"), "no room for a workspace");
}

TEST_CASE("what is thrown while starting ends the run, whatever it is") {
  check_ended(run_faulty("--fail-by workspace-integer"), "no std::exception");
}

TEST_CASE("repetitions that were measured before a signal have been printed") {
  // The first task takes 1 ms, a repetition 0.1 s at least: some are done after 2 s, not all 1000.
  const Outcome run = shell(
      fmt::format("SCALELAB_BUILD='{}' '{}' {} -n {} -- --kernel faulty --tasks 100 --json "
                  "--repetitions 1000 & launched=$!\nsleep 2\nkill -TERM $launched\nwait $launched",
                  faulty, LAUNCHER, DRIVER, workers));
  CHECK(run.status == 143);
  CHECK(lines_in(run.out) >= 2);
  CHECK(lines_in(run.out) < 1000);
  CHECK(field(run.out, "digest").size() == 16);
}

TEST_CASE("a worker that is killed ends the run") {
  const std::string driver = DRIVER;
  if (driver != "processes" && driver != "mpi") return;  // elsewhere it is the whole program
  check_ended(run_faulty("--fail-at 57 --fail-by kill --schedule dynamic"),
              "was killed by signal 9 (Killed)");
}

TEST_CASE("SIGINT, SIGTERM and SIGHUP end the run and all its workers") {
  for (const auto& [name, status] : {std::pair{"INT", 130}, {"TERM", 143}, {"HUP", 129}}) {
    const Outcome run = shell(fmt::format(
        // A shell without job control starts background jobs with SIGINT ignored: undo that.
        "SCALELAB_BUILD='{}' env --default-signal=INT '{}' {} -n {} -- "
        "--kernel sleep --task-time 30s --tasks 10 & launched=$!\n"
        "sleep 1.5\nkill -{} $launched\nwait $launched",
        the_kit, LAUNCHER, DRIVER, workers, name));
    INFO(name << ": " << run.err);
    CHECK(run.status == status);
    shell("sleep 0.3");
    CHECK(drivers_alive() == 0);
  }
}

TEST_CASE("a parent that is killed leaves no child") {
  if (std::string(DRIVER) != "processes") return;
  shell(
      fmt::format("'{}/drivers/processes' --kernel sleep --task-time 30s --tasks 10 --workers 3 & "
                  "launched=$!\nsleep 1\nkill -KILL $launched",
                  the_kit));
  shell("sleep 0.3");
  CHECK(drivers_alive() == 0);
}
