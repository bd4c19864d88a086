#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "results/record/read_records.hpp"

// Lines of records written by hand, and what the kit makes of them.
namespace scalelab::test {

using Json = nlohmann::ordered_json;
using Changes = std::vector<std::pair<std::string, Json>>;  // null leaves the member out

/// A line with other members: each by its name, or by a JSON pointer.
std::string changed(const std::string& line, const Changes& changes);

std::string run_line(const Changes& changes = {});
std::string repetition_line(int number, const Changes& changes = {});
std::string cost_line(const Changes& changes = {});
std::string end_line(const Changes& changes = {});

/// A folder that lives as long as the test.
class TestFolder {
 public:
  TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder();

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);

struct Seen {
  std::vector<Run> runs = {};
  std::vector<std::pair<std::string, Repetition>> repetitions = {};  // with its run
  std::vector<Cost> costs = {};
  std::vector<End> ends = {};
  std::vector<Finding> findings = {};
};

Seen read_paths(const std::vector<std::string>& paths);

/// As of a file with this text.
Seen read_text(const std::string& text);

}  // namespace scalelab::test
