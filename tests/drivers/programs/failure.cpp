// What goes wrong while running: exit status 1, one line, no hang, nobody left behind.
#include <fmt/format.h>

#include <memory>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 3;

Outcome run_faulty(const std::string& options) {
  return launch(driver, workers, "--kernel faulty --tasks 100 " + options, faulty);
}

std::unique_ptr<Started> start_faulty(const std::string& options) {
  return std::make_unique<Started>(
      launching(driver, workers, "--kernel faulty --tasks 100 " + options, faulty));
}

void check_said(const Outcome& run, const std::string& message) {
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, message));
  CHECK(lines_in(without_warnings(run.err)) == 1);
  CHECK(run.out.empty());
}

void check_ended(const Outcome& run, const std::string& message) {
  check_said(run, message);
  INFO(run.err);
  CHECK(nobody_left(1));
}

}  // namespace

TEST_CASE("a kernel that throws ends the run with the number of the task") {
  const std::vector<int> tasks = {0, 57, 99};
  for (const std::string schedule :
       {"static", "static --chunk 5", "dynamic", "dynamic --chunk 9", "guided"}) {
    std::vector<std::unique_ptr<Started>> runs;  // at the same time, since ranks start slowly
    for (const int task : tasks) {
      runs.push_back(start_faulty(fmt::format("--fail-at {} --schedule {}", task, schedule)));
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      check_said(runs[i]->wait(),
                 fmt::format("scalelab: task {} failed: the disk is on fire\n", tasks[i]));
    }
    CHECK(nobody_left(1));
  }
}

TEST_CASE("a kernel that throws something else than a std::exception ends the run as well") {
  check_ended(run_faulty("--fail-at 3 --fail-by integer"), "task 3 failed: ");
}

TEST_CASE("a very long message is cut, not overrun") {
  const Outcome run = run_faulty("--fail-at 3 --fail-by length");
  check_ended(run, "task 3 failed: aaaa");
  CHECK(without_warnings(run.err).size() < 1200);
}

TEST_CASE("a workspace that cannot be made ends the run") {
  check_ended(run_faulty("--fail-by workspace"), "no room for a workspace");
}

TEST_CASE("what is thrown while starting ends the run, whatever it is") {
  check_ended(run_faulty("--fail-by workspace-integer"), "no std::exception");
}

TEST_CASE("a kernel that breaks its contract is refused by name, at the latest by its workers") {
  check_ended(run_faulty("--fail-by no-columns"),
              "kernel 'faulty': width() is 1, but columns() and counters() name 0 values");
  check_ended(run_faulty("--fail-by no-workspace"), "kernel 'faulty': workspace() has made none");
}

TEST_CASE("a rank that dies ends the run") {
  if (driver != "mpi") return;
  for (const auto& [how, signal] :
       {std::pair{"kill", "signal 9 (Killed)"}, {"segfault", "signal 11 (Segmentation fault)"}}) {
    const Outcome run =
        run_faulty(fmt::format("--fail-at 57 --fail-by {} --schedule dynamic", how));
    check_ended(run, "scalelab: rank ");
    CHECK(says_killed(run.err, signal));
  }
}

TEST_CASE("a rank that exits in the middle of a task ends the run") {
  if (driver != "mpi") return;
  const Outcome run = run_faulty("--fail-at 57 --fail-by exit --schedule dynamic");
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "scalelab: "));
  CHECK(nobody_left(1));
}

TEST_CASE("a task that kills the only process there is gives its status") {
  if (driver != "sequential" && driver != "openmp") return;
  CHECK(run_faulty("--fail-at 57 --fail-by kill").status == 137);
  CHECK(run_faulty("--fail-at 57 --fail-by segfault").status == 139);
  CHECK(nobody_left(1));
}

TEST_CASE("a task that kills every process that runs it ends the run, and is named") {
  if (driver != "processes") return;
  for (const std::string schedule : {"static", "static --chunk 5", "dynamic", "guided --chunk 9"}) {
    for (const auto& [how, fate] : {std::pair{"kill", "was killed by signal 9 (Killed)"},
                                    {"segfault", "was killed by signal 11 (Segmentation fault)"},
                                    {"exit", "ended with exit status 3"}}) {
      const Outcome run =
          run_faulty(fmt::format("--fail-at 57 --fail-by {} --schedule {}", how, schedule));
      check_ended(run, "scalelab: task 57 killed its worker, 4 times: process ");
      CHECK(contains(run.err, fate));
    }
  }
  check_ended(run_faulty("--fail-at 57 --fail-by kill --retries 0"), "task 57 killed its worker: ");
  check_ended(run_faulty("--fail-at 57 --fail-by kill --retries 1"),
              "task 57 killed its worker, 2 times: ");
}

