// --journal and --resume: a run that was cut off goes on where it was, with any driver, schedule
// and number of workers, and gives the values that it would have given.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;

// 0.4 s of work
const std::string work = "--kernel sleep --tasks 80 --task-units 5000 --skew linear";
const std::string models =
    "--kernel many-models --tasks 300 --data '" KIT_DATA "/diabetes.csv' --target progression";

/// Of the sequential driver, each asked for once.
const std::string& digest_of(const std::string& options) {
  static std::map<std::string, std::string> known;
  std::string& digest = known[options];
  if (!digest.empty()) return digest;
  const Outcome run = launch("sequential", 1, options + " --repetitions 1 --warmup 0 --json");
  REQUIRE(run.status == 0);
  return digest = field(run.out, "digest");
}

std::uintmax_t bytes_in(const std::string& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : fs::directory_iterator(folder)) bytes += file.file_size();
  return bytes;
}

/// Stops a run after some of its tasks have been kept.
void cut_off(const Folder& folder, const std::string& options) {
  folder.clear();
  Started run(launching(driver, workers, fmt::format("{} --journal '{}'", options, folder.path())));
  std::uintmax_t before = 0;  // when each worker had written how its file begins, and no more
  REQUIRE(eventually(20 * patience, [&] {
    int files = 0;
    for (const auto& file : fs::directory_iterator(folder.path())) files += file.file_size() > 0;
    if (before == 0 && files == workers) before = bytes_in(folder.path());
    return before > 0 && bytes_in(folder.path()) > before;
  }));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait(10);
  INFO(outcome.err);
  REQUIRE(outcome.status == 143);
}

Outcome resume(const Folder& folder, const std::string& options, const std::string& by = driver,
               int how_many = workers) {
  return launch(by, how_many,
                fmt::format("{} --journal '{}' --resume --json", options, folder.path()));
}

/// The second time there is nothing left to do.
std::pair<Outcome, Outcome> resume_twice(const Folder& folder, const std::string& options) {
  const std::string again =
      fmt::format("{} --journal '{}' --resume --json", options, folder.path());
  const std::vector<Outcome> runs = launch_all(driver, workers, {again, again});
  return {runs[0], runs[1]};
}

void check_whole(const Outcome& run, const std::string& digest) {
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(field(run.out, "digest") == digest);
  const auto lines = repetitions_in(run.out);
  REQUIRE(lines.size() == 1);
  std::uint64_t tasks = lines[0]["resumed_tasks"];
  for (const auto& n : lines[0]["accounts"]["tasks"]) tasks += n.get<std::uint64_t>();
  CHECK(std::to_string(tasks) == field(run.out, "tasks"));
}

std::uint64_t resumed_in(const Outcome& run) {
  return std::stoull(field(run.out, "resumed_tasks"));
}

struct Wrong {
  std::string options, message;
  int status;
};

void check_refused(const std::vector<Wrong>& all) {
  std::vector<std::string> options;
  for (const Wrong& wrong : all) options.push_back(wrong.options);
  const std::vector<Outcome> runs = launch_all(driver, workers, options);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(options[i] << '\n' << runs[i].err);
    CHECK(runs[i].status == all[i].status);
    CHECK(contains(runs[i].err, all[i].message));
    CHECK(lines_in(without_warnings(runs[i].err)) == 1);
    CHECK(runs[i].out.empty());
  }
  CHECK(nobody_left(1));
}

void check_refused(const std::string& options, const std::string& message, int status) {
  check_refused({{options, message, status}});
}

/// A small file system in memory.
class Disk {
 public:
  explicit Disk(const std::string& size)
      : mounted_(geteuid() == 0 && shell(fmt::format("mount -t tmpfs -o size={} scalelab-test '{}'",
                                                     size, folder_.path()))
                                           .status == 0) {
    if (!mounted_) WARN("not tried: needs a file system of its own, which only root may mount");
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk() {
    if (mounted_) shell(fmt::format("umount -l '{}'", folder_.path()));
  }

  bool is_there() const { return mounted_; }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  Folder folder_;
  bool mounted_;
};

}  // namespace

TEST_CASE("a run that was stopped is resumed, and gives the values of one that was not") {
  const Folder folder;
  for (const std::string schedule : {"static", "static --chunk 3", "dynamic", "guided"}) {
    INFO(schedule);
    const std::string digest = digest_of(work);
    cut_off(folder, work + " --schedule " + schedule);
    const auto [run, again] = resume_twice(folder, work + " --schedule " + schedule);
    check_whole(run, digest);
    CHECK(resumed_in(run) > 0);
    CHECK(resumed_in(run) < 80);
    check_whole(again, digest);
    CHECK(resumed_in(again) == 80);
  }
}

