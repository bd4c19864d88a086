#include "tests/drivers/programs/programs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace scalelab::test {

namespace fs = std::filesystem;

const std::string the_kit = KIT_BUILD;
const std::string faulty = FAULTY_BUILD;
const double patience = std::string(SANITIZE).empty() ? 1 : 4;

namespace {

const std::string many_runs = MANY_RUNS_BUILD;

/// In the environment of all that this test starts, so that others may run beside it.
std::string mark() { return fmt::format("SCALELAB_TEST={}", getpid()); }

std::string read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string read_and_remove(const std::string& path) {
  const std::string text = read(path);
  fs::remove(path);
  return text;
}

std::string unused_name() {
  static std::atomic<int> number = 0;
  return (fs::temp_directory_path() / fmt::format("scalelab-test-{}-{}", getpid(), ++number))
      .string();
}

}  // namespace

Outcome shell(const std::string& command) {
  const std::string base = unused_name();
  // The command in a file of its own: no quoting, and its arguments are its own affair.
  std::ofstream(base + ".sh") << "export " << mark() << '\n' << command << '\n';
  const int result =
      std::system(fmt::format("timeout -k 5 120 bash '{0}.sh' >'{0}.out' 2>'{0}.err' "
                              "</dev/null",
                              base)
                      .c_str());
  fs::remove(base + ".sh");
  return {WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result),
          read_and_remove(base + ".out"), read_and_remove(base + ".err")};
}

Outcome launch(const std::string& driver, int workers, const std::string& options,
               const std::string& build) {
  return shell(launching(driver, workers, options, build));
}

std::string launching(const std::string& driver, int workers, const std::string& options,
                      const std::string& build, const std::string& before) {
  return fmt::format("exec env SCALELAB_BUILD='{}' {} '{}' {} -n {} -- {}", build, before, LAUNCHER,
                     driver, workers, options);
}

namespace {

const std::string end_of_run = "scalelab: warning: end of run ";

/// What stands before each end of a run, and its exit status.
std::vector<std::pair<std::string, int>> split_runs(const std::string& text) {
  std::vector<std::pair<std::string, int>> runs;
  std::istringstream lines(text);
  std::string said;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(end_of_run)) {
      runs.emplace_back(std::exchange(said, ""), std::stoi(line.substr(end_of_run.size())));
    } else {
      said += line + '\n';
    }
  }
  return runs;
}

/// A driver of one process needs no launcher.
Outcome all_by_shell(const std::string& driver, int workers,
                     const std::vector<std::string>& options, const std::string& before) {
  std::string script = fmt::format("ended() {{ echo '{0}'$1; echo '{0}'$1 >&2; }}\n", end_of_run);
  for (const std::string& own : options) {
    script += fmt::format("env {} '{}/drivers/{}' --workers {} {}\nended $?\n", before, the_kit,
                          driver, workers, own);
  }
  return shell(script);
}

Outcome all_by_ranks(int ranks, const std::vector<std::string>& options,
                     const std::string& before) {
  const std::string list = unused_name();
  std::ofstream(list) << fmt::format("{}\n", fmt::join(options, "\n"));
  const Outcome all = shell(launching("mpi", ranks, list, many_runs, before));
  fs::remove(list);
  return all;
}

}  // namespace

std::vector<Outcome> launch_all(const std::string& driver, int workers,
                                const std::vector<std::string>& options,
                                const std::string& before) {
  if (options.size() == 1) {
    return {shell(launching(driver, workers, options.front(), the_kit, before))};
  }
  const Outcome all = driver == "mpi" ? all_by_ranks(workers, options, before)
                                      : all_by_shell(driver, workers, options, before);
  const auto out = split_runs(all.out);
  const auto err = split_runs(all.err);
  if (all.status != 0 || out.size() != options.size() || err.size() != options.size()) {
    throw std::runtime_error(fmt::format("{} runs of {} ended with status {} after {}: {}",
                                         options.size(), driver, all.status, err.size(), all.err));
  }
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < out.size(); ++i) {
    outcomes.push_back({out[i].second, out[i].first, err[i].first});
  }
  return outcomes;
}

Started::Started(const std::string& command) : base_(unused_name()) {
  std::ofstream(base_ + ".sh") << "export " << mark() << '\n' << command << '\n';
  const std::string script = base_ + ".sh";
  const std::string out = base_ + ".out";
  const std::string err = base_ + ".err";
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // if the test is killed
  for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGUSR1}) std::signal(signal, SIG_DFL);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  execlp("bash", "bash", script.c_str(), nullptr);
  _exit(127);
}

Started::~Started() {
  if (!has_ended()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const char* end : {".sh", ".out", ".err"}) fs::remove(base_ + end);
}

void Started::signal(int signal) const {
  if (status_ < 0) kill(pid_, signal);
}

bool Started::has_ended() {
  int result = 0;
  if (status_ < 0 && waitpid(pid_, &result, WNOHANG) == pid_) {
    status_ = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
  }
  return status_ >= 0;
}

bool Started::catches(int signal) const {
  const std::string status = read(fmt::format("/proc/{}/status", pid_));
  const std::string key = "SigCgt:\t";
  const std::size_t found = status.find(key);
  if (found == std::string::npos) return false;
  return (std::stoull(status.substr(found + key.size()), nullptr, 16) >> (signal - 1) & 1) != 0;
}

std::string Started::out() const { return read(base_ + ".out"); }