TEST_CASE("a task that kills its worker once is tried again") {
  if (driver != "processes") return;
  const Folder folder;
  const std::string options = "--repetitions 2 --json";
  const std::string expected = field(run_faulty(options).out, "digest");
  REQUIRE(expected.size() == 16);
  for (const std::string schedule :
       {"static", "static --chunk 5", "dynamic", "dynamic --chunk 9", "guided"}) {
    for (const std::string how : {"kill", "segfault", "exit"}) {
      folder.clear();
      const std::vector<int> tasks = {0, 57, 99};
      std::vector<std::unique_ptr<Started>> runs;
      for (const int task : tasks) {
        runs.push_back(start_faulty(
            fmt::format("{} --schedule {} --fail-at {} --fail-by {} --fail-once '{}'", options,
                        schedule, task, how, folder / fmt::format("marker-{}", task))));
      }
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Outcome run = runs[i]->wait();
        INFO(schedule << ", task " << tasks[i] << ", " << how << '\n' << run.out << run.err);
        CHECK(run.status == 0);
        CHECK(without_warnings(run.err).empty());
        const auto lines = repetitions_in(run.out);
        REQUIRE(lines.size() == 3);
        for (const auto& line : lines) {
          CHECK(line["digest"].get<std::string>() == expected);
          CHECK(line["retries"] == (line["warmup"] ? 1 : 0));
        }
      }
    }
  }
  CHECK(nobody_left(1));
}

TEST_CASE(
    "threads and processes that the system refuses are one line, and the record has its end") {
  if (driver == "sequential") return;
  // No address space holds such stacks. Of processes an ordinary user may have too few.
  const bool can_be_user =
      shell(fmt::format("setpriv --reuid=12345 --clear-groups '{}/drivers/processes' --version",
                        the_kit))
          .status == 0;
  if (driver == "processes" && !can_be_user) {
    WARN("not tried: needs root, to be somebody else");
    return;
  }
  const Outcome run =
      driver == "processes"
          ? shell(fmt::format(
                "exec setpriv --reuid=12345 --clear-groups bash -c 'ulimit -u 3 && exec "
                "\"{}/drivers/processes\" --kernel sleep --tasks 9 --workers 8 --json'",
                the_kit))
          : shell(launching(driver, 2,
                            fmt::format("--kernel sleep --tasks 9 --json {}",
                                        driver == "mpi" ? "--threads-per-rank 2" : ""),
                            the_kit, "OMP_STACKSIZE=1000000G"));
  INFO(run.err << run.out);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "the system refuses "));
  CHECK(contains(run.err, "ulimit -u"));
  CHECK(lines_in(without_warnings(run.err)) == 1);
  CHECK(contains(run.out, R"("status":"failed","exit":1)"));
}

TEST_CASE("memory that a process may not have is told before it is taken") {
  if (!std::string(SANITIZE).empty()) return;  // which take more by themselves
  const Outcome run =
      shell(fmt::format("ulimit -v 2000000; '{}/drivers/{}' --kernel stream --working-set 4GB "
                        "--tasks 2 --task-units 1 "
                        "--workers 1",
                        the_kit, driver));
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err,
                 "the run would need 4 GB of memory (1 workspace of 4 GB), and a process "
                 "may have "));
  CHECK(contains(run.err, "(ulimit -v, ulimit -d)"));
  CHECK(lines_in(without_warnings(run.err)) == 1);
}

TEST_CASE("a stack that is too small for kernels is told before it ends the program") {
  if (driver == "mpi") return;                 // its library has words of its own, before
  if (!std::string(SANITIZE).empty()) return;  // which need more by themselves
  const Outcome run = shell(
      fmt::format("ulimit -s 100; '{}/drivers/{}' --kernel many-models --features 300 --rows 2000 "
                  "--tasks 2 --workers 1",
                  the_kit, driver));
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "a stack has 100 KiB only"));
  CHECK(lines_in(without_warnings(run.err)) == 1);
}
