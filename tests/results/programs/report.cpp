// The program analyze, as ./lab report starts it.
#include <fmt/format.h>
#include <fstream>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"
#include "tests/results/record/lines.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::string golden = TEST_DATA "/golden/records.jsonl";

Outcome report(const std::string& words, const std::string& before = "") {
  return shell(fmt::format("{} '{}/results/analyze' {}", before, KIT_BUILD, words));
}

bool has_gnuplot() { return shell("command -v gnuplot").status == 0; }

/// A program of that name in a folder of its own: what is to stand before a command for it.
std::string with_program(const Folder& folder, const std::string& name, const std::string& script) {
  fs::create_directory(folder / "bin");
  const std::string path = folder / "bin/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << script << '\n';
  fs::permissions(path, fs::perms::owner_all);
  return fmt::format("PATH='{}':$PATH", folder / "bin");
}

/// Characters as a terminal counts them.
std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) {
    std::size_t width = 0;
    for (const char c : line) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    longest = std::max(longest, width);
  }
  return longest;
}

}  // namespace

TEST_CASE("report: wrong usage is one line and exit 2") {
  for (const auto& [words, told] : std::vector<std::pair<std::string, std::string>>{
           {"", "expected folders or files of records"},
           {"x --target 200%", "--target: expected a share between 0 and 1"},
           {"x --target much", "--target: expected a share between 0 and 1"},
           {"x --base p0", "--base: expected sequential, fewest, or pN as in p1 or p8, got 'p0'"},
           {"x --base 8", "--base: expected sequential, fewest, or pN"},
           {"x --base p8x", "--base: expected sequential, fewest, or pN"},
           {"x --nonsense", "--nonsense"},
           {"'" + golden + "' --no-figures --merge colour",
            "--merge: 'colour': expected one of"}}) {
    INFO(words);
    const Outcome outcome = report(words);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, Contains("analyze: ") && Contains(told));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("report: what cannot be read or written is one line and exit 1") {
  const Folder folder;
  std::ofstream(folder / "a file") << "not a folder\n";
  const Outcome missing = report(fmt::format("'{}' --out '{}'", folder / "no", folder / "out"));
  CHECK(missing.status == 1);
  CHECK_THAT(missing.err, Contains(folder / "no"));
  const Outcome in_the_way = report(fmt::format("'{}' --out '{}'", golden, folder / "a file"));
  CHECK(in_the_way.status == 1);
  CHECK_THAT(in_the_way.err, Contains("--out: ") && Contains("a file"));
}

TEST_CASE("report: of files without a measurement it is said what they are") {
  const Folder folder;
  std::ofstream(folder / "rubbish.jsonl", std::ios::binary) << "\x7f\x45\x4c\x46\0\1\2 no record\n";
  const Outcome outcome = report(fmt::format("'{}'", folder / "rubbish.jsonl"));
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("rubbish.jsonl:1: ") && Contains("no measured repetition"));
}

TEST_CASE("report: nothing of an earlier report in the same folder is shown") {
  if (!has_gnuplot()) {
    WARN("gnuplot is not installed: figures were not looked at");
    return;
  }
  const Folder folder;
  REQUIRE(report(fmt::format("'{}' --out '{}'", golden, folder / "out")).status == 0);
  REQUIRE(fs::exists(folder / "out/figures/spin-speedup.txt"));
  std::ofstream(folder / "out/figures/mine.txt") << "not the kit's\n";
  // The sequential driver alone has no speed-up to draw.
  std::istringstream lines(read_file(golden));
  std::ofstream alone(folder / "alone.jsonl");
  for (std::string line; std::getline(lines, line);) {
    if (line.find("sequential-1-") != std::string::npos) alone << line << '\n';
  }
  alone.close();
  const Outcome outcome =
      report(fmt::format("'{}' --out '{}'", folder / "alone.jsonl", folder / "out"));
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.out, !Contains("ideal"));
  CHECK_FALSE(fs::exists(folder / "out/figures/spin-speedup.txt"));
  CHECK_FALSE(fs::exists(folder / "out/figures/spin-speedup.svg"));
  CHECK_FALSE(fs::exists(folder / "out/data/spin-speedup.tsv"));
  CHECK(fs::exists(folder / "out/figures/mine.txt"));
}

