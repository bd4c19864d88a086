// Wrong usage: exit status 2, one line: which option, what is wrong, what is allowed. In every
// driver.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;

void check_refused(const std::string& options, const std::string& message, int status = 2) {
  const Outcome run = launch(driver, workers, options);
  INFO(options << '\n' << run.err);
  CHECK(run.status == status);
  CHECK(contains(run.err, message));
  CHECK(lines_in(without_warnings(run.err)) == 1);
  CHECK(run.out.empty());
}

/// A file that lives as long as the test.
struct File {
  File(const std::string& name, const std::string& text)
      : path((std::filesystem::temp_directory_path() / (std::string("scalelab-") + driver + name))
                 .string()) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove(path); }
  std::string path;
};

}  // namespace

TEST_CASE("wrong options are refused in one line") {
  check_refused("", "--kernel: expected many-models, ");
  check_refused("--kernel foo", "got 'foo'");
  check_refused("--kernel spin --foo 3", "--foo: unknown option");
  check_refused("--kernel spin --tasks --json", "--tasks: expected a value behind it");
  check_refused("--kernel spin --task 3", "--task: unknown option");
  check_refused("--kernel spin foo", "'foo': expected an option");
  check_refused("--kernel spin --tasks", "--tasks: expected a value");
  check_refused("--kernel spin --tasks 0", "--tasks: expected a whole number from 1 to");
  check_refused("--kernel spin --tasks -3", "--tasks: expected a whole number from 1 to");
  check_refused("--kernel spin --tasks 1.5", "--tasks: expected a whole number from 1 to");
  check_refused("--kernel spin --tasks 3 --tasks 4", "--tasks: given more than once");
  check_refused("--kernel spin --tasks 3 --tasks-per-worker 4", "--tasks-per-worker: not allowed");
  check_refused("--kernel spin --schedule guess",
                "--schedule: expected static, dynamic or guided, got 'guess'");
  check_refused("--kernel spin --chunk 0", "--chunk: expected a whole number");
  check_refused("--kernel spin --repetitions 0",
                "--repetitions: expected a whole number from 1 to");
  check_refused("--kernel spin --bind all", "--bind: expected cores or none, got 'all'");
  check_refused("--kernel spin --json=yes", "--json: expected no value");
  check_refused("--kernel spin --seed x", "--seed: expected a whole number of at least 0, got 'x'");
  check_refused("--kernel spin --json --quiet", "--quiet: not allowed together with --json");
  check_refused("--kernel spin --timeout 0", "--timeout: expected a time from 1ms to");
  check_refused("--kernel spin --timeout -1", "--timeout: expected a");
  check_refused("--kernel spin --timeout soon", "--timeout: expected a");
  check_refused("--kernel spin --timeout 1e300", "--timeout: expected a");
  check_refused("--kernel spin --resume", "--resume: expected --journal FOLDER with it");
  check_refused("--kernel spin --journal", "--journal: expected a value behind it");
  check_refused("--kernel spin --journal /tmp/j --repetitions 2",
                "--repetitions: expected 1 with --journal");
  check_refused("--kernel spin --journal /tmp/j --warmup 1", "--warmup: expected 0 with --journal");
  check_refused("--kernel spin --chunk 0 --schedule guided", "--chunk: expected a whole number");
}

TEST_CASE("a driver refuses the options of others, and its own if they are wrong") {
  const auto check_own = [&](const std::string& option, const std::string& owner,
                             const std::string& wrong) {
    check_refused("--kernel spin --" + option + ' ' + wrong,
                  driver == owner ? "--" + option + ": expected a whole number"
                                  : "--" + option + ": unknown option");
    CHECK(contains(launch(driver, workers, "--help").out, "--" + option) == (driver == owner));
  };
  check_own("retries", "processes", "-1");
  check_own("retries", "processes", "often");
  check_own("threads-per-rank", "mpi", "0");
  check_own("threads-per-rank", "mpi", "two");
}