Outcome Started::wait(double seconds) {
  int status = 124;
  if (eventually(seconds * patience, [this] { return has_ended(); })) {
    status = status_;
  } else {
    signal(SIGKILL);
    for (const pid_t pid : alive_with_launchers()) kill(pid, SIGKILL);
  }
  return {status, out(), read(base_ + ".err")};
}

Folder::Folder() : path_(unused_name()) { fs::create_directory(path_); }

Folder::~Folder() {
  std::error_code unknown;
  fs::remove_all(path_, unknown);
}

void Folder::clear() const {
  fs::remove_all(path_);
  fs::create_directory(path_);
}

std::vector<std::string> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path().string());
  }
  return files;
}

Dice::Dice() {
  const char* wanted = std::getenv("SCALELAB_TEST_SEED");
  seed_ = wanted == nullptr ? std::random_device()() : std::stoull(wanted);
  engine_.seed(seed_);
}

int Dice::roll(int first, int last) {
  return first + static_cast<int>(engine_() % static_cast<std::uint64_t>(last - first + 1));
}

int rounds(int usual) {
  const char* wanted = std::getenv("SCALELAB_TEST_ROUNDS");
  return std::max(1, usual * (wanted == nullptr ? 5 : std::stoi(wanted)) / 20);
}

bool eventually(double seconds, const std::function<bool()>& is_so) {
  const auto begin = std::chrono::steady_clock::now();
  while (!is_so()) {
    if (seconds_since(begin) > seconds) return false;
    pause_ms(2);
  }
  return true;
}

void pause_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<nlohmann::json> lines_of_json(const std::string& text) {
  std::vector<nlohmann::json> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
  return all;
}

std::vector<nlohmann::json> repetitions_in(const std::string& text) {
  std::vector<nlohmann::json> all = lines_of_json(text);
  std::erase_if(all, [](const nlohmann::json& line) { return line["kind"] != "repetition"; });
  return all;
}

std::string field(const std::string& json_lines, const std::string& name) {
  for (const auto& json : lines_of_json(json_lines)) {
    if (!json.contains(name)) continue;
    return json[name].is_string() ? json[name].get<std::string>() : json[name].dump();
  }
  return "";
}

namespace {

/// Process ids of what this test has started and for which something holds, given the folder
/// /proc/ID. Those of a mini cluster are not looked at: they have a namespace of their own.
std::vector<pid_t> processes(const std::function<bool(const fs::path&)>& wanted) {
  std::vector<pid_t> found;
  const auto space_of = [](const fs::path& process) {
    std::error_code unreadable;
    return fs::read_symlink(process / "ns/pid", unreadable);
  };
  static const fs::path ours = space_of("/proc/self");
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename().string();
    if (!std::all_of(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (space_of(entry.path()) != ours || !wanted(entry.path())) continue;
    const std::string environment = '\0' + read((entry.path() / "environ").string());
    if (contains(environment, '\0' + mark() + '\0')) found.push_back(std::stoi(pid));
  }
  return found;
}

bool is_driver(const std::string& program, const std::string& driver) {
  for (const std::string& build : {the_kit, faulty, many_runs}) {
    const std::string folder = build + "/drivers/";
    if (driver.empty() ? program.starts_with(folder) : program == folder + driver) return true;
  }
  return false;
}

}  // namespace

std::vector<pid_t> alive(const std::string& driver) {
  return processes([&](const fs::path& process) {
    // A zombie has no program any more; its parent, which has not reaped it, is one of ours too.
    std::error_code gone;
    return is_driver(fs::read_symlink(process / "exe", gone).string(), driver);
  });
}

int drivers_alive() { return static_cast<int>(alive().size()); }

std::vector<pid_t> alive_with_launchers() {
  return processes([](const fs::path& process) {
    std::istringstream arguments(read((process / "cmdline").string()));
    for (std::string argument; std::getline(arguments, argument, '\0');) {
      if (is_driver(argument, "")) return true;
    }
    return false;
  });
}

bool nobody_left(double seconds) {
  return eventually(seconds, [] { return alive_with_launchers().empty() && alive().empty(); });
}

std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", parent));
  std::vector<pid_t> children{std::istream_iterator<pid_t>(list), {}};
  const std::vector<pid_t> drivers = alive();
  // The launching shell has children, too.
  std::erase_if(children, [&](pid_t child) {
    return std::find(drivers.begin(), drivers.end(), child) == drivers.end();
  });
  return children;
}

namespace {

const std::string warning = "scalelab: warning: ";

}  // namespace

std::string without_warnings(const std::string& err) {
  std::string rest;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(warning)) rest += line + '\n';
  }
  return rest;
}

std::vector<std::string> warnings_in(const std::string& err) {
  std::vector<std::string> warnings;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    const bool about_others =
        contains(line, "its times say nothing about speed") || contains(line, ": noisy: ") ||
        contains(line, " had a CPU for only ") || contains(line, "the hypervisor took ");
    if (!line.starts_with(warning) || about_others) continue;
    warnings.push_back(line.substr(warning.size()));
  }
  return warnings;
}

bool says_killed(const std::string& said, const std::string& signal) {
  const std::string who = " on " + host_name() + " was killed by ";
  if (contains(said, who + signal)) return true;
  return contains(said, who + "a signal") &&
         contains(launch("mpi", 1, "--version").out, "Open MPI v5");
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  const std::string whole = name;
  return whole.substr(0, whole.find('.'));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t columns_of(const std::string& line) {
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  };
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), begins_character));
}

}  // namespace scalelab::test
