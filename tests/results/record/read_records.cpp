#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>

#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// One finding, at that line, with these words; the rest of the file is used.
void check_finding(const std::string& text, std::size_t line, const std::string& words,
                   std::size_t good_repetitions) {
  const Seen seen = read_text(text);
  CAPTURE(text, words);
  REQUIRE(seen.findings.size() == 1);
  CAPTURE(seen.findings[0].text);
  CHECK(seen.findings[0].line == line);
  CHECK(seen.findings[0].file.ends_with("/a.jsonl"));
  CHECK_THAT(seen.findings[0].text, Contains(words));
  CHECK(seen.findings[0].text.find('\n') == std::string::npos);
  CHECK(seen.repetitions.size() == good_repetitions);
}

/// A repetition between two good ones.
void check_repetition(const Changes& changes, const std::string& words, bool used = false) {
  check_finding(run_line() + repetition_line(1) + repetition_line(2, changes) +
                    (used ? repetition_line(3) : repetition_line(2)) + end_line(),
                3, words, used ? 3 : 2);
}

const std::string whole = run_line() + repetition_line(1) + cost_line() + end_line();

}  // namespace

TEST_CASE("read records: every member arrives") {
  const Seen seen = read_text(run_line({{"driver_options", {{"threads-per-rank", "2"}}},
                                        {"data", "d.csv"},
                                        {"work_units", 30.5},
                                        {"longest_task_units", 4},
                                        {"serial_units", 2},
                                        {"job", {{"id", "77"}, {"queue_seconds", 3}}}}) +
                              repetition_line(1, {{"warmup", true}}) +
                              repetition_line(1, {{"at_seconds", 2}}) + cost_line() + end_line());
  REQUIRE(seen.findings.empty());
  REQUIRE(seen.runs.size() == 1);
  const Run& run = seen.runs[0];
  CHECK(run.id == "a");
  CHECK(run.started == "2026-11-22T20:15:00.5Z");
  CHECK(run.command == std::vector<std::string>{"openmp"});
  CHECK(run.workers == 2);
  CHECK(run.options.at("seed") == "1");
  CHECK(run.driver_options.at("threads-per-rank") == "2");
  CHECK(run.data == std::optional<std::string>("d.csv"));
  CHECK((run.work && run.work->total == 30.5 && run.work->longest == 4 && run.work->serial == 2));
  CHECK(run.start_seconds == 0.25);
  CHECK(run.machines.at(0).cpus == 2);
  CHECK_FALSE(run.machines.at(0).cores.has_value());
  CHECK(run.build.kernels_code == "00ff");
  CHECK(run.job.value().id == "77");
  REQUIRE(seen.repetitions.size() == 2);
  CHECK(seen.repetitions[0].second.warmup);
  const Repetition& repetition = seen.repetitions[1].second;
  CHECK(seen.repetitions[1].first == "a");
  CHECK(repetition.number == 1);
  CHECK(repetition.at_seconds == 2);
  CHECK(repetition.workers.compute_seconds == std::vector<double>{0.375, 0.25});
  CHECK(repetition.workers.tasks == std::vector<std::uint64_t>{4, 6});
  CHECK(repetition.workers.migrations.empty());
  CHECK(repetition.counters.at("draws") == 7);
  CHECK(seen.costs.at(0).seconds == std::vector<double>{1e-6, 2e-6});
  CHECK(seen.ends.at(0).status == "done");
}

TEST_CASE("read records: what the kit writes is read as it was") {
  const Seen seen = read_text(whole);
  const Seen again =
      read_text(to_json(seen.runs.at(0)) + "\n" + to_json(seen.repetitions.at(0).second) + "\n" +
                to_json(seen.costs.at(0)) + "\n" + to_json(seen.ends.at(0)) + "\n");
  CHECK(again.findings.empty());
  CHECK(to_json(again.runs.at(0)) == to_json(seen.runs.at(0)));
  CHECK(to_json(again.repetitions.at(0).second) == to_json(seen.repetitions.at(0).second));
}

