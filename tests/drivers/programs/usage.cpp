// Wrong usage: exit status 2, one line: which option, what is wrong, what is allowed. In every
// driver.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;

struct Wrong {
  std::string options;
  std::string message;
  int status = 2;
};

void check(const Outcome& run, const Wrong& wrong) {
  INFO(wrong.options << '\n' << run.err);
  CHECK(run.status == wrong.status);
  CHECK(contains(run.err, wrong.message));
  CHECK(lines_in(without_warnings(run.err)) == 1);
  CHECK(run.out.empty());
}

void check_refused(const std::vector<Wrong>& all) {
  std::vector<std::string> options;
  for (const Wrong& wrong : all) options.push_back(wrong.options);
  const std::vector<Outcome> runs = launch_all(driver, workers, options);
  for (std::size_t i = 0; i < all.size(); ++i) check(runs[i], all[i]);
}

/// By the launcher, which passes on what is said and the exit status.
void check_refused_by_launcher(const Wrong& wrong) {
  check(launch(driver, workers, wrong.options), wrong);
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
  check_refused(
      {{"", "--kernel: expected many-models, "},
       {"--kernel foo", "got 'foo'"},
       {"--kernel spin --foo 3", "--foo: unknown option"},
       {"--kernel spin --tasks --json", "--tasks: expected a value behind it"},
       {"--kernel spin --task 3", "--task: unknown option"},
       {"--kernel spin foo", "'foo': expected an option"},
       {"--kernel spin --tasks", "--tasks: expected a value"},
       {"--kernel spin --tasks 0", "--tasks: expected a whole number from 1 to"},
       {"--kernel spin --tasks -3", "--tasks: expected a whole number from 1 to"},
       {"--kernel spin --tasks 1.5", "--tasks: expected a whole number from 1 to"},
       {"--kernel spin --tasks 3 --tasks 4", "--tasks: given more than once"},
       {"--kernel spin --tasks 3 --tasks-per-worker 4", "--tasks-per-worker: not allowed"},
       {"--kernel spin --schedule guess",
        "--schedule: expected static, dynamic or guided, got 'guess'"},
       {"--kernel spin --chunk 0", "--chunk: expected a whole number"},
       {"--kernel spin --repetitions 0", "--repetitions: expected a whole number from 1 to"},
       {"--kernel spin --bind all", "--bind: expected cores or none, got 'all'"},
       {"--kernel spin --json=yes", "--json: expected no value"},
       {"--kernel spin --seed x", "--seed: expected a whole number of at least 0, got 'x'"},
       {"--kernel spin --json --quiet", "--quiet: not allowed together with --json"},
       {"--kernel spin --timeout 0", "--timeout: expected a time from 1ms to"},
       {"--kernel spin --timeout -1", "--timeout: expected a"},
       {"--kernel spin --timeout soon", "--timeout: expected a"},
       {"--kernel spin --timeout 1e300", "--timeout: expected a"},
       {"--kernel spin --resume", "--resume: expected --journal FOLDER with it"},
       {"--kernel spin --journal", "--journal: expected a value behind it"},
       {"--kernel spin --journal /tmp/j --repetitions 2",
        "--repetitions: expected 1 with --journal"},
       {"--kernel spin --journal /tmp/j --warmup 1", "--warmup: expected 0 with --journal"},
       {"--kernel spin --chunk 0 --schedule guided", "--chunk: expected a whole number"}});
}

TEST_CASE("what is refused passes the launcher: the line, and the exit status") {
  check_refused_by_launcher({"--kernel spin --tasks 0", "--tasks: expected a whole number from 1"});
  check_refused_by_launcher({"--kernel many-models --target y --data /nowhere.csv",
                             "/nowhere.csv: expected a CSV file that can be read", 1});
}

TEST_CASE("a driver refuses the options of others, and its own if they are wrong") {
  std::vector<Wrong> all;
  for (const auto& [option, owner, wrong] :
       std::vector<std::array<std::string, 3>>{{"retries", "processes", "-1"},
                                               {"retries", "processes", "often"},
                                               {"threads-per-rank", "mpi", "0"},
                                               {"threads-per-rank", "mpi", "two"}}) {
    all.push_back(
        {fmt::format("--kernel spin --{} {}", option, wrong),
         "--" + option + (driver == owner ? ": expected a whole number" : ": unknown option")});
  }
  check_refused(all);
  const std::string help = launch(driver, workers, "--help").out;
  CHECK(launch(driver, workers, "-h").out == help);
  CHECK(contains(help, "--retries") == (driver == "processes"));
  CHECK(contains(help, "--threads-per-rank") == (driver == "mpi"));
}