TEST_CASE("report: the golden records, in 80 columns, into a folder with an odd name") {
  const Folder folder;
  const std::string name = "a folder's \u00fc";
  const std::string out = folder / name;
  const Outcome outcome = report(fmt::format("'{}' --check --out \"{}\"{}", golden, name,
                                             has_gnuplot() ? "" : " --no-figures"),
                                 fmt::format("cd '{}' &&", folder.path()));
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(longest_line(outcome.out) <= 80);
  CHECK_THAT(outcome.out, Contains("speed-up over the sequential driver") && Contains("(Amdahl)") &&
                              Contains("twelve rules"));
  for (const char* file : {"report.html", "scaling.csv", "laws.csv"}) {
    CHECK(fs::exists(out + "/" + file));
  }
  if (!has_gnuplot()) {
    WARN("gnuplot is not installed: figures were not looked at");
    return;
  }
  CHECK_THAT(outcome.out, Contains("ideal"));  // the plot
  for (const char* ending : {"svg", "pdf", "png"}) {
    CHECK(fs::file_size(fmt::format("{}/figures/spin-speedup.{}", out, ending)) > 1000);
  }
}

TEST_CASE("report: without gnuplot there is a report without figures, a line, and exit 1") {
  const Folder folder;
  const Outcome outcome =
      report(fmt::format("'{}' --out '{}'", golden, folder / "out"), "PATH=/nowhere");
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("gnuplot was not found") && Contains("./lab setup"));
  CHECK_THAT(outcome.out, Contains("speed-up over the sequential driver"));
  CHECK(lines_in(outcome.err) == 1);
  CHECK(fs::exists(folder / "out/report.html"));
  CHECK(fs::exists(folder / "out/scaling.csv"));
  CHECK_FALSE(fs::exists(folder / "out/gnuplot.log"));
  CHECK_FALSE(fs::exists(folder / "out/.lock"));
}

TEST_CASE("report: a figure that gnuplot has not left there is missing, and nothing else is") {
  if (!has_gnuplot()) {
    WARN("gnuplot is not installed: figures were not looked at");
    return;
  }
  const Folder folder;
  const std::string forgetful =
      with_program(folder, "gnuplot",
                   "/usr/bin/env PATH=\"${PATH#*:}\" gnuplot \"$@\" && rm figures/*-time.svg");
  const Outcome outcome = report(fmt::format("'{}' --out '{}'", golden, folder / "out"), forgetful);
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("spin-time.svg: cannot be read"));
  CHECK(lines_in(outcome.err) == 1);
  CHECK_THAT(outcome.out, Contains("speed-up over the sequential driver") && Contains("ideal"));
  const std::string page = read_file(folder / "out/report.html");
  CHECK_THAT(page, Contains("This figure could not be read") && Contains("</html>"));
}

TEST_CASE("report: files that are no trace are a line each; all else is drawn") {
  if (!has_gnuplot()) {
    WARN("gnuplot is not installed: figures were not looked at");
    return;
  }
  const Folder folder;
  std::ofstream(folder / "bad.json") << R"({"traceEvents":[{"ph":"X","ts":"x","dur":1}]})";
  const Outcome outcome = report(fmt::format("'{0}' --out '{1}' --trace '{2}' --trace '{3}'",
                                             golden, folder / "out", folder / "bad.json", golden));
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("bad.json: ") && Contains("records.jsonl: "));
  CHECK(lines_in(outcome.err) == 2);
  CHECK(fs::exists(folder / "out/figures/spin-speedup.svg"));
}

TEST_CASE("report: two at a time in one folder: the second is refused, until the first is gone") {
  const Folder folder;
  const std::string slow = with_program(folder, "gnuplot", "echo $$ > drawing; exec sleep 600");
  const std::string words = fmt::format("'{}' --out '{}'", golden, folder / "out");
  Started first(fmt::format("{} exec '{}/results/analyze' {}", slow, KIT_BUILD, words));
  REQUIRE(eventually(60 * patience, [&] {
    return fs::exists(folder / "out/drawing") && fs::file_size(folder / "out/drawing") > 0;
  }));
  const Outcome second = report(words + " --no-figures");
  CHECK(second.status == 1);
  CHECK_THAT(second.err, Contains((folder / "out") + ": another report is being written to it"));
  CHECK(lines_in(second.err) == 1);
  CHECK_FALSE(fs::exists(folder / "out/report.html"));
  first.signal(SIGKILL);
  first.wait();
  // Its gnuplot went with it.
  const std::string gnuplot = read_file(folder / "out/drawing");
  const std::string status = "/proc/" + gnuplot.substr(0, gnuplot.find('\n')) + "/status";
  CHECK(eventually(10, [&] {
    const std::string text = fs::exists(status) ? read_file(status) : "";
    return text.empty() || text.find("State:\tZ") != std::string::npos;
  }));
  CHECK(report(words + " --no-figures").status == 0);
  CHECK(fs::exists(folder / "out/report.html"));
}

