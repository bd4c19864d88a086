// The programs validate and compare, and results/README.md, held against what real runs record.
#include <fmt/format.h>
#include <filesystem>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab::test;

namespace {

Outcome validate(const std::string& arguments) {
  return shell("'" + the_kit + "/results/validate' " + arguments);
}

Outcome compare(const std::string& arguments) {
  return shell("'" + the_kit + "/results/compare' " + arguments);
}

/// By kind of line, by field: its type; with a "?" behind it if it may be missing.
using Tables = std::map<std::string, std::map<std::string, std::string>>;

Tables tables_of(const std::string& text) {
  Tables tables;
  std::string kind;
  std::istringstream lines(text.substr(0, text.find("<!-- end of schema -->")));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### `")) kind = line.substr(5, line.find('`', 5) - 5);
    if (!line.starts_with("| `")) continue;
    const std::size_t end = line.find('`', 3);
    const std::size_t type = line.find("| ", end) + 2;
    const bool optional = line.substr(end, type - end).find('?') != std::string::npos;
    tables[kind][line.substr(3, end - 3)] =
        line.substr(type, line.find(" |", type) - type) + (optional ? "?" : "");
  }
  return tables;
}

bool has_type(const Json& value, const std::string& type) {
  if (type.starts_with("array of ") || type.starts_with("object of ")) {
    if (type.starts_with("array") ? !value.is_array() : !value.is_object()) return false;
    const std::string of = type.substr(type.find(" of ") + 4);
    return std::all_of(value.begin(), value.end(),
                       [&](const Json& element) { return has_type(element, of); });
  }
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_unsigned();
  if (type == "number") return value.is_number();
  return type == "object" && value.is_object();
}

/// All fields of an object are in the table, and all of the table that must be are in the object.
void check_object(const Json& object, const std::map<std::string, std::string>& table,
                  const std::string& prefix) {
  for (const auto& [name, value] : object.items()) {
    const auto row = table.find(prefix + name);
    CAPTURE(prefix + name);
    REQUIRE(row != table.end());
    std::string type = row->second;
    if (type.back() == '?') type.pop_back();
    CAPTURE(type, value.dump());
    CHECK(has_type(value, type));
    if (type == "object") check_object(value, table, prefix + name + ".");
    if (type == "array of object") {
      for (const Json& element : value) check_object(element, table, prefix + name + "[].");
    }
  }
  for (const auto& [name, type] : table) {
    const bool here =
        name.starts_with(prefix) && name.find_first_of(".[", prefix.size()) == std::string::npos;
    CAPTURE(name);
    if (here && type.back() != '?') CHECK(object.contains(name.substr(prefix.size())));
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

}  // namespace

TEST_CASE("results/README: its tables are those of the code") {
  const std::string readme = read_file(SOURCES "/results/README.md");
  const std::string begin = "<!-- schema -->\n\n";
  const std::size_t from = readme.find(begin);
  const std::size_t to = readme.find("\n<!-- end of schema -->");
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::string tables = readme.substr(from + begin.size(), to - from - begin.size());
  CHECK(tables == validate("--schema").out);
  CHECK(tables_of(tables).size() == 4);
}

TEST_CASE("results/README: what real runs record is in the tables, with its type") {
  const Tables tables = tables_of(read_file(SOURCES "/results/README.md"));
  const Folder folder;
  const std::string spin = "--kernel spin --task-units 2000 --tasks 40 --skew pareto ";
  const std::string fits =
      "--kernel many-models --data '" KIT_DATA "/diabetes.csv' --target progression --tasks 8 ";
  for (const auto& [driver, options] : std::vector<std::pair<std::string, std::string>>{
           {"sequential", spin},
           {"openmp", spin + "--serial-fraction 0.2 --schedule dynamic"},
           {"processes", fits},
           {"mpi", spin + "--threads-per-rank 2"},
           {"openmp", spin + "--no-accounting"}}) {
    const Outcome run = launch(driver, driver == "sequential" ? 1 : 2,
                               options + " --repetitions 2 --quiet --record " + folder.path());
    INFO(driver << ' ' << options << '\n' << run.err);
    REQUIRE(run.status == 0);
  }
  std::set<std::string> kinds;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    for (const std::string& line : lines_of(read_file(entry.path()))) {
      const Json json = Json::parse(line);
      const std::string kind = json.at("kind").get<std::string>();
      kinds.insert(kind);
      CAPTURE(kind);
      check_object(json, tables.at(kind), "");
    }
  }
  CHECK(files == 5);
  CHECK(kinds == std::set<std::string>{"end", "repetition", "run"});
  const Outcome check = validate(folder.path());
  CHECK(check.out == "files: 5, runs: 5, repetitions: 15, findings: 0\n");
  CHECK(check.status == 0);
}