TEST_CASE("wrong options of kernels are refused in one line") {
  check_refused(
      {{"--kernel spin --rows 3", "--rows: not an option of kernel spin, only of many-models"},
       {"--kernel many-models --skew linear",
        "--skew: not an option of kernel many-models, only of sleep, spin"},
       {"--kernel sleep --task-time 3", "--task-time: expected a time with its unit"},
       {"--kernel sleep --task-time 400ns", "--task-time: 400ns is less than one unit"},
       {"--kernel many-models --data /nowhere --target y --degree 0", "--degree: expected"},
       {"--kernel sleep --task-time 1ms --task-units 5", "--task-time: not allowed together"},
       {"--kernel sleep --skew big", "--skew: expected uniform, linear, exponential, pareto or"},
       {"--kernel sleep --skew-order up",
        "--skew-order: expected shuffled, ascending or descending"},
       {"--kernel many-models --solver svd", "--solver: expected qr or normal-equations"},
       {"--kernel many-models --target y", "--target: expected together with --data"},
       {"--kernel many-models --data '" KIT_DATA "/diabetes.csv'", "--target: expected with"},
       {"--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target weight",
        "--target: expected a column of"},
       {"--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target bmi --degree 2",
        "--degree: expected one column beside the target"}});
}

TEST_CASE("too many chunks to number are refused in one line") {
  check_refused({{"--kernel spin --task-units 0 --tasks 5000000000 --schedule dynamic",
                  "--chunk: expected at least 2 for 5000000000 tasks"}});
}

TEST_CASE("bad files are refused in one line, with exit status 1") {
  const File broken(".csv", "y,x\n1,2\n3,four\n");
  const File dependent("-dependent.csv", "y,a,b\n1,1,2\n3,2,4\n2,3,6\n9,4,8\n");
  const std::string kernel = "--kernel many-models --target y --data ";
  const File constant("-constant.csv", "y,k\n1,3\n3,3\n4,3\n9,3\n");
  const File blanks("-blanks.csv", "y x\n1 a\n");
  const File words("-words.csv", "y,a,b\n1,m,2\n3,f,4\n");
  check_refused(
      {{kernel + "/nowhere.csv", "/nowhere.csv: expected a CSV file that can be read", 1},
       {kernel + broken.path, ":3:3: expected a finite number in column 'x', found 'four'", 1},
       {kernel + constant.path, "column 'k' is the same in every row (3)", 1},
       {kernel + blanks.path,
        ":1:1: expected names separated by commas, found 'y x' (see --separator)", 1},
       {kernel + words.path, "categories (words, dates) are not fitted; --without a leaves", 1},
       {kernel + "/dev/zero", "/dev/zero: expected a CSV file, found a device", 1},
       {kernel + broken.path + " --columns z", "--columns: expected a column of", 2},
       {kernel + dependent.path, "columns 'a', 'b' are linearly dependent", 1},
       {"--kernel spin --config /nowhere", "/nowhere: expected a file of options", 1},
       {"--kernel spin --values /nowhere/values.csv", "--values: /nowhere/values.csv cannot", 1},
       {"--kernel spin --trace /nowhere/trace.json",
        "--trace: /nowhere/trace.json cannot be written", 1},
       {"--kernel spin --journal /dev/null/journal", "--journal: /dev/null/journal cannot", 1}});
}

TEST_CASE("another number of workers than there are is refused") {
  if (driver == "sequential") {
    const Outcome one = launch("sequential", 3, "--kernel spin");
    CHECK(one.status == 2);
    CHECK(contains(one.err, "--workers: expected 1"));
  }
  if (driver == "mpi") {
    check_refused({{"--kernel spin --workers 3", "--workers: expected 2, the number of ranks"}});
  }
}