TEST_CASE("report: records of two machines are refused, and the difference is named") {
  const Folder folder;
  const std::string records = read_file(golden);
  std::string other = records;
  for (std::size_t at = 0; (at = other.find("\"Abacus\"", at)) != std::string::npos;) {
    other.replace(at, 8, "\"Slide Rule\"");
  }
  for (std::size_t at = 0; (at = other.find("\"run\": \"", at)) != std::string::npos; at += 8) {
    other.insert(at + 8, "other-");
  }
  write_file(folder / "one.jsonl", records);
  write_file(folder / "two.jsonl", other);
  const Outcome refused = report(fmt::format("'{}' --no-figures", folder.path()));
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Contains("cpu: 'Abacus' (node1), 'Slide Rule' (node1)"));
  CHECK_FALSE(fs::exists(folder / "report"));
  const Outcome merged = report(fmt::format("'{}' --no-figures --merge cpu", folder.path()));
  CHECK(merged.status == 0);
  CHECK(fs::exists(folder / "report/report.html"));
}

TEST_CASE("report: what real drivers have recorded") {
  const Folder folder;
  for (const char* driver : {"sequential", "openmp", "processes"}) {
    for (int run = 0; run < 2; ++run) {
      REQUIRE(launch(driver, driver == std::string("sequential") ? 1 : 2,
                     fmt::format("--kernel sleep --tasks 20 --task-units 500 --repetitions 2 "
                                 "--quiet --record '{}'",
                                 folder / "records"))
                  .status == 0);
    }
  }
  const Outcome outcome = report(fmt::format("'{}' --no-figures", folder / "records"));
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  const std::string csv = read_file(folder / "records/report/scaling.csv");
  CHECK_THAT(csv, Contains("sleep,sleep,strong,openmp,openmp,static,none,1,2,20,2,runs,"));
  CHECK_THAT(csv, Contains("sleep,sleep,strong,sequential,sequential,static,none,1,1,20,2,runs,"));
}

TEST_CASE("report: a standard error that cannot be written changes nothing else") {
  const Folder folder;
  std::ofstream(folder / "bad.jsonl") << read_file(golden) << "no record\n";
  for (const char* error : {"2>/dev/full", "2>&-"}) {
    for (const auto& [words, status] : std::vector<std::pair<std::string, int>>{
             {fmt::format("analyze '{}' --no-figures --out '{}'", folder / "bad.jsonl",
                          folder / "out"),
              0},
             {fmt::format("compare '{}'", folder / "bad.jsonl"), 0},
             {fmt::format("validate '{}'", folder / "bad.jsonl"), 1},
             {"analyze /nowhere", 1},
             {"analyze", 2},
             {"compare --x", 2},
             {"costs", 2},
             {"granularity /nowhere", 1},
             {"validate /nowhere", 2},
             {"bootstrap", 2}}) {
      CAPTURE(words, error);
      CHECK(shell(fmt::format("'{}/results/'{} {}", KIT_BUILD, words, error)).status == status);
    }
  }
}

