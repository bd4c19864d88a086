// What a run writes: whole or not there, one file for one thing, and never lost without a word;
// also where the standard streams are closed, full or redirected to files of the run.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;
const std::string quick = "--kernel spin --tasks 50 --task-units 10 --repetitions 2 --warmup 1";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// @param options  in which {} stands for the folder  @param streams  as in "> '{}/out'"
Outcome run_in(const Folder& folder, std::string options, std::string streams = "") {
  for (std::string* text : {&options, &streams}) {
    for (std::size_t at = 0; (at = text->find("{}")) != std::string::npos;) {
      text->replace(at, 2, folder.path());
    }
  }
  return shell(launching(driver, workers, quick + " " + options) + " " + streams);
}

/// A run line, three repetitions, an end that says "done".
bool is_whole_record(const std::string& text) {
  const auto lines = lines_of_json(text);  // fails if one is none
  return lines.size() == 5 && lines.front()["kind"] == "run" && lines.back()["kind"] == "end" &&
         lines.back()["status"] == "done";
}

/// A header and a line for each task, in order.
bool are_whole_values(const std::string& text, std::size_t tasks) {
  if (lines_in(text) != tasks + 1 || !text.starts_with("task,") || text.back() != '\n')
    return false;
  return contains(text, fmt::format("\n{},", tasks - 1));
}

/// Many values and little work, so that most of the time goes by with writing them.
const std::size_t many = std::string(SANITIZE).empty() ? 1'000'000 : 100'000;
const std::string many_values =
    fmt::format("--kernel spin --tasks {} --task-units 1 --repetitions 1 --warmup 0 --quiet", many);

}  // namespace