TEST_CASE("wrong options of kernels are refused in one line") {
  check_refused("--kernel spin --rows 3",
                "--rows: not an option of kernel spin, only of many-models");
  check_refused("--kernel many-models --skew linear",
                "--skew: not an option of kernel many-models, only of sleep, spin");
  check_refused("--kernel sleep --task-time 3", "--task-time: expected a time with its unit");
  check_refused("--kernel sleep --task-time 400ns", "--task-time: 400ns is less than one unit");
  check_refused("--kernel many-models --data /nowhere --target y --degree 0", "--degree: expected");
  check_refused("--kernel sleep --task-time 1ms --task-units 5",
                "--task-time: not allowed together");
  check_refused("--kernel sleep --skew big",
                "--skew: expected uniform, linear, exponential, pareto or");
  check_refused("--kernel sleep --skew-order up",
                "--skew-order: expected shuffled, ascending or descending");
  check_refused("--kernel many-models --solver svd", "--solver: expected qr or normal-equations");
  check_refused("--kernel many-models --target y", "--target: expected together with --data");
  check_refused("--kernel many-models --data '" KIT_DATA "/diabetes.csv'",
                "--target: expected with");
  check_refused("--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target weight",
                "--target: expected a column of");
  check_refused("--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target bmi --degree 2",
                "--degree: expected one column beside the target");
}

TEST_CASE("too many chunks to number are refused in one line") {
  check_refused("--kernel spin --task-units 0 --tasks 5000000000 --schedule dynamic",
                "--chunk: expected at least 2 for 5000000000 tasks");
}

TEST_CASE("bad files are refused in one line, with exit status 1") {
  const File broken(".csv", "y,x\n1,2\n3,four\n");
  const File dependent("-dependent.csv", "y,a,b\n1,1,2\n3,2,4\n2,3,6\n9,4,8\n");
  const std::string kernel = "--kernel many-models --target y --data ";
  check_refused(kernel + "/nowhere.csv", "/nowhere.csv: expected a CSV file that can be read", 1);
  check_refused(kernel + broken.path, ":3:3: expected a finite number in column 'x', found 'four'",
                1);
  const File constant("-constant.csv", "y,k\n1,3\n3,3\n4,3\n9,3\n");
  const File semicolons("-semi.csv", "y;x\n1;2\n");
  check_refused(kernel + constant.path, "column 'k' is the same in every row (3)", 1);
  check_refused(kernel + semicolons.path, ":1:1: expected names separated by commas, found 'y;x'",
                1);
  check_refused(kernel + dependent.path, "columns 'a', 'b' are linearly dependent", 1);
  check_refused("--kernel spin --config /nowhere", "/nowhere: expected a file of options", 1);
  check_refused("--kernel spin --values /nowhere/values.csv",
                "--values: /nowhere/values.csv cannot", 1);
  check_refused("--kernel spin --trace /nowhere/trace.json",
                "--trace: /nowhere/trace.json cannot be written", 1);
  check_refused("--kernel spin --journal /dev/null/journal", "--journal: /dev/null/journal cannot",
                1);
}

TEST_CASE("another number of workers than there are is refused") {
  const Outcome one = launch("sequential", 3, "--kernel spin");
  CHECK(one.status == 2);
  CHECK(contains(one.err, "--workers: expected 1"));
  const Outcome ranks = launch("mpi", 2, "--kernel spin --workers 3");
  CHECK(ranks.status == 2);
  CHECK(contains(ranks.err, "--workers: expected 2, the number of ranks"));
}

TEST_CASE("--config gives options, and the command line wins") {
  const File config(".cfg", "kernel = spin\ntasks = 30  # a comment\ntask-units = 3\njson = yes\n");
  const Outcome run = launch(driver, workers, "--config " + config.path);
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(field(run.out, "tasks") == "30");
  CHECK(field(launch(driver, workers, "--tasks 40 --config " + config.path).out, "tasks") == "40");
  const File bad("-bad.cfg", "kernel = spin\ncolour = red\n");
  check_refused("--config " + bad.path, "colour");
}

