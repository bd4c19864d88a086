#include "tests/results/record/lines.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace scalelab::test {

std::string changed(const std::string& line, const Changes& changes) {
  Json json = Json::parse(line);
  for (const auto& [pointer, value] : changes) {
    if (value.is_null()) {
      json.erase(pointer);
    } else {
      json[pointer.starts_with('/') ? Json::json_pointer(pointer)
                                    : Json::json_pointer("/" + pointer)] = value;
    }
  }
  return json.dump() + "\n";
}

std::string run_line(const Changes& changes) {
  return changed(R"({"kind":"run","schema":1,"run":"a","started":"2026-11-22T20:15:00.5Z",
    "command":["openmp"],"driver":"openmp","kernel":"sleep","waits":true,"workers":2,"tasks":10,
    "scaling":"strong","schedule":"static","chunk":0,"bind":"none","options":{"seed":"1"},
    "repetitions":"3","warmup":1,"accounting":true,"trace":false,"init_seconds":0,
    "load_seconds":0,"distribution_seconds":0,"start_seconds":0.25,
    "machines":[{"host":"node1","cpus":2}],
    "build":{"version":"0.1.0","compiler":"GCC 12","flags":"","type":"Release",
             "kernels_code":"00ff","libraries":{}},"warnings":[]})",
                 changes);
}

std::string repetition_line(int number, const Changes& changes) {
  const std::string line = changed(R"({"kind":"repetition","run":"a","warmup":false,
    "seconds":0.5,"digest":"cbf29ce484222325","accounts":{"compute_seconds":[0.375,0.25],
    "dispatch_seconds":[0,0.125],"communication_seconds":[0,0],"idle_seconds":[0,0.0625],
    "unaccounted_seconds":[0.125,0.0625],"tasks":[4,6],"parts":[1,1],"timed_parts":[1,1]},
    "retries":0,"resumed_tasks":0,"counters":{"draws":7}})",
                                   {{"repetition", number}, {"at_seconds", number}});
  return changed(line, changes);
}

std::string cost_line(const Changes& changes) {
  return changed(R"({"kind":"cost","run":"a","cost":"barrier","bytes":0,"seconds":[1e-6,2e-6]})",
                 changes);
}

std::string end_line(const Changes& changes) {
  return changed(R"({"kind":"end","run":"a","status":"done","exit":0,"reason":"",
    "ended":"2026-11-22T20:15:09Z","warnings":[]})",
                 changes);
}

TestFolder::TestFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "scalelab-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TestFolder::~TestFolder() { std::filesystem::remove_all(path_); }

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Seen read_paths(const std::vector<std::string>& paths) {
  Seen seen;
  read_records(paths, {.run = [&](const Run& run) { seen.runs.push_back(run); },
                       .repetition =
                           [&](const Run& run, const Repetition& repetition) {
                             seen.repetitions.emplace_back(run.id, repetition);
                           },
                       .cost = [&](const Run&, const Cost& cost) { seen.costs.push_back(cost); },
                       .end = [&](const Run&, const End& end) { seen.ends.push_back(end); },
                       .finding = [&](const Finding& f) { seen.findings.push_back(f); }});
  return seen;
}

Seen read_text(const std::string& text) {
  const TestFolder folder;
  write_file(folder / "a.jsonl", text);
  return read_paths({folder / "a.jsonl"});
}

}  // namespace scalelab::test
