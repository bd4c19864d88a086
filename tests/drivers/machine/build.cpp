#include "drivers/common/machine/build.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/drivers/programs/folder.hpp"

using namespace scalelab;

namespace {

bool is_flag(const std::string& word) {
  if (word.starts_with("-W") || word.starts_with("-M") || word.starts_with("-D")) return false;
  if (word.starts_with("-I") || word.starts_with("-isystem")) return false;
  return word.starts_with("-") && word != "-o" && word != "-c";
}

std::set<std::string> flags_in(const std::string& command) {
  std::set<std::string> flags;
  std::istringstream words(command);
  for (std::string word; words >> word;) {
    if (is_flag(word)) flags.insert(word);
  }
  return flags;
}

bool run(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A source tree with one file, and what the build writes about it.
class Tree {
 public:
  Tree() { write_file(folder_.file("source"), "int x;\n"); }

  void git(const std::string& command) const {
    REQUIRE(run("git -C '" + folder_.path() + "' -c user.name=x -c user.email=x@x " + command));
  }
  void commit_all() const {
    git("init");
    git("add .");
    git("commit -m all");
  }
  void change(const std::string& name) const { write_file(folder_.file(name), "int y;\n"); }
  void add_folder(const std::string& name) const {
    std::filesystem::create_directory(folder_.file(name));
  }
  /// The generated source.
  std::string written(const std::string& options = "", const std::string& sub_folder = "") const {
    REQUIRE(run(std::string(CMAKE) + " '-DOUTPUT=" + output() + "' '-DSOURCES=" + folder_.path() +
                sub_folder + "' " + options + " -P " SOURCES "/drivers/commit.cmake"));
    return content(output());
  }
  std::string output() const { return out_.file("commit.cpp"); }
  std::string head() const {
    return content(folder_.file(".git/refs/heads/master")) +
           content(folder_.file(".git/refs/heads/main"));
  }

 private:
  Folder folder_;
  Folder out_;
};

bool says(const std::string& source, const std::string& commit, bool changed) {
  return source.find("return \"" + commit + "\";") != std::string::npos &&
         source.find(changed ? "return true;" : "return false;") != std::string::npos;
}

bool git_is_missing() {
  if (run("git --version")) return false;
  WARN("no git here: not tested");
  return true;
}

}  // namespace

TEST_CASE("build: the flags are those that a kernel was compiled with, but for warnings") {
  const auto commands = nlohmann::json::parse(content(KIT_BUILD "/compile_commands.json"));
  std::string command;
  for (const auto& entry : commands) {
    if (entry["file"].get<std::string>().ends_with("kernels/dummy_work/sleep.cpp"))
      command = entry["command"];
  }
  REQUIRE_FALSE(command.empty());
  const std::string flags = build_facts(kernels_build()).flags;
  CAPTURE(command, flags);
  CHECK(flags_in(flags) == flags_in(command));
}

TEST_CASE("build: the compiler's version is its own") {
  const Build build = build_facts(kernels_build());
  CHECK(build.kernels_code.size() == 16);
  CHECK_FALSE((build.version.empty() || build.type.empty()));
#if defined(__clang__)
  CHECK(build.compiler.find(std::to_string(__clang_major__) + ".") != std::string::npos);
#else
  CHECK(build.compiler.starts_with("GNU " + std::to_string(__GNUC__) + "."));
#endif
}

TEST_CASE("build: every library has a version") {
  const Build build = build_facts({});
  for (const char* name : {"Eigen", "Boost", "fmt", "nlohmann/json"}) {
    CAPTURE(name);
    REQUIRE(build.libraries.contains(name));
    CHECK(build.libraries.at(name).find_first_not_of("0123456789.") == std::string::npos);
    CHECK_FALSE(build.libraries.at(name).empty());
  }
  const std::string json = std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + "." +
                           std::to_string(NLOHMANN_JSON_VERSION_MINOR) + "." +
                           std::to_string(NLOHMANN_JSON_VERSION_PATCH);
  CHECK(build.libraries.at("nlohmann/json") == json);
}

TEST_CASE("build: a tree without Git has no commit, even inside of somebody's repository") {
  const Tree tree;
  CHECK(says(tree.written(), "", false));
  if (git_is_missing()) return;
  tree.commit_all();
  tree.add_folder("kit");
  CHECK(says(tree.written("", "/kit"), "", false));
}

TEST_CASE("build: without the program git there is no commit") {
  const Tree tree;
  if (git_is_missing()) return;
  tree.commit_all();
  CHECK(says(tree.written("-DGIT=OFF"), "", false));
}

TEST_CASE("build: a repository without any commit has none") {
  const Tree tree;
  if (git_is_missing()) return;
  tree.git("init");
  CHECK(says(tree.written(), "", false));
}

TEST_CASE("build: the commit of the tree, and whether it was changed since") {
  const Tree tree;
  if (git_is_missing()) return;
  tree.commit_all();
  const std::string head = tree.head().substr(0, 40);
  REQUIRE(head.size() == 40);
  CHECK(says(tree.written(), head, false));
  tree.change("results.jsonl");  // which Git does not know
  CHECK(says(tree.written(), head, false));
  tree.change("source");
  CHECK(says(tree.written(), head, true));
  tree.commit_all();
  REQUIRE(tree.head().substr(0, 40) != head);
  CHECK(says(tree.written(), tree.head().substr(0, 40), false));
}

TEST_CASE("build: another repository's hook does not confuse it") {
  const Tree tree;
  if (git_is_missing()) return;
  tree.commit_all();
  REQUIRE(setenv("GIT_DIR", "/nowhere/.git", 1) == 0);
  const std::string written = tree.written();
  REQUIRE(unsetenv("GIT_DIR") == 0);
  CHECK(says(written, tree.head().substr(0, 40), false));
}

TEST_CASE("build: what is the same is not written again, so that nothing is built again") {
  const Tree tree;
  if (git_is_missing()) return;
  tree.commit_all();
  tree.written();
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(tree.output(), long_ago);
  tree.written();
  CHECK(std::filesystem::last_write_time(tree.output()) == long_ago);
  tree.change("source");
  tree.written();
  CHECK(std::filesystem::last_write_time(tree.output()) > long_ago);
}
