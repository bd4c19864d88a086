#include "tests/drivers/programs.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace scalelab::test {

const std::string the_kit = KIT_BUILD;
const std::string faulty = FAULTY_BUILD;

namespace {

std::string read_and_remove(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  return text.str();
}

}  // namespace

Outcome shell(const std::string& command) {
  const std::string base =
      (std::filesystem::temp_directory_path() / fmt::format("scalelab-test-{}", getpid())).string();
  // The command in a file of its own: no quoting, and its arguments are its own affair.
  std::ofstream(base + ".sh") << command << '\n';
  const int result =
      std::system(fmt::format("timeout -k 5 120 bash '{0}.sh' >'{0}.out' 2>'{0}.err' "
                              "</dev/null",
                              base)
                      .c_str());
  std::filesystem::remove(base + ".sh");
  return {WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result),
          read_and_remove(base + ".out"), read_and_remove(base + ".err")};
}

Outcome launch(const std::string& driver, int workers, const std::string& options,
               const std::string& build) {
  return shell(fmt::format("SCALELAB_BUILD='{}' '{}' {} -n {} -- {}", build, LAUNCHER, driver,
                           workers, options));
}

std::string field(const std::string& json_lines, const std::string& name) {
  std::istringstream lines(json_lines);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains(name)) continue;
    return json[name].is_string() ? json[name].get<std::string>() : json[name].dump();
  }
  return "";
}

int drivers_alive() {
  int alive = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename().string();
    if (!std::all_of(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    // A zombie has no program any more; its parent, which has not reaped it, is one of ours too.
    std::error_code gone;
    const auto program = std::filesystem::read_symlink(entry.path() / "exe", gone).string();
    if (program.starts_with(the_kit + "/drivers/") || program.starts_with(faulty + "/")) ++alive;
  }
  return alive;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace scalelab::test