TEST_CASE("results/README: its example is a repetition that validate accepts") {
  const std::string readme = read_file(SOURCES "/results/README.md");
  const std::size_t from = readme.find("```json\n") + 8;
  const Json example = Json::parse(readme.substr(from, readme.find("```", from) - from));
  const Folder folder;
  const std::string id = example.at("run").get<std::string>();
  write_file(folder / "a.jsonl", run_line({{"run", id}, {"tasks", 20}}) + example.dump() + "\n" +
                                     end_line({{"run", id}}));
  const Outcome check = validate(folder.path());
  CHECK(check.out == "files: 1, runs: 1, repetitions: 1, findings: 0\n");
}

TEST_CASE("validate: each finding is a line with its place, and the end tells how many") {
  const Folder folder;
  const std::string path = folder / "a.jsonl";
  write_file(path, run_line() + repetition_line(1) + "{\"kind\":\n" + repetition_line(2));
  const Outcome check = validate(path);
  CHECK(check.status == 1);
  CHECK(check.err.empty());
  const std::vector<std::string> lines = lines_of(check.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == path + ":3: cut off, as by a kill: skipped");
  CHECK(lines[1].starts_with(path + ":1: run a was cut off after 2 repetitions"));
  CHECK(lines[2] == "files: 1, runs: 1, repetitions: 2, findings: 2");
  const Outcome piped = validate("- <" + path);
  CHECK(piped.status == 1);
  CHECK(piped.out.starts_with("standard input:3: "));
}

TEST_CASE("validate: of a file that is no record at all, this is said") {
  const Outcome outcome = validate("'" SOURCES "/slurm/plans/strong.plan'");
  CHECK(outcome.status == 1);
  CHECK(outcome.out.find(
            "\nnothing of this is a record, as --record writes it (a plan is for lab sweep)\n") !=
        std::string::npos);
}

TEST_CASE("validate: wrong usage is one line and status 2") {
  for (const char* words : {"", "--help", "--schema now", "/no/such/file"}) {
    const Outcome check = validate(words);
    INFO(words);
    CHECK(check.status == 2);
    CHECK(check.out.empty());
    CHECK(lines_in(check.err) == 1);
    CHECK(contains(check.err, "expected"));
  }
}

TEST_CASE("bootstrap: wrong usage is one line and status 2") {
  for (const char* words : {"", "values.csv", "values.csv many", "values.csv 10 more"}) {
    const Outcome run = shell(fmt::format("'{}/results/bootstrap' {}", the_kit, words));
    INFO(words);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(lines_in(run.err) == 1);
    CHECK(contains(run.err, "expected VALUES.csv and ROWS"));
  }
}

namespace {

/// A run with repetitions that took so long, and a warm-up that took much longer.
std::string whole_run(const std::string& id, const Changes& changes,
                      const std::vector<double>& seconds) {
  Changes with_id = changes;
  with_id.emplace_back("run", id);
  double at = 0;
  const auto bare_until = [&](double end) {
    const Changes bare{{"run", id}, {"accounts", Json::object()}, {"at_seconds", at}};
    at = end;
    return bare;
  };
  Changes slow = bare_until(100);
  slow.insert(slow.end(), {{"warmup", true}, {"seconds", 100}});
  std::string text = run_line(with_id) + repetition_line(1, slow);
  int number = 0;
  for (const double time : seconds) {
    Changes one = bare_until(at + time);
    one.emplace_back("seconds", time);
    text += repetition_line(++number, one);
  }
  Changes half = bare_until(at);
  half.insert(half.end(), {{"seconds", 1e-6}, {"resumed_tasks", 9}});
  text += repetition_line(++number, half);
  half.back() = {"retries", 1};
  return text + repetition_line(++number, half) + end_line({{"run", id}});
}

}  // namespace