TEST_CASE("read records: other ends of lines, blank lines and members that are new are fine") {
  std::string windows;
  for (const char c : whole) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& text :
       {windows, "\n" + whole + "\n \n", whole.substr(0, whole.size() - 1),
        run_line({{"colour", {{"deep", {1, 2, {3}}}}}}) + end_line()}) {
    const Seen seen = read_text(text);
    CHECK(seen.findings.empty());
    CHECK(seen.runs.size() == 1);
    CHECK(seen.ends.size() == 1);
  }
}

TEST_CASE("read records: a line cut off anywhere is skipped, what follows is used") {
  const std::string line = repetition_line(2);
  for (std::size_t length = 1; length + 1 < line.size(); ++length) {
    const std::string half = line.substr(0, length);
    Seen seen = read_text(run_line() + repetition_line(1) + half);  // the job was killed
    REQUIRE(seen.findings.size() == 2);
    CHECK(seen.findings[0].line == 3);
    CHECK_THAT(seen.findings[0].text, Contains("cut off, as by a kill"));
    CHECK(seen.findings[1].line == 1);
    CHECK_THAT(seen.findings[1].text, Contains("run a was cut off after 1 repetition"));
    seen = read_text(run_line() + half + "\n" + repetition_line(1) + end_line());
    REQUIRE(seen.findings.size() == 1);
    CHECK(seen.findings[0].line == 2);
    CHECK(seen.repetitions.size() == 1);
  }
}

TEST_CASE("read records: other versions of the schema are told, once per run") {
  check_finding(run_line({{"schema", 2}}) + repetition_line(1) + end_line(), 1,
                "schema 2: this kit reads 1", 0);
  check_finding(run_line({{"schema", "1"}}) + end_line(), 1, "schema \"1\"", 0);
  check_finding(run_line({{"schema", nullptr}}) + end_line(), 1, "schema", 0);
  check_finding(R"({"kind":"run","schema":7,"run":"z"})"
                "\n" +
                    whole,
                1, "schema 7", 1);
}

TEST_CASE("read records: a run that was read before is left out with its lines") {
  check_finding(whole + whole, 5, "read before", 1);
  const TestFolder folder;
  write_file(folder / "1.jsonl", whole);
  write_file(folder / "2.jsonl", whole + run_line({{"run", "b"}}) + end_line({{"run", "b"}}));
  const Seen seen = read_paths({folder.path()});
  REQUIRE(seen.findings.size() == 1);
  CHECK(seen.findings[0].file == folder / "2.jsonl");
  CHECK_THAT(seen.findings[0].text, Contains("1.jsonl:1"));
  CHECK(seen.runs.size() == 2);
  CHECK(seen.repetitions.size() == 1);
}

TEST_CASE("read records: lines of a run that is not there are told once") {
  check_finding(repetition_line(1) + repetition_line(2) + end_line(), 1, "run 'a'", 0);
}

TEST_CASE("read records: a repetition stands once, and in order") {
  check_repetition({{"repetition", 1}}, "repetition 1 after repetition 1");
  check_repetition({{"repetition", 0}}, "from 1");
  check_finding(run_line() + repetition_line(1) + repetition_line(3) + end_line(), 3,
                "expected repetition 2, found 3", 2);
  // Warm-ups are counted apart.
  CHECK(read_text(run_line() + repetition_line(1, {{"warmup", true}, {"at_seconds", 0.25}}) +
                  repetition_line(1) + end_line())
            .findings.empty());
}

TEST_CASE("read records: clocks that went back are found") {
  check_repetition({{"at_seconds", 0.5}}, "clock went back");
  check_finding(run_line() + end_line({{"ended", "2026-11-22T20:14:59.9Z"}}), 2, "clock went back",
                0);
  CHECK(read_text(run_line() + end_line({{"ended", "2026-11-22T20:15:00.50Z"}})).findings.empty());
  check_finding(run_line() + end_line({{"ended", "yesterday"}}), 2, "expected a time", 0);
}

TEST_CASE("read records: what is no number is no number") {
  for (const char* value : {"NaN", "Infinity", "-Infinity", "1e999", "nan"}) {
    std::string line = repetition_line(2);
    line.replace(line.find(":0.5"), 4, std::string(":") + value);
    check_finding(run_line() + repetition_line(1) + line + repetition_line(2) + end_line(), 3,
                  "JSON", 2);
  }
  std::string line = repetition_line(2);
  line.replace(line.find(":0.5"), 4, ":null");
  check_finding(run_line() + repetition_line(1) + line + repetition_line(2) + end_line(), 3,
                "expected a number as 'seconds', found null", 2);
}