TEST_CASE("a run is resumed by another driver, with other workers and another schedule") {
  const std::string digest = digest_of(work);
  const Folder folder;
  for (const auto& [by, how_many] :
       {std::pair{"sequential", 1}, {"openmp", 5}, {"processes", 4}, {"mpi", 3}}) {
    cut_off(folder, work);
    const Outcome run = resume(folder, work + " --schedule guided --chunk 2", by, how_many);
    check_whole(run, digest);
    CHECK(resumed_in(run) > 0);
  }
}

TEST_CASE("a run is stopped and resumed again and again") {
  const std::string longer = "--kernel sleep --tasks 300 --task-units 5000";
  const std::string digest = digest_of(longer);
  const Folder folder;
  int stopped = 0;
  const auto journals = [&] { return files_in(folder.path(), ".journal").size(); };
  for (int i = 0; i < 20; ++i) {
    const auto before = journals();
    Started run(launching(driver, workers,
                          fmt::format("{} --schedule dynamic --journal '{}' --json{}", longer,
                                      folder.path(), i == 0 ? "" : " --resume")));
    // It has begun; all workers together have more than 0.3 s to do.
    REQUIRE(eventually(20 * patience, [&] { return journals() > before || run.has_ended(); }));
    pause_ms(150);
    run.signal(SIGTERM);
    const Outcome outcome = run.wait(10);
    INFO(outcome.err);
    if (outcome.status == 0) {
      check_whole(outcome, digest);
      break;
    }
    REQUIRE(outcome.status == 143);
    ++stopped;
  }
  CHECK(stopped >= 1);
  check_whole(resume(folder, longer), digest);
}

TEST_CASE("a run of real data is resumed, wherever the data lie now") {
  const std::string digest = digest_of(models);
  const Folder folder;
  REQUIRE(launch(driver, workers, fmt::format("{} --journal '{}'", models, folder.path())).status ==
          0);
  const Folder elsewhere;
  fs::copy_file(KIT_DATA "/diabetes.csv", elsewhere / "data.csv");
  const Outcome run = resume(
      folder, fmt::format("--kernel many-models --tasks 300 --data '{}' --target progression",
                          elsewhere / "data.csv"));
  check_whole(run, digest);
  CHECK(resumed_in(run) == 300);
}

TEST_CASE("a journal of another run is refused, and the difference is named") {
  const Folder folder;
  const std::string options = "--kernel spin --tasks 50 --task-units 5";
  REQUIRE(
      launch(driver, workers, fmt::format("{} --journal '{}'", options, folder.path())).status ==
      0);
  const std::string journal = fmt::format(" --journal '{}'", folder.path());
  const auto before = bytes_in(folder.path());
  check_refused(options + journal, "--journal: " + folder.path() + " holds a journal already", 2);
  CHECK(bytes_in(folder.path()) == before);

  const std::string again = journal + " --resume";
  check_refused(
      {{options + " --seed 2" + again, "options.seed is \"1\" there and \"2\" here", 1},
       {"--kernel spin --tasks 51 --task-units 5" + again, "tasks is 50 there and 51 here", 1},
       {"--kernel spin --tasks 50 --task-units 6" + again,
        "options.task-units is \"5\" there and \"6\" here", 1},
       {"--kernel sleep --tasks 50 --task-units 5" + again,
        "kernel is \"spin\" there and \"sleep\" here", 1},
       {options + " --skew linear" + again, "options.skew is \"uniform\" there and \"linear\" here",
        1}});
  // None of these has spoiled it.
  check_whole(resume(folder, options), digest_of(options));
}

TEST_CASE("a journal of other data is refused") {
  const Folder folder;
  const Folder data;
  std::ofstream(data / "a.csv") << "y,x\n1,2\n3,5\n4,4\n7,8\n2,2\n";
  std::ofstream(data / "b.csv") << "y,x\n1,2\n3,5\n4,4\n7,8\n2,3\n";
  const auto options = [&](const char* file) {
    return fmt::format("--kernel many-models --tasks 20 --target y --data '{}' --journal '{}'",
                       data / file, folder.path());
  };
  REQUIRE(launch(driver, workers, options("a.csv")).status == 0);
  check_refused(options("b.csv") + " --resume", "data.digest is ", 1);
}

TEST_CASE("a journal that was torn is used up to there") {
  const std::string digest = digest_of(work);
  const Folder folder;
  const Folder whole;
  REQUIRE(launch(driver, workers,
                 fmt::format("{} --schedule dynamic --journal '{}'", work, whole.path()))
              .status == 0);
  for (const std::string damage : {"truncate", "one byte", "half", "empty", "no end of line"}) {
    INFO(damage);
    folder.clear();
    fs::copy(whole.path(), folder.path());
    const fs::path file = folder / "worker-0.1.journal";
    REQUIRE(fs::exists(file));
    const auto size = fs::file_size(file);
    if (damage == "truncate") fs::resize_file(file, size - 5);
    // Entries are whole words long: this is never the end of one.
    if (damage == "half") fs::resize_file(file, size - ((size - 400) / 16 * 8 + 3));
    if (damage == "empty") fs::resize_file(file, 0);
    if (damage == "no end of line") fs::resize_file(file, 30);
    if (damage == "one byte") {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekp(static_cast<std::streamoff>(size) - 3);
      bytes.put('?');
    }
    const auto [run, again] = resume_twice(folder, work);
    check_whole(run, digest);
    CHECK(resumed_in(run) < 80);
    const bool torn = damage != "empty" && damage != "no end of line";
    CHECK(contains(run.out, "an entry is torn: what follows is run again") == torn);
    CHECK(without_warnings(run.err).empty());
    check_whole(again, digest);
    CHECK(resumed_in(again) == 80);
  }
}