TEST_CASE("closed standard streams: nothing of what is printed gets into a file of the run") {
  if (driver == "mpi") return;  // whose ranks have streams of the launcher's: tested with that
  for (const std::string streams :
       {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    INFO(streams);
    const Folder folder;
    const Outcome run =
        run_in(folder, "--record '{}/r.jsonl' --values '{}/v.csv' --trace '{}/t.json'", streams);
    CHECK(run.status == 0);
    CHECK(is_whole_record(content(folder / "r.jsonl")));
    CHECK(are_whole_values(content(folder / "v.csv"), 50));
    CHECK(nlohmann::json::parse(content(folder / "t.json"), nullptr, false).is_object());
    const Outcome json = run_in(folder, "--record '{}/j.jsonl' --json", streams);
    CHECK(json.status == 0);
    CHECK(is_whole_record(content(folder / "j.jsonl")));
  }
}

TEST_CASE("standard output that takes nothing: exit status 1 and one line, whatever is printed") {
  for (const std::string options : {"", "--json", "--quiet --values -", "--help"}) {
    INFO(options);
    const Folder folder;
    const Outcome run = run_in(folder, options + " --record '{}/r.jsonl'", "> /dev/full");
    INFO(run.err);
    CHECK(run.status == 1);
    CHECK(without_warnings(run.err) ==
          "scalelab: standard output cannot be written: No space left on device\n");
    if (options != "--help" && options != "--json") {
      CHECK(lines_of_json(content(folder / "r.jsonl")).back()["status"] == "failed");
    }
  }
  CHECK(run_in(Folder(), "--quiet", "> /dev/full").status == 0);  // nothing is printed
}

TEST_CASE("standard output on a disk that is too small: exit status 1, and the record says so") {
  const Folder folder;
  const std::string disk = folder / "disk";
  fs::create_directory(disk);
  if (shell(fmt::format("mount -t tmpfs -o size=16k tmpfs '{}'", disk)).status != 0) {
    WARN("no small disk can be mounted here: not tested");
    return;
  }
  const Outcome many = shell(
      launching(driver, workers,
                fmt::format("--kernel spin --tasks 10000 --task-units 1 --repetitions 1 --warmup 0 "
                            "--quiet --values - --record '{}'",
                            folder / "m.jsonl")) +
      fmt::format(" > '{}/out'", disk));
  shell(fmt::format("umount '{}'", disk));
  INFO(many.err);
  CHECK(many.status == 1);
  CHECK(without_warnings(many.err).starts_with("scalelab: standard output cannot be written: "));
  CHECK(lines_in(without_warnings(many.err)) == 1);
  CHECK(lines_of_json(content(folder / "m.jsonl")).back()["status"] == "failed");
}

TEST_CASE(
    "ranks: what they print to a reader that sleeps does not keep a signal waiting, nor is it "
    "called done") {
  if (driver != "mpi") return;
  const Folder folder;
  write(folder / "script",
        launching(driver, workers, many_values + " --values -") +
            fmt::format(" > '{0}/pipe' 2> '{0}/said' & ranks=$!\n", folder.path()) +
            "sleep 3; kill -TERM $ranks; begin=$SECONDS; wait $ranks; echo $? $((SECONDS - "
            "begin))\n");
  const Outcome run = shell(fmt::format(
      "cd '{}' && mkfifo pipe && {{ sleep 20 < pipe & }} && bash script; kill $!", folder.path()));
  INFO(run.out << content(folder / "said"));
  std::istringstream words(run.out);
  int status = 0;
  double seconds = 99;
  words >> status >> seconds;
  CHECK(status == 143);
  CHECK(seconds <= 7 * patience);
  CHECK(lines_in(without_warnings(content(folder / "said"))) == 1);
  CHECK(contains(content(folder / "said"), "scalelab: stopped by SIGTERM"));
}

TEST_CASE("one file for two things is refused before anything is written, whatever its names") {
  struct Case {
    std::string options;
    std::string streams;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"--values '{}/x.jsonl' --record '{}/x.jsonl'", "",
       "--values: expected another file than that of --record"},
      {"--values '{}/link' --record '{}/x.jsonl'", "",
       "--values: expected another file than that of --record"},
      {"--values '{}/hard.jsonl' --record '{}/x.jsonl'", "",
       "--values: expected another file than that of --record"},
      {"--trace '{}/x.jsonl' --record '{}/link.jsonl'", "",
       "--trace: expected another file than that of --record"},
      {"--values '{}/new' --trace '{}/./new'", "",
       "--values: expected another file than that of --trace"},
      {"--values '{}/new' --trace '{}/to-new'", "",
       "--values: expected another file than that of --trace"},
      {"--values '{}/new' --trace '{}/folder/new'", "",
       "--values: expected another file than that of --trace"},
      {"--record '{}/x.jsonl'", ">> '{}/x.jsonl'",
       "--record: expected another file than that of standard output"},
      {"--values '{}/hard.jsonl'", ">> '{}/x.jsonl'",
       "--values: expected another file than that of standard output"},
      {"--record '{}/x.jsonl'", "2>> '{}/x.jsonl'", ""},
      {"--record '{}/c.jsonl' --config '{}/c.jsonl'", "",
       "--record: expected another file than that of --config"},
      {"--values '{}/c.jsonl' --config '{}/c.jsonl'", "",
       "--values: expected another file than that of --config"},
      {"--config '{}/c.jsonl'", ">> '{}/c.jsonl'",
       "standard output: expected another file than that of --config"},
  };
  const Folder folder;
  write(folder / "x.jsonl", "as before\n");
  write(folder / "c.jsonl", "progress=no\n");
  fs::create_hard_link(folder / "x.jsonl", folder / "hard.jsonl");
  fs::create_symlink("x.jsonl", folder / "link");
  fs::create_symlink(folder / "x.jsonl", folder / "link.jsonl");
  fs::create_symlink("new", folder / "to-new");
  fs::create_symlink(".", folder / "folder");
  for (const Case& wrong : cases) {
    if (driver == "mpi" && wrong.streams.empty()) continue;  // as in the others, and slower
    const Outcome run = run_in(folder, wrong.options, wrong.streams);
    INFO(wrong.options << ' ' << wrong.streams << '\n' << run.err);
    CHECK(run.status == 2);
    if (!wrong.message.empty()) {
      CHECK(contains(run.err, "scalelab: " + wrong.message));
      CHECK(content(folder / "x.jsonl") == "as before\n");
    } else {  // that is where it is said
      CHECK(contains(content(folder / "x.jsonl"),
                     "--record: expected another file than that of standard error"));
      write(folder / "x.jsonl", "as before\n");
    }
    CHECK(content(folder / "c.jsonl") == "progress=no\n");
    CHECK_FALSE(fs::exists(folder / "new"));
  }
  CHECK(run_in(folder, "--values /dev/null --trace /dev/null", "> /dev/null 2>&1").status == 0);
  CHECK(run_in(folder, "--record '{}/r.jsonl'", "> '{}/log' 2>&1").status == 0);
}