TEST_CASE("read records: a member that is missing or of another type is named") {
  for (const char* name :
       {"started", "driver", "kernel", "waits", "workers", "tasks", "schedule", "options",
        "machines", "build", "accounting", "start_seconds", "warnings"}) {
    CAPTURE(name);
    check_finding(run_line({{name, nullptr}}) + end_line(), 1, name, 0);
    check_finding(run_line({{name, Json::array({Json::array()})}}) + end_line(), 1, name, 0);
  }
  for (const char* name : {"repetition", "warmup", "seconds", "digest", "at_seconds", "accounts",
                           "retries", "resumed_tasks", "counters"}) {
    CAPTURE(name);
    check_repetition({{name, nullptr}}, name);
    check_repetition({{name, Json::array({1})}}, name);
  }
  check_repetition({{"seconds", -0.5}}, "not negative");
  check_repetition({{"seconds", 0}}, "from 1e-9 to 1e9, found 0");
  check_repetition({{"retries", -1}}, "expected a whole number as 'retries', found -1");
  check_repetition({{"resumed_tasks", 0.5}}, "whole number");
  check_repetition({{"counters/draws", "many"}}, "counters.draws");
  check_repetition({{"accounts/idle_seconds", {0.5, "x"}}}, "accounts.idle_seconds");
  check_repetition({{"digest", "cbf2"}}, "16 hexadecimal digits");
  check_repetition({{"kind", "lap"}}, "found 'lap'");
  check_finding(run_line({{"work_units", 3}}) + end_line(), 1, "longest_task_units", 0);
  check_finding(run_line({{"machines/0/cpus", -2}}) + end_line(), 1, "machines.cpus", 0);
  check_finding(run_line({{"data", Json::array()}}) + end_line(), 1, "data", 0);
  check_finding(run_line({{"waits", 1}}) + end_line(), 1, "expected true or false as 'waits'", 0);
  check_finding(run_line({{"job", {{"id", "7"}, {"cpus", "4(x2)"}}}}) + end_line(), 1, "job.cpus",
                0);
}

TEST_CASE("read records: accounts that do not add up are found") {
  check_repetition({{"accounts/compute_seconds", {0.375}}}, "expected 2 workers");
  check_repetition({{"accounts/migrations", {1, 2, 3}}}, "accounts.migrations");
  check_repetition({{"accounts/tasks", {4, 7}}},
                   "expected 10 tasks, of all workers and resumed, found 11");
  check_repetition({{"accounts/timed_parts", {1, 2}}}, "timed parts of worker 1");
  check_repetition({{"accounts/idle_seconds", {0, 0.0626}}}, "times of worker 1");
  CHECK(read_text(run_line() +
                  repetition_line(1, {{"accounts/tasks", {4, 3}}, {"resumed_tasks", 3}}) +
                  repetition_line(2, {{"accounts/idle_seconds", {0, 0.0625001}}}) +
                  repetition_line(3, {{"accounts/idle_seconds", {0.5, 0.0625}},
                                      {"accounts/unaccounted_seconds", {-0.375, 0.0625}}}) +
                  repetition_line(4, {{"accounts", Json::object()}}) + end_line())
            .findings.empty());
}