TEST_CASE("what is wrong with --config is said in one line") {
  const File empty("-empty.cfg", "");
  check_refused("--config " + empty.path, "--kernel: expected");
  check_refused("--config ''", "--config: expected a value");
  const File twice("-twice.cfg", "kernel = spin\ntasks = 3\ntasks = 4\n");
  check_refused("--config " + twice.path, "--tasks: given more than once");
  const File nested("-nested.cfg", "config = /nowhere\n");
  check_refused("--config " + nested.path, "--config: not allowed in a file");
}

TEST_CASE("more than there is memory for is refused before anything starts") {
  check_refused("--kernel spin --task-units 0 --tasks 100000000000", "need 900 GB of memory", 1);
  // 2^31 rows of 10,002 columns, twice: nothing is drawn.
  check_refused("--kernel many-models --rows 2147483648 --features 10000",
                "need 343669 GB of memory (loading its data", 1);
  check_refused("--kernel stream --working-set 99TB --task-time 1ms", " 99000 GB)", 1);
}

TEST_CASE("--values does not touch a file before there is something to write, nor the data") {
  const File kept("-kept.csv", "precious\n");
  check_refused("--kernel many-models --data /nowhere --target y --values " + kept.path, "/nowhere",
                1);
  CHECK(contains(shell("cat " + kept.path).out, "precious"));
  const File data("-data.csv", "y,x\n1,2\n3,5\n4,4\n7,8\n");
  check_refused("--kernel many-models --target y --data " + data.path + " --values " + data.path,
                "--values: expected another file than that of --data");
  CHECK(lines_in(shell("cat " + data.path).out) == 5);
}

TEST_CASE("--bind cores keeps the bits, and is recorded") {
  const std::string options = "--kernel spin --task-units 5 --tasks 50 --json";
  const Outcome bound = launch(driver, workers, options + " --bind cores");
  CHECK(bound.status == 0);
  CHECK(field(bound.out, "bind") == "cores");
  CHECK(field(bound.out, "digest") == field(launch(driver, workers, options).out, "digest"));
}

TEST_CASE("the measured time is that of the work") {
  // 40 tasks of 10 ms; sleeping needs no core, so a busy machine can only make it longer.
  const Outcome run =
      launch(driver, workers, "--kernel sleep --task-time 10ms --tasks 40 --json --repetitions 3");
  const double least = 0.4 / workers;
  INFO(run.out);
  CHECK(std::stod(field(run.out, "seconds")) >= least);
  CHECK(std::stod(field(run.out, "seconds")) < 2 * least);
}

TEST_CASE("a closed standard error changes no exit status") {
  CHECK(launch(driver, workers, "--kernel foo 2>&-").status == 2);
}

TEST_CASE("--help, --version and --list-kernels answer and end") {
  for (const std::string question : {"--help", "--version", "--list-kernels"}) {
    const Outcome run = launch(driver, workers, question);
    CHECK(run.status == 0);
    CHECK(without_warnings(run.err).empty());
  }
  const std::string kernels = launch(driver, workers, "--list-kernels").out;
  for (const char* name : {"many-models ", "sleep ", "spin "}) CHECK(contains(kernels, name));
  const std::string help = launch(driver, workers, "--kernel sleep --help").out;
  CHECK(contains(help, "--task-time"));
  CHECK_FALSE(contains(help, "--solver"));
  CHECK(contains(launch(driver, workers, "--help").out, "many-models"));
}