TEST_CASE("compare: one table per kernel, hybrid runs apart, in 80 columns") {
  const Folder folder;
  const Changes hybrid{
      {"driver", "mpi"}, {"workers", 8}, {"schedule", "dynamic"}, {"chunk", 10}, {"bind", "none"}};
  Changes threads = hybrid;
  threads.emplace_back("driver_options", Json{{"threads-per-rank", "2"}});
  write_file(folder / "1.jsonl",
             whole_run("s", {{"driver", "sequential"}, {"workers", 1}}, {8, 7, 9, 8, 8, 8}) +
                 whole_run("m", hybrid, {2, 2, 2, 2, 2, 2}));
  write_file(folder / "2.jsonl", "rubbish\n" + whole_run("h", threads, {4, 4, 4, 4, 4, 4}) +
                                     whole_run("h2", threads, {4, 4}));
  const Outcome run = compare(folder.path());
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(run.err == fmt::format("compare: {}:1: expected a line of JSON, which has no NaN and no "
                               "Infinity: skipped\n",
                               folder / "2.jsonl"));
  for (const std::string& line : lines_of(run.out)) CHECK(line.size() <= 80);
  CHECK(contains(run.out,
                 "sequential       1 static        8.0000  7.0000 .. 9.0000*     1.00  yes"));
  CHECK(contains(run.out,
                 "mpi              8 dynamic,10    2.0000  2.0000 .. 2.0000*     4.00  yes"));
  CHECK(contains(run.out, "mpi            4x2 "));
  CHECK(contains(run.out, "ranks of 4 threads"));
  const Outcome piped = compare(fmt::format("<{}", folder / "1.jsonl"));
  CHECK(contains(piped.out, "7.0000 .. 9.0000*"));
  CHECK(compare(fmt::format("- <{}", folder / "1.jsonl")).out == piped.out);
  CHECK(compare("</dev/null").status == 1);
}

TEST_CASE("compare: its help says what is compared, and when two times differ") {
  const Outcome help = compare("--help");
  CHECK(help.status == 0);
  for (const std::string& line : lines_of(help.out)) CHECK(line.size() <= 80);
  for (const char* const column : {"seconds", "95 % interval", "speed-up", "same bits"}) {
    CHECK(contains(help.out, fmt::format("\n  {}", column)));
  }
  CHECK(contains(help.out, "Two times differ where their intervals do not overlap"));
}

TEST_CASE("compare: runs are what is compared, not the repetitions in them") {
  const Folder folder;
  std::string runs;
  // Six runs that differ, of repetitions that do not: the interval is of six, not of eighteen.
  for (int i = 0; i < 6; ++i) {
    const double time = 8 + i;
    runs += whole_run(fmt::format("s{}", i), {{"driver", "sequential"}, {"workers", 1}},
                      {time, time, time});
  }
  write_file(folder / "1.jsonl", runs);
  const Outcome run = compare(folder.path());
  INFO(run.out << run.err);
  CHECK(contains(run.out, "10.5000  8.0000 .. 13.0000 "));
  CHECK(!contains(run.out, "*"));
}

TEST_CASE("compare: refuses what a report refuses, and says what it leaves out") {
  const Folder folder;
  const auto on = [](const char* model) {
    return std::pair("machines", Json::array({{{"host", "n1"}, {"cpus", 2}, {"cpu", model}}}));
  };
  write_file(folder / "1.jsonl",
             whole_run("s", {{"driver", "sequential"}, {"workers", 1}, on("one")}, {8, 8}) +
                 whole_run("m", {on("another")}, {4, 4}));
  const Outcome refused = compare(folder.path());
  const Outcome report = shell(fmt::format("'{}/results/analyze' --no-figures --out '{}/out' '{}'",
                                           the_kit, folder.path(), folder / "1.jsonl"));
  INFO(refused.out << refused.err << report.err);
  CHECK(refused.status == 1);
  CHECK(refused.out.empty());
  CHECK(report.status == 1);
  CHECK(refused.err.substr(refused.err.find(':')) == report.err.substr(report.err.find(':')));
  CHECK(contains(refused.err, "not of one machine and build: cpu"));
}