TEST_CASE(
    "what is no file is written as it is: pipes by whatever name, and a file that is mounted") {
  if (driver != "sequential") return;  // it is the same in all
  const Folder folder;
  for (const std::string option : {"--values /dev/stdout", "--values /dev/fd/3 3>&1 1>/dev/null"}) {
    const Outcome piped =
        shell(launching("sequential", 1, quick + " --quiet " + option) + " | cat");
    INFO(option << piped.err);
    CHECK(are_whole_values(piped.out, 50));
  }
  write(folder / "there", "as before, and longer than the new\n");
  write(folder / "mounted", "");
  if (shell(fmt::format("mount --bind '{}' '{}'", folder / "there", folder / "mounted")).status !=
      0) {
    WARN("nothing can be mounted here: not tested");
    return;
  }
  const Outcome run = run_in(folder, "--values '{}/mounted'");
  shell(fmt::format("umount '{}'", folder / "mounted"));
  CHECK(run.status == 0);
  CHECK(are_whole_values(content(folder / "there"), 50));
  CHECK(files_in(folder.path(), "").size() == 2);
}

TEST_CASE("an output that fails takes no other with it") {
  const Folder folder;
  const Outcome run = run_in(folder, "--values '{}/v.csv' --trace '{}/t.json'", "> /dev/full");
  CHECK(run.status == 1);
  CHECK(are_whole_values(content(folder / "v.csv"), 50));
  CHECK(nlohmann::json::parse(content(folder / "t.json"), nullptr, false).is_object());
}

TEST_CASE("a file of somebody else's keeps its owner, its group and what they may do") {
  if (driver != "sequential") return;  // it is the same in all
  if (getuid() != 0) {
    WARN("only root can make files of others: not tested");
    return;
  }
  const Folder folder;
  write(folder / "v.csv", "as before\n");
  chmod((folder / "v.csv").c_str(), 0660);
  REQUIRE(chown((folder / "v.csv").c_str(), 1000, 2000) == 0);
  chmod(folder.path().c_str(), 0777);
  const Outcome run =
      shell(launching("sequential", 1, quick + fmt::format(" --values '{}'", folder / "v.csv"),
                      the_kit, "setpriv --reuid 1001 --regid 1001 --groups 2000"));
  INFO(run.err);
  if (run.status == 126 || run.status == 127) {
    WARN("other users cannot start the kit where it lies: not tested");
    return;
  }
  CHECK(run.status == 0);
  CHECK(are_whole_values(content(folder / "v.csv"), 50));
  struct stat status {};
  REQUIRE(stat((folder / "v.csv").c_str(), &status) == 0);
  CHECK((status.st_uid == 1000 && status.st_gid == 2000 && (status.st_mode & 07777) == 0660));
}

TEST_CASE("a link is followed, and what it leads to keeps its permissions") {
  const Folder folder;
  fs::create_symlink("v.csv", folder / "link");
  write(folder / "v.csv", "as before\n");
  chmod((folder / "v.csv").c_str(), 0640);
  fs::create_symlink("new.csv", folder / "to-new");
  CHECK(run_in(folder, "--values '{}/link'").status == 0);
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(are_whole_values(content(folder / "v.csv"), 50));
  CHECK((fs::status(folder / "v.csv").permissions() & fs::perms::all) == fs::perms(0640));
  CHECK(run_in(folder, "--values '{}/to-new'").status == 0);
  CHECK(are_whole_values(content(folder / "new.csv"), 50));
  CHECK(files_in(folder.path(), "").size() == 4);
}

TEST_CASE("a run that is killed while it writes leaves what was there, or all of the new") {
  Dice dice;
  CAPTURE(dice.seed());
  const Folder folder;
  for (int i = 0; i < rounds(20); ++i) {
    folder.clear();
    write(folder / "v.csv", "as before\n");
    Started run(launching(driver, workers,
                          fmt::format("{} --values '{}' --record '{}'", many_values,
                                      folder / "v.csv", folder / "r.jsonl")));
    REQUIRE(eventually(20 * patience, [&] {
      return contains(content(folder / "r.jsonl"), "\"kind\":\"repetition\"") || run.has_ended();
    }));
    pause_ms(dice.roll(0, 300));
    run.signal(SIGKILL);
    run.wait(10);
    REQUIRE(nobody_left(5));
    const std::string values = content(folder / "v.csv");
    const bool whole = values == "as before\n" || are_whole_values(values, many);
    CHECK(whole);
    CHECK(files_in(folder.path(), "").size() == 2);
  }
}