TEST_CASE("read records: what cannot be is found") {
  check_finding(run_line({{"schedule", "bananas"}}) + end_line(), 1,
                "expected static or dynamic or guided in 'schedule', found 'bananas'", 0);
  check_finding(run_line({{"scaling", "huge"}}) + end_line(), 1, "strong or weak", 0);
  check_finding(run_line({{"bind", "foo"}}) + end_line(), 1, "cores or none", 0);
  check_finding(run_line({{"driver", "sequential"}}) + end_line(), 1, "expected 1 worker", 0);
  check_finding(run_line({{"work_units", 3}, {"longest_task_units", 4}}) + end_line(), 1,
                "expected 'longest_task_units' of at most 3, all 'work_units', found 4", 0);
  check_finding(run_line({{"job", {{"id", "7"}, {"cpus", 0}}}}) + end_line(), 1,
                "expected at least 1 CPU in 'job.cpus', found 0", 0);
  // Strange, but used.
  const auto second = [](const Changes& changes) {
    return run_line() + repetition_line(1) + repetition_line(2, changes) + end_line();
  };
  check_finding(second({{"at_seconds", 1.25}}), 3, "before the end of the last one at 1.5 s", 2);
  check_finding(second({{"accounts/cpu_seconds", {0.1, 1000}}}), 3, "1000 s of CPU time", 2);
}

TEST_CASE("read records: repetitions of other values are told, and kept for who compares them") {
  check_repetition({{"digest", "0000000000000000"}}, "0000000000000000", true);
}

TEST_CASE("read records: a run without its end was cut off, one with it has ended") {
  check_finding(run_line() + repetition_line(1) + repetition_line(2), 1,
                "run a was cut off after 2 repetitions", 2);
  check_finding(whole + repetition_line(2), 5, "has ended", 1);
  check_finding(run_line() + end_line({{"exit", 1}}), 2, "exit status 1", 0);
  check_finding(run_line() + end_line({{"status", "failed"}}), 2, "exit status 0", 0);
  check_finding(run_line() + end_line({{"status", "dead"}}), 2, "found 'dead'", 0);
}

TEST_CASE("read records: a run that failed before it knew anything is no finding") {
  CHECK(read_text(run_line({{"workers", 0}, {"tasks", 0}, {"machines", Json::array()}}) +
                  end_line({{"status", "failed"}, {"exit", 1}}))
            .findings.empty());
}

TEST_CASE("read records: files that hold no records") {
  check_finding("", 0, "empty", 0);
  check_finding("\n\n", 0, "empty", 0);
  check_finding("hello\n" + whole, 1, "JSON", 1);
  for (const char* text : {"null", "3", "[]", "\"text\"", "{}", "\xFF\xFE", "[[[[[[[[[[[[]]"}) {
    CHECK(read_text(std::string(text) + "\n" + whole).findings.size() == 1);
  }
}