TEST_CASE("--config gives options, and the command line wins") {
  // With a byte order mark before it, as some editors write.
  const File config(
      ".cfg", "\xEF\xBB\xBFkernel = spin\ntasks = 30  # a comment\ntask-units = 3\njson = yes\n");
  const auto runs = launch_all(driver, workers,
                               {"--config " + config.path, "--tasks 40 --config " + config.path});
  for (const Outcome& run : runs) {
    INFO(run.err);
    CHECK(run.status == 0);
  }
  CHECK(field(runs[0].out, "tasks") == "30");
  CHECK(field(runs[1].out, "tasks") == "40");
  const File bad("-bad.cfg", "kernel = spin\ncolour = red\n");
  check_refused({{"--config " + bad.path, "colour"}});
}

TEST_CASE("what is wrong with --config is said in one line") {
  const File empty("-empty.cfg", "");
  const File twice("-twice.cfg", "kernel = spin\ntasks = 3\ntasks = 4\n");
  const File nested("-nested.cfg", "config = /nowhere\n");
  check_refused({{"--config " + empty.path, "--kernel: expected"},
                 {"--config ''", "--config: expected a value"},
                 {"--config " + twice.path, "--tasks: given more than once"},
                 {"--config " + nested.path, "--config: not allowed in a file"}});
  using namespace std::string_literals;
  const File wide("-wide.cfg", "\xFF\xFEk\0e\0r\0n\0"s);
  const File other_way("-other.cfg", "\0k\0e\0r\0n"s);
  check_refused(
      {{"--config " + wide.path, "of options in UTF-8, got UTF-16 or UTF-32: iconv -f UTF-16"},
       {"--config " + other_way.path, "of options in UTF-8, got UTF-16 or UTF-32"}});
  const File zero("-zero.cfg", std::string("kernel = a\0b\n", 13));
  check_refused(
      {{"--config " + zero.path, "name=value, found a zero as byte 11"},
       {"--config /dev/zero", "/dev/zero: expected a file of options, but it cannot be read", 1},
       {"--config /", "/: expected a file of options, but it cannot be read: Is a directory", 1}});
}

TEST_CASE("what was typed is shown in one line, escaped and cut") {
  const std::string escapes = R"=("$(printf 'sp\033[2Jin\nx')")=";
  const std::string novel = R"=("$(head -c 100000 /dev/zero | tr '\0' 7)")=";
  std::vector<Outcome> runs;  // by themselves: others take words apart in other ways
  for (const std::string& options :
       {"--kernel " + escapes, "--kernel spin --tasks " + novel, "--" + novel + " 1", novel}) {
    runs.push_back(shell(fmt::format("'{}/drivers/{}' {}", the_kit, driver, options)));
  }
  check(runs[0], {escapes, R"(got 'sp\x1b[2Jin\nx')"});
  for (std::size_t i = 1; i < runs.size(); ++i) {
    check(runs[i], {novel, "7777... (100"});
    CHECK(runs[i].err.size() < 3000);
  }
}

TEST_CASE("more than there is memory for is refused before anything starts") {
  // Where /dev/shm has no room for them, as it never has here, each rank has its own.
  const char* values = driver == "mpi" ? "need 1800 GB of memory" : "need 900 GB of memory";
  // 2^31 rows of 10,002 columns, twice: nothing is drawn.
  check_refused({{"--kernel spin --task-units 0 --tasks 100000000000", values, 1},
                 {"--kernel many-models --rows 2147483648 --features 10000",
                  "need 343669 GB of memory (loading its data", 1},
                 {"--kernel stream --working-set 99TB --task-time 1ms", " 99000 GB)", 1}});
}

TEST_CASE("--values does not touch a file before there is something to write, nor the data") {
  const File kept("-kept.csv", "precious\n");
  const File data("-data.csv", "y,x\n1,2\n3,5\n4,4\n7,8\n");
  check_refused(
      {{"--kernel many-models --data /nowhere --target y --values " + kept.path, "/nowhere", 1},
       {"--kernel many-models --target y --data " + data.path + " --values " + data.path,
        "--values: expected another file than that of --data"}});
  CHECK(contains(shell("cat " + kept.path).out, "precious"));
  CHECK(lines_in(shell("cat " + data.path).out) == 5);
}

TEST_CASE("--bind cores keeps the bits, and is recorded") {
  const std::string options = "--kernel spin --task-units 5 --tasks 50 --json";
  const auto runs = launch_all(driver, workers, {options, options + " --bind cores"});
  CHECK(runs[1].status == 0);
  CHECK(field(runs[0].out, "bind") == "none");
  CHECK(field(runs[1].out, "bind") == "cores");
  CHECK(field(runs[1].out, "digest") == field(runs[0].out, "digest"));
}