TEST_CASE("who tells a run to end that writes its files comes too late: it is done") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Folder folder;
    Started run(launching(driver, workers,
                          fmt::format("{} --values '{}' --record '{}'", many_values,
                                      folder / "v.csv", folder / "r.jsonl")));
    REQUIRE(eventually(20 * patience, [&] {
      return contains(content(folder / "r.jsonl"), "\"kind\":\"repetition\"");
    }));
    run.signal(signal);
    const Outcome outcome = run.wait(20);
    INFO(outcome.err);
    const auto end = lines_of_json(content(folder / "r.jsonl")).back();
    if (driver != "mpi" || outcome.status == 0) {
      CHECK(outcome.status == 0);
      CHECK(without_warnings(outcome.err).empty());
    }
    CHECK(end["status"] == "done");
    CHECK(are_whole_values(content(folder / "v.csv"), many));
  }
}

TEST_CASE("two runs at once on one file: the later one whole, never a mixture") {
  const Folder folder;
  for (int i = 0; i < rounds(8); ++i) {
    std::vector<std::unique_ptr<Started>> runs;
    for (const int seed : {1, 2}) {
      runs.push_back(std::make_unique<Started>(launching(
          driver, workers,
          fmt::format("--kernel spin --tasks 20000 --task-units 1 --repetitions 1 --warmup 0 "
                      "--quiet --seed {} --values '{}'",
                      seed, folder / "v.csv"))));
    }
    for (auto& run : runs) {
      const Outcome outcome = run->wait();
      INFO(outcome.err);
      CHECK(outcome.status == 0);
    }
    const std::string both = content(folder / "v.csv");
    CHECK(are_whole_values(both, 20000));
    bool is_one = false;
    for (const int seed : {1, 2}) {
      const Outcome alone =
          shell(launching("sequential", 1,
                          fmt::format("--kernel spin --tasks 20000 --task-units 1 --repetitions 1 "
                                      "--warmup 0 --quiet --seed {} --values -",
                                      seed)));
      is_one = is_one || alone.out == both;
    }
    CHECK(is_one);
  }
}

TEST_CASE("a folder with files of somebody else becomes no journal") {
  const Folder folder;
  std::ofstream(folder / "thesis.tex") << "mine";
  const Outcome run = launch(
      driver, workers,
      fmt::format("{} --repetitions 1 --warmup 0 --journal '{}' --record '{}'",
                  "--kernel sleep --tasks 4 --task-units 10", folder.path(), folder / "r.jsonl"));
  CHECK(run.status == 2);
  CHECK(without_warnings(run.err) ==
        fmt::format("scalelab: --journal: {}: expected a new folder, or one with nothing but a "
                    "journal, found thesis.tex\n",
                    folder.path()));
  CHECK(files_in(folder.path(), "").size() == 1);
}

TEST_CASE("a folder that lab run has made and marked takes a journal") {
  const Folder folder;
  std::ofstream(folder / ".scalelab-scratch") << "host boot";
  const Outcome run = launch(
      driver, workers,
      fmt::format("--kernel sleep --tasks 4 --task-units 10 --repetitions 1 --warmup 0 --quiet "
                  "--journal '{}'",
                  folder.path()));
  INFO(run.err);
  CHECK(run.status == 0);
}

TEST_CASE("two runs at once on one journal: the second is refused, and a dead one is no obstacle") {
  const Folder folder;
  const std::string options = fmt::format(
      "--kernel sleep --tasks 20000 --task-units 10000 --schedule dynamic --journal '{}'",
      folder / "j");
  auto first = std::make_unique<Started>(launching(driver, workers, options));
  REQUIRE(eventually(20 * patience, [&] {
    return files_in(folder / "j", ".journal").size() == static_cast<std::size_t>(workers);
  }));
  for (const std::string more : {"", " --resume"}) {
    const Outcome second = launch(driver, workers, options + more);
    INFO(second.err);
    CHECK(second.status == 1);
    CHECK(without_warnings(second.err) ==
          fmt::format("scalelab: --journal: {}: another run is using it\n", folder / "j"));
  }
  pause_ms(300);
  first->signal(SIGKILL);
  first->wait(10);
  REQUIRE(nobody_left(5));
  {
    Started resumed(launching(driver, workers, options + " --resume"));
    CHECK(eventually(20 * patience, [&] {
      return files_in(folder / "j", ".journal").size() == 2 * static_cast<std::size_t>(workers);
    }));
    resumed.signal(SIGKILL);
    resumed.wait(10);
    REQUIRE(nobody_left(5));
  }
  fs::remove_all(folder / "j");
  fs::create_directory(folder / "j");
  fs::create_symlink("/etc/passwd", folder / "j/.lock");
  const Outcome link = launch(driver, workers, options);
  CHECK(link.status == 1);
  CHECK(contains(link.err, "/j/.lock is a link"));
}