TEST_CASE("what is no journal is refused, and what has another name is left alone, and refused") {
  const Folder folder;
  const std::string options =
      fmt::format("--kernel spin --tasks 20 --task-units 1 --journal '{}'", folder.path());
  std::ofstream(folder / "notes.txt") << "precious\n";
  check_refused(options, "or one with nothing but a journal, found notes.txt", 2);
  check_refused(options + " --resume", "or one with nothing but a journal, found notes.txt", 2);
  CHECK(shell(fmt::format("cat '{}'", folder / "notes.txt")).out == "precious\n");
  CHECK(files_in(folder.path(), "").size() == 1);
  std::ofstream(folder / "worker-9.1.journal") << "something else\n";
  check_refused(options + " --resume", "expected a journal of this version of scalelab", 1);
  std::ofstream(folder / "worker-9.1.journal") << "scalelab journal 1 {\"kernel\n";
  check_refused(options + " --resume", "its first line is damaged", 1);
}

TEST_CASE("--resume without anything to resume starts anew") {
  const Folder folder;
  const std::string options = "--kernel spin --tasks 20 --task-units 1";
  const Outcome run = resume(folder, options);
  check_whole(run, digest_of(options));
  CHECK(resumed_in(run) == 0);
}

TEST_CASE("a time that was resumed is not shown as a measurement") {
  const Folder folder;
  const std::string options =
      fmt::format("--kernel spin --tasks 20 --task-units 1 --journal '{}'", folder.path());
  const auto runs = launch_all(driver, workers, {options, options + " --resume"});
  CHECK(contains(runs[0].out, "digest"));
  CHECK_FALSE(contains(runs[0].out, "resumed"));
  CHECK(contains(runs[1].out,
                 "20 tasks were in the journal, 0 were run: this time is no measurement"));
  CHECK(contains(runs[0].out, "throughput"));
  CHECK_FALSE(contains(runs[1].out, "throughput"));  // of nothing
  CHECK_FALSE(contains(runs[1].out, "bound"));
}

TEST_CASE("a full disk is found before the first task") {
  const Disk disk("64k");
  if (!disk.is_there()) return;
  const std::string long_tasks = "--kernel sleep --task-time 100s --tasks 20000";
  const auto begin = std::chrono::steady_clock::now();
  check_refused({{long_tasks + " --journal '" + (disk / "journal") + "'", "has no room for", 1},
                 {long_tasks + " --values '" + (disk / "values.csv") + "'", "has no room for", 1}});
  CHECK(seconds_since(begin) < 15 * patience);
}

TEST_CASE("a device that is always full is found before the first task") {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Wrong> all;
  for (const std::string option : {"values", "trace"}) {
    all.push_back({"--kernel sleep --task-time 100s --tasks 10 --" + option + " /dev/full",
                   "--" + option + ": /dev/full cannot be written: No space left on device", 1});
  }
  check_refused(all);
  CHECK(seconds_since(begin) < 10 * patience);
}

TEST_CASE("a disk that becomes full ends the run, which can be resumed once there is room") {
  const Disk disk("1m");
  if (!disk.is_there()) return;
  const std::string options = "--kernel sleep --task-units 400 --tasks 8000 --schedule dynamic";
  const std::string journal = fmt::format(" --journal '{}'", disk / "journal");
  Started run(launching(driver, workers, options + journal));
  REQUIRE(eventually(20 * patience, [&] {
    return files_in(disk / "journal", ".journal").size() == static_cast<std::size_t>(workers);
  }));
  pause_ms(200);
  shell(fmt::format("dd if=/dev/zero of='{}' bs=1k count=2000", disk / "filler"));
  const Outcome outcome = run.wait(20);
  INFO(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(contains(outcome.err, "--journal: " + (disk / "journal")));
  CHECK(contains(outcome.err, "No space left on device"));
  CHECK(lines_in(without_warnings(outcome.err)) == 1);
  CHECK(nobody_left(1));
  fs::remove(disk / "filler");
  const Outcome rest = launch(driver, workers, options + journal + " --resume --json");
  check_whole(rest, digest_of("--kernel sleep --task-units 400 --tasks 8000"));
  CHECK(resumed_in(rest) > 0);
}