TEST_CASE("--values writes a header and one line per task, the same in every driver") {
  const std::string options =
      "--kernel many-models --tasks 20 --target progression --data '" KIT_DATA
      "/diabetes.csv' --repetitions 1 --quiet --values -";
  const Outcome run = launch(driver, workers, options);
  CHECK(run.status == 0);
  CHECK(lines_in(run.out) == 21);
  const std::string header = run.out.substr(0, run.out.find('\n'));
  CHECK(header ==
        "task,intercept,age,sex,bmi,bp,tc,ldl,hdl,tch,ltg,glu,se_intercept,se_age,se_sex,se_bmi,"
        "se_bp,se_tc,se_ldl,se_hdl,se_tch,se_ltg,se_glu,r2,sigma");
  CHECK(run.out == launch("sequential", 1, options).out);
}

TEST_CASE("help fits a terminal of 80 columns") {
  for (const char* kernel : {"", "many-models", "sleep", "spin", "stream", "file-io"}) {
    const std::string option = *kernel == '\0' ? "" : std::string("--kernel ") + kernel + " ";
    std::istringstream text(launch(driver, workers, option + "--help").out);
    int lines = 0;
    for (std::string line; std::getline(text, line); ++lines) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
    CHECK(lines > 20);
  }
}

TEST_CASE("--json prints the line of the run, one for each repetition, and the end") {
  const Outcome run =
      launch(driver, workers, "--kernel spin --task-units 1 --tasks-per-worker 30 --json");
  CHECK(run.status == 0);
  const auto lines = lines_of_json(run.out);
  REQUIRE(lines.size() == 13);  // 1 warm-up and 10 repetitions
  CHECK(lines.front()["kind"] == "run");
  CHECK(lines.back()["kind"] == "end");
  CHECK(lines.back()["status"] == "done");
  CHECK(repetitions_in(run.out).size() == 11);
  for (const auto& line : lines) CHECK(line["run"] == lines.front()["run"]);
  CHECK(field(run.out, "kernel") == "spin");
  CHECK(field(run.out, "driver") == driver);
  CHECK(field(run.out, "workers") == std::to_string(workers));
  CHECK(field(run.out, "tasks") == std::to_string(30 * workers));
  CHECK(std::stod(field(run.out, "seconds")) > 0);
}

TEST_CASE("a launcher that started single programs instead of ranks is found out") {
  if (driver != "mpi") return;
  const auto alone = [](const std::string& variables) {
    return shell(fmt::format("{} '{}/drivers/mpi' --kernel spin --tasks 3", variables, the_kit));
  };
  CHECK(alone("").status == 0);
  for (const std::string variable :
       {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"}) {
    const Outcome run = alone(variable + "=4");
    CHECK(run.status == 1);
    CHECK(contains(run.err, '(' + variable +
                                ") announces 4 ranks, but MPI sees 1: expected a start by "
                                "./lab run, by srun --mpi=pmi"));
    CHECK(contains(run.err, ", or by the mpirun of the MPI that this program was built with ("));
  }
  // What srun says of its own step counts, not the allocation's number of tasks.
  CHECK(alone("SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=1").status == 0);
  CHECK(contains(alone("SLURM_NTASKS=1 SLURM_STEP_NUM_TASKS=3").err,
                 "srun (SLURM_STEP_NUM_TASKS) announces 3 ranks, but MPI sees 1"));
  // srun --mpi=pmi2 speaks as MPICH's mpirun does, but for one variable.
  CHECK(contains(alone("PMI_SIZE=3 SLURM_PROCID=0").err, "srun (PMI_SIZE) announces 3 ranks"));
  CHECK(contains(alone("PMI_SIZE=3").err, "the launcher (PMI_SIZE) announces 3 ranks"));
  CHECK(contains(alone("PMI_SIZE=3 MPI_LOCALNRANKS=3").err, "MPICH's mpirun (PMI_SIZE) announces"));
  // Inside an allocation of 4 tasks, mpirun may well start one.
  CHECK(shell(fmt::format(
                  "SLURM_NTASKS=4 SCALELAB_BUILD='{}' '{}' mpi -n 1 -- --kernel spin --tasks 3",
                  the_kit, LAUNCHER))
            .status == 0);
}