TEST_CASE("report: through links in its folder nothing is written, and nothing removed") {
  const Folder folder;
  std::ofstream(folder / "precious") << "as it was\n";
  fs::create_directories(folder / "out/figures");
  fs::create_directories(folder / "out/data");
  for (const char* name : {"report.html", "scaling.csv", "laws.csv", "figures/common.gp",
                           "figures/all.gp", "figures/spin-speedup.svg", "data/drivers.settings"}) {
    fs::create_symlink(folder / "precious", folder / ("out/" + std::string(name)));
  }
  const std::string words = fmt::format("'{}' --out '{}'", golden, folder / "out") +
                            (has_gnuplot() ? "" : " --no-figures");
  const Outcome outcome = report(words);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(read_file(folder / "precious") == "as it was\n");
  CHECK_FALSE(fs::is_symlink(folder / "out/report.html"));
  if (has_gnuplot()) CHECK_FALSE(fs::is_symlink(folder / "out/figures/spin-speedup.svg"));

  fs::create_symlink(folder / "precious", folder / "out/.lock");
  const Outcome locked = report(words);
  CHECK(locked.status == 1);
  CHECK_THAT(locked.err, Contains(".lock is a link: expected a file of the kit's own"));
  fs::remove(folder / "out/.lock");

  fs::rename(folder / "out/figures", folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", folder / "out/figures");
  const std::size_t before = lines_in(shell("ls '" + (folder / "elsewhere") + "'").out);
  const Outcome linked = report(words);
  CHECK(linked.status == 1);
  CHECK_THAT(linked.err, Contains("figures: expected a folder of the report's own, found a link"));
  CHECK(lines_in(shell("ls '" + (folder / "elsewhere") + "'").out) == before);
  CHECK(read_file(folder / "precious") == "as it was\n");
}

TEST_CASE("compare: scaled speed-ups are called so, works stand apart, and -h helps") {
  MeasuredRuns runs;
  for (const char* scaling : {"strong", "weak"}) {
    for (const std::uint64_t workers : {1U, 4U}) {
      for (int i = 0; i < 6; ++i) {
        Run run = runs.run(workers == 1 ? "sequential" : "mpi", workers);
        run.scaling = scaling;
        if (run.scaling == "weak") run.tasks *= workers;
        runs.add(run, {run.scaling == "weak" || workers == 1 ? 2.0 : 0.5});
      }
    }
  }
  const std::string compare = fmt::format("'{}/results/compare' ", KIT_BUILD);
  const std::string text = shell(compare + "'" + runs.path() + "'").out;
  INFO(text);
  CHECK_THAT(text, Contains("95 % interval     speed-up  same bits"));
  CHECK_THAT(text, Contains("95 % interval       scaled  same bits"));
  CHECK_THAT(text, Contains("  speed-up over the sequential driver, 2.0000 s"));
  CHECK_THAT(text, Contains("  scaled speed-up over the sequential driver, 2.0000 s"));
  // A title is no line of the table before it.
  const std::size_t second = text.find("\nspin", 1);
  REQUIRE(second != std::string::npos);
  CHECK(text.substr(second - 1, 2) == "\n\n");

  for (const char* program : {"compare", "analyze"}) {
    const std::string path = fmt::format("'{}/results/{}' ", KIT_BUILD, program);
    const Outcome help = shell(path + "-h");
    CHECK(help.status == 0);
    CHECK(help.out == shell(path + "--help").out);
    CHECK_THAT(help.out, Contains("PATH"));
  }
  for (const char* program : {"costs", "granularity", "validate"}) {
    const Outcome refused = shell(fmt::format("'{}/results/{}' -h", KIT_BUILD, program));
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Contains("got '-h'"));
  }
}

TEST_CASE("report: names in records reach no terminal and no page as they are") {
  const Folder folder;
  std::string records = read_file(golden);
  for (std::size_t at = 0; (at = records.find("\"Abacus\"", at)) != std::string::npos;) {
    records.replace(at, 8, "\"\\u001b[2JAb\\u0000us\"");
  }
  for (std::size_t at = 0; (at = records.find("\"spin\"", at)) != std::string::npos; at += 4) {
    records.replace(at, 6, "\"sp\\u001b]0;x\\u0007\\nin\"");
  }
  write_file(folder / "a.jsonl", records);
  const Outcome outcome =
      report(fmt::format("'{}' --no-figures --out '{}'", folder / "a.jsonl", folder / "out"));
  CHECK(outcome.status == 0);
  const Outcome compared =
      shell(fmt::format("'{}/results/compare' '{}'", KIT_BUILD, folder / "a.jsonl"));
  const std::string page = read_file(folder / "out/report.html");
  for (const std::string& text : {outcome.out + outcome.err, compared.out + compared.err, page,
                                  read_file(folder / "out/scaling.csv")}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
    CHECK(text.find('\0') == std::string::npos);
  }
  CHECK_THAT(compared.out, Contains("sp\\x1b]0;x\\x07\\nin: "));
  CHECK_THAT(page, Contains("\\x1b[2JAb\\x00us"));
}