TEST_CASE("compare: data are told apart by what they hold; timed runs and others by a mark") {
  const Folder folder;
  const auto of = [](const std::string& name, const std::string& digest, const Changes& more) {
    Changes changes{{"driver", "sequential"},
                    {"workers", 1},
                    {"data", name},
                    {"data_digest", digest},
                    {"options", Json{{"data", name}}}};
    changes.insert(changes.end(), more.begin(), more.end());
    return changes;
  };
  const std::string mine = "00000000000000aa";
  const std::string other = "00000000000000bb";
  write_file(folder / "1.jsonl",
             whole_run("a", of("here/a.csv", mine, {}), {8, 8}) +
                 whole_run("b", of("there/a.csv", mine, {{"driver", "openmp"}}), {4, 4}) +
                 whole_run("c", of("here/a.csv", other, {}), {7, 7}) +
                 whole_run("d", of("here/a.csv", mine, {{"accounting", false}}), {6, 6}));
  const Outcome run = compare(folder.path());
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  std::size_t tables = 0;
  for (const std::string& line : lines_of(run.out)) tables += line.starts_with("sleep on ") ? 1 : 0;
  CHECK(tables == 2);
  CHECK(contains(run.out, "a.csv: 10 tasks (data " + mine));
  CHECK(contains(run.out, "a.csv: 10 tasks (data " + other));
  CHECK(contains(run.out, "openmp           1 static           4.0000"));
  CHECK(contains(run.out, "1.50  yes"));  // over the fastest of its own data, 6 s
  CHECK(contains(run.out, "sequential       1 static,untimed   6.0000"));
  CHECK(contains(run.out, "sequential       1 static        7.0000"));
}

TEST_CASE("compare: of tables with the same head, what differs is told, and nothing else") {
  const Folder folder;
  const auto with = [](const std::string& seed, const std::string& units) {
    return Changes{{"driver", "sequential"},
                   {"workers", 1},
                   {"options", Json{{"seed", seed}, {"skew", "linear"}, {"task-units", units}}}};
  };
  write_file(folder / "1.jsonl", whole_run("a", with("1", "50"), {8, 8}));
  const Outcome one = compare(folder.path());
  INFO(one.out << one.err);
  CHECK(!contains(one.out, "seed"));
  write_file(folder / "2.jsonl", whole_run("b", with("2", "50"), {7, 7}));
  const Outcome two = compare(folder.path());
  INFO(two.out << two.err);
  CHECK(contains(two.out, "skew linear (seed 1)"));
  CHECK(contains(two.out, "skew linear (seed 2)"));
  CHECK(!contains(two.out, "task-units"));
}

TEST_CASE("compare: warnings of a table's runs are repeated below it, each once") {
  const Folder folder;
  const Changes crowded{{"workers", 4}, {"warnings", {"4 workers share 2 cores"}}};
  write_file(folder / "1.jsonl",
             whole_run("s", {{"driver", "sequential"}, {"workers", 1}}, {8, 8}) +
                 whole_run("p", {{"driver", "processes"}, {"warnings", {"unsteady"}}}, {4, 4}) +
                 whole_run("o", crowded, {4, 4}) + whole_run("o2", crowded, {4, 4}) +
                 whole_run("t", {{"kernel", "other"}}, {4, 4}));
  const Outcome run = compare(folder.path());
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  const std::string expected =
      "\n\n  warning: 4 workers share 2 cores\n           (openmp 4)\n"
      "  warning: unsteady\n           (processes 2)\n";
  REQUIRE(contains(run.out, expected));
  CHECK(run.out.find("warning", run.out.find(expected) + expected.size()) == std::string::npos);
}