TEST_CASE("the measured time is that of the work") {
  // 40 tasks of 10 ms; sleeping needs no core, so a busy machine can only make it longer: it is the
  // shortest of some repetitions that is not.
  const Outcome run =
      launch(driver, workers, "--kernel sleep --task-time 10ms --tasks 40 --json --repetitions 3");
  const double least = 0.4 / workers;
  INFO(run.out);
  double shortest = 1e9;
  for (const auto& line : repetitions_in(run.out)) {
    CHECK(line["seconds"] >= least);
    shortest = std::min(shortest, line["seconds"].get<double>());
  }
  CHECK(shortest < 2 * least);
}

TEST_CASE("a closed standard error changes no exit status") {
  CHECK(launch(driver, workers, "--kernel foo 2>&-").status == 2);
}

TEST_CASE("--help, --version and --list-kernels answer and end; help fits 80 columns") {
  const auto runs = launch_all(driver, workers,
                               {"--help", "--version", "--list-kernels", "--kernel sleep --help",
                                "--kernel many-models --help", "--kernel spin --help",
                                "--kernel stream --help", "--kernel file-io --help"});
  for (const Outcome& run : runs) {
    CHECK(run.status == 0);
    CHECK(without_warnings(run.err).empty());
    std::istringstream text(run.out);
    for (std::string line; std::getline(text, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
  }
  CHECK(contains(runs[0].out, "many-models"));
  for (const char* name : {"many-models ", "sleep ", "spin "}) CHECK(contains(runs[2].out, name));
  CHECK(contains(runs[3].out, "--task-time"));
  CHECK_FALSE(contains(runs[3].out, "--solver"));
  CHECK(lines_in(runs[0].out) > 20);
  for (std::size_t i = 3; i < runs.size(); ++i) CHECK(lines_in(runs[i].out) > 20);
  // By itself: the launcher passes on what is printed.
  CHECK(launch(driver, workers, "--list-kernels").out == runs[2].out);
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
  struct Case {
    std::string variables, announcement;
  };
  const std::string remedy =
      ") announces 4 ranks, but MPI sees 1: expected a start by ./lab run, "
      "by srun --mpi=pmi";
  const std::vector<Case> cases = {
      {"", ""},
      {"OMPI_COMM_WORLD_SIZE=4", "(OMPI_COMM_WORLD_SIZE" + remedy},
      {"PMI_SIZE=4", "the launcher (PMI_SIZE" + remedy},
      {"SLURM_STEP_NUM_TASKS=4", "(SLURM_STEP_NUM_TASKS" + remedy},
      {"SLURM_NTASKS=4", "(SLURM_NTASKS" + remedy},
      // What srun says of its own step counts, not the allocation's number of tasks.
      {"SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=1", ""},
      {"SLURM_NTASKS=1 SLURM_STEP_NUM_TASKS=3",
       "srun (SLURM_STEP_NUM_TASKS) announces 3 ranks, but MPI sees 1"},
      // srun --mpi=pmi2 speaks as MPICH's mpirun does, but for one variable.
      {"PMI_SIZE=3 SLURM_PROCID=0", "srun (PMI_SIZE) announces 3 ranks"},
      {"PMI_SIZE=3", "the launcher (PMI_SIZE) announces 3 ranks"},
      {"PMI_SIZE=3 MPI_LOCALNRANKS=3", "MPICH's mpirun (PMI_SIZE) announces"}};
  std::vector<std::unique_ptr<Started>> runs;
  for (const Case& c : cases) {
    runs.push_back(std::make_unique<Started>(
        fmt::format("exec env {} '{}/drivers/mpi' --kernel spin --tasks 3", c.variables, the_kit)));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Outcome run = runs[i]->wait();
    INFO(cases[i].variables << '\n' << run.err);
    CHECK(run.status == (cases[i].announcement.empty() ? 0 : 1));
    CHECK(contains(run.err, cases[i].announcement));
    if (run.status == 0) continue;
    CHECK(contains(run.err, ", or by the mpirun of the MPI that this program was built with ("));
  }
  // Inside an allocation of 4 tasks, mpirun may well start one.
  CHECK(shell(launching("mpi", 1, "--kernel spin --tasks 3", the_kit, "SLURM_NTASKS=4")).status ==
        0);
}