TEST_CASE("read records: binary data is one finding") {
  std::string binary =
      "\x7F"
      "ELF\n";
  for (int i = 0; i < 20'000; ++i) binary += static_cast<char>(i % 7 * 37);
  CHECK(read_text(std::string("\0\n\0", 3) + binary).findings.size() == 1);
  const std::string zeros(5000, '\0');  // as some file systems leave behind a crash
  check_finding(run_line() + repetition_line(1) + zeros + "\n" + zeros + "\n" + repetition_line(2) +
                    end_line(),
                3, "binary", 2);
}

TEST_CASE("read records: a line without end is not read into memory") {
  const std::string endless(20 << 20, '[');
  check_finding(run_line() + endless + "\n" + repetition_line(1) + end_line(), 2, "longer than", 1);
  check_finding(run_line() + "{\"kind\":" + std::string(1 << 20, '[') + "\n" + repetition_line(1) +
                    end_line(),
                2, "cut off", 1);
}

TEST_CASE("read records: of many findings the first are told, and how many more there are") {
  std::string text = run_line();
  for (int i = 0; i < 1000; ++i) text += "rubbish\n";
  const Seen seen = read_text(text + repetition_line(1) + end_line());
  REQUIRE(seen.findings.size() == 21);
  CHECK(seen.findings.back().line == 0);
  CHECK_THAT(seen.findings.back().text, Contains("980 more"));
  CHECK(seen.repetitions.size() == 1);
}

TEST_CASE("read records: what a line says does not become lines of the message") {
  check_repetition({{"digest", std::string("\n\x1B[31m") + std::string(100'000, 'x')}}, "digest");
}

TEST_CASE("read records: a folder stands for its files of records, in the order of their names") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "sub.jsonl");
  for (const char* id : {"b", "a", "c"}) {
    write_file(folder / (std::string(id) + ".jsonl"),
               run_line({{"run", id}}) + end_line({{"run", id}}));
  }
  write_file(folder / "notes.txt", "hello");
  const Seen seen = read_paths({folder.path()});
  CHECK(seen.findings.empty());
  REQUIRE(seen.runs.size() == 3);
  CHECK((seen.runs[0].id == "a" && seen.runs[1].id == "b" && seen.runs[2].id == "c"));
  CHECK(read_paths({folder / "sub.jsonl"}).findings.size() == 1);
}

TEST_CASE("read records: a path that is not there is an error") {
  const TestFolder folder;
  CHECK_THROWS_WITH(read_paths({folder / "none"}), Contains("none"));
  std::filesystem::create_symlink("nowhere", folder / "broken.jsonl");
  CHECK_THROWS_AS(read_paths({folder.path()}), std::runtime_error);
}

TEST_CASE("read records: what a handler throws goes to who called") {
  const TestFolder folder;
  write_file(folder / "a.jsonl", whole);
  const RecordHandlers handlers{
      .repetition = [](const Run&, const Repetition&) { throw std::runtime_error("stop"); },
      .finding = [](const Finding& finding) { FAIL(finding.text); }};
  CHECK_THROWS_WITH(read_records({folder.path()}, handlers), "stop");
}

TEST_CASE("records: a finding is told with its place, where it has one") {
  CHECK(text_of(Finding{"a.jsonl", 12, "cut off"}) == "a.jsonl:12: cut off");
  CHECK(text_of(Finding{"a.jsonl", 0, "empty"}) == "a.jsonl: empty");
}

TEST_CASE("read records: whole numbers are whole however other programs write them") {
  for (const char* text : {"2.0", "2e0", "20e-1", "0.2e1"}) {
    std::string run = run_line();
    const std::size_t at = run.find("\"workers\":2");
    REQUIRE(at != std::string::npos);
    run.replace(at, 11, std::string("\"workers\":") + text);
    const Seen seen = read_text(run + repetition_line(1) + end_line());
    CAPTURE(text);
    CHECK(seen.findings.empty());
    REQUIRE(seen.runs.size() == 1);
    CHECK(seen.runs[0].workers == 2);
  }
  for (const char* text : {"2.5", "-2.0", "1e400", "18446744073709551616", "1e20"}) {
    std::string run = run_line();
    run.replace(run.find("\"workers\":2"), 11, std::string("\"workers\":") + text);
    CAPTURE(text);
    CHECK(read_text(run).runs.empty());
  }
  for (const char* zero : {"-0", "-0.0", "0.0"}) {
    std::string line = repetition_line(1);
    const std::size_t at = line.find("\"retries\":0");
    REQUIRE(at != std::string::npos);
    line.replace(at, 11, std::string("\"retries\":") + zero);
    CAPTURE(zero);
    CHECK(read_text(run_line() + line + end_line()).findings.empty());
  }
}

TEST_CASE("read records: names are fit to be shown, and different ones stay different") {
  const std::string novel(100000, 'x');
  const Seen seen = read_text(run_line({{"kernel", "a\x1b[2Jb\nc"},
                                        {"machines/0/host", std::string("n\0m", 3)},
                                        {"options/seed", novel + "1"}}) +
                              run_line({{"run", "b"}, {"options/seed", novel + "2"}}) + end_line() +
                              end_line({{"run", "b"}, {"reason", "\u009b1m"}}));
  CHECK(seen.findings.empty());
  REQUIRE(seen.runs.size() == 2);
  CHECK(seen.runs[0].kernel == "a\\x1b[2Jb\\nc");
  CHECK(seen.runs[0].machines.at(0).host == "n\\x00m");
  const std::string& seed = seen.runs[0].options.at("seed");
  CHECK((seed.size() < 5000 && seed.starts_with("xxx")));
  CHECK_THAT(seed, Contains("... (100001 bytes)"));
  CHECK(seed != seen.runs[1].options.at("seed"));
  CHECK(seen.ends.at(1).reason == "\\u009b1m");
}

TEST_CASE("reading: names that are shown alike stay different, and none is lost") {
  const Seen seen = read_text(
      run_line({{"options", {{"a\x1b", "escape"}, {"a\\x1b", "written out"}, {"b", "other"}}}}));
  REQUIRE(seen.runs.size() == 1);
  const auto& options = seen.runs[0].options;
  REQUIRE(options.size() == 3);
  CHECK(options.at("a\\x1b") == "escape");
  CHECK(options.at("b") == "other");
  const auto second = std::next(options.begin());
  CHECK_THAT(second->first, Catch::Matchers::StartsWith("a\\x1b, checksum "));
  CHECK(second->second == "written out");
}

TEST_CASE("read records: lists of CPUs that no machine has are refused, and not made") {
  std::string bomb = "0-1048575";
  for (int i = 0; i < 2000; ++i) bomb += ",0-1048575";
  const auto place = [](const std::string& cpus) {
    return Json{{"host", "h"}, {"pid", 1}, {"cpus", cpus}};
  };
  const auto check_places = [&](const std::string& cpus, const std::string& words) {
    CAPTURE(cpus.substr(0, 50));
    check_finding(run_line({{"places", {place(cpus), place("0")}}}) + end_line(), 1, words, 0);
  };
  check_places(bomb, "expected at most 65536 CPUs in 'places[].cpus'");
  check_places("0-65536", "found 65537");
  check_places("0-2147483646", "found 2147483647");
  check_places("0-99999999999", "expected CPUs as in 0-3,8 in 'places[].cpus'");
  check_places(std::string(70000, '1'), "expected at most 65536 bytes");
  check_finding(run_line({{"machines/0/slow_cpus", bomb}}) + end_line(), 1, "slow_cpus", 0);
  check_finding(run_line({{"machines/0/core_cpus", {"0-1", bomb}}}) + end_line(), 1, "core_cpus",
                0);
  // Each of them could be, but not all together.
  Json many = Json::array();
  for (int i = 0; i < 300; ++i) many.push_back("0-65535");
  check_finding(run_line({{"machines/0/core_cpus", many}}) + end_line(), 1, "16777216 in all", 0);
  for (const std::string& cpus :
       {std::string("0-65535"), std::string("0,2,4,..."), std::string()}) {
    CHECK(read_text(run_line({{"places", {place(cpus), place("0")}}}) + end_line()).runs.size() ==
          1);
  }
}

TEST_CASE("read records: files without an end are given up") {
  const Seen zeros = read_paths({"/dev/zero"});
  REQUIRE(zeros.findings.size() == 1);
  CHECK_THAT(zeros.findings[0].text, Contains("binary data"));
  const TestFolder folder;
  write_file(folder / "a.jsonl", whole);
  std::filesystem::resize_file(folder / "a.jsonl", std::uintmax_t{1} << 40);  // a hole
  const Seen seen = read_paths({folder / "a.jsonl"});
  REQUIRE(seen.findings.size() == 1);
  CHECK_THAT(seen.findings[0].text, Contains("binary data"));
  CHECK(seen.ends.size() == 1);
}

TEST_CASE("read records: what a crash has left among good lines takes none of them with it") {
  const TestFolder folder;
  const std::string hole(std::size_t{17} << 20, '\0');
  write_file(folder / "a.jsonl",
             whole + hole + "\n" + run_line({{"run", "b"}}) + end_line({{"run", "b"}}));
  const Seen seen = read_paths({folder / "a.jsonl"});
  CHECK(seen.runs.size() == 2);
  REQUIRE(seen.findings.size() == 1);
  CHECK_THAT(seen.findings[0].text, Contains("others like it"));
}

TEST_CASE("read records: of a folder only files are read") {
  const TestFolder folder;
  write_file(folder / "a.jsonl", whole);
  REQUIRE(mkfifo((folder / "b.jsonl").c_str(), 0600) == 0);
  std::filesystem::create_symlink("/dev/zero", folder / "c.jsonl");
  write_file(folder / "e.jsonl", run_line({{"run", "e"}}) + end_line({{"run", "e"}}));
  const Seen seen = read_paths({folder.path()});
  CHECK(seen.runs.size() == 2);
  REQUIRE(seen.findings.size() == 2);
  for (const Finding& finding : seen.findings) {
    CHECK_THAT(finding.text, Contains("no file, but something else: left out"));
  }
}
