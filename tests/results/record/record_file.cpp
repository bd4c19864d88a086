#include "results/record/record_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <filesystem>

#include <csignal>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

Run named_run() {
  Run run;
  run.id = "20261122T201500Z-1a2b";
  run.driver = "openmp";
  return run;
}

}  // namespace

TEST_CASE("record file: lines are appended, also by the next run") {
  const TestFolder folder;
  for (const char* line : {"{\"a\":1}", "{\"b\":2}"}) {
    RecordFile file(folder / "all.jsonl", named_run());
    CHECK(file.path() == folder / "all.jsonl");
    file.write(line);
  }
  CHECK(read_file(folder / "all.jsonl") == "{\"a\":1}\n{\"b\":2}\n");
}

TEST_CASE("record file: a folder is made and gets a file named after the run") {
  const TestFolder folder;
  for (const char* name : {"", "new", "deep/down", "dots.in.it/", "x.jsonl/"}) {
    const std::string path = folder / name;
    RecordFile file(path, named_run());
    file.write("{}");
    CHECK(read_file(path + "/20261122T201500Z-1a2b-openmp.jsonl") == "{}\n");
  }
}

TEST_CASE("record file: another kind of file is refused, and left as it is") {
  const TestFolder folder;
  write_file(folder / "thesis", "do not touch");
  for (const char* name : {"results.txt", "results.json", "thesis"}) {
    CHECK_THROWS_WITH(
        RecordFile(folder / name, named_run()),
        Contains("--record") && Contains(".jsonl") && Contains("folder") && Contains(name));
  }
  CHECK(read_file(folder / "thesis") == "do not touch");
  CHECK_FALSE(std::filesystem::exists(folder / "results.txt"));
}

TEST_CASE("record file: what cannot be written is named") {
  const TestFolder folder;
  write_file(folder / "file", "");
  for (const char* name : {"missing/a.jsonl", "file/a.jsonl", "file/a"}) {
    CHECK_THROWS_WITH(RecordFile(folder / name, named_run()),
                      Contains("--record") && Contains(name));
  }
}

TEST_CASE("record file: one writer at a time") {
  const TestFolder folder;
  const std::string path = folder / "a.jsonl";
  {
    RecordFile first(path, named_run());
    CHECK_THROWS_WITH(RecordFile(path, named_run()),
                      "--record: another run is writing to '" + path + "'");
  }
  CHECK_NOTHROW(RecordFile(path, named_run()));
}

TEST_CASE("record file: half a line of somebody who was killed does not swallow the next") {
  const TestFolder folder;
  write_file(folder / "a.jsonl", run_line() + "{\"kind\":\"repe");
  RecordFile file(folder / "a.jsonl", named_run());
  file.write(changed(run_line({{"run", "b"}}), {}).substr(0, run_line().size() - 1));
  CHECK(read_file(folder / "a.jsonl") ==
        run_line() + "{\"kind\":\"repe\n" + run_line({{"run", "b"}}));
}

TEST_CASE("record file: a full disk is told, and half a line does not swallow the next") {
  const TestFolder folder;
  RecordFile file(folder / "a.jsonl", named_run());
  file.write("{\"first\":1}");
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{16, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_WITH(file.write("{\"second\":2}"), Contains("--record") && Contains("a.jsonl"));
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  file.write("{\"third\":3}");
  CHECK(read_file(folder / "a.jsonl") == "{\"first\":1}\n{\"se\n{\"third\":3}\n");
}
