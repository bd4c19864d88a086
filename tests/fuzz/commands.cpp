// fuzz_commands options DRIVER | plans LAB CORPUS [--seconds S] [--runs N] [--seed N]: starts the
// program DRIVER with options and values drawn at random, hostile ones among them; or `LAB sweep
// --dry-run` with plans of the folder CORPUS, changed at random. Whatever is asked for, it ends
// soon with exit status 0, 1 or 2, by itself; if that is not 0, it says why in one clean line. The
// same seed gives the same.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fuzz/arguments.hpp"
#include "tests/fuzz/mutator.hpp"

namespace scalelab {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

struct Outcome {
  int status = -1;  ///< exit status, or minus the signal
  std::string out;
  std::string err;
};

/// Runs a program, for 20 s at the most.
Outcome run(const std::string& program, const Words& arguments) {
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(program.c_str(), words.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  Outcome outcome;
  pollfd ends[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string* texts[] = {&outcome.out, &outcome.err};
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  bool late = false;
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (Clock::now() > deadline && !late) {
      kill(pid, SIGKILL);
      late = true;
    }
    poll(ends, 2, 200);
    for (int i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t count = read(ends[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(count));
      } else {
        close(ends[i].fd);
        ends[i].fd = -1;
      }
    }
  }
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  if (late) outcome.err += "(it was still running after 20 s)\n";
  return outcome;
}

/// The names of options, in lines of --help such as "  --tasks X   number of tasks [1000]".
void add_options_in(const std::string& help, Words& names) {
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  --")) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

/// What is wrong with how a run ended; empty: nothing. @param speakers  what its lines begin with
std::string wrong_with(const Outcome& run, const Words& speakers) {
  if (run.status < 0 || run.status > 2) return fmt::format("it ended with status {}", run.status);
  std::size_t messages = 0;
  std::istringstream lines(run.err);
  for (std::string line; std::getline(lines, line);) {
    const auto speaks = [&](const std::string& name) { return line.starts_with(name); };
    if (std::none_of(speakers.begin(), speakers.end(), speaks)) {
      return "a line of somebody else: " + line;
    }
    if (line.size() > 2100) return "a line of more than 2100 bytes";
    if (std::any_of(line.begin(), line.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
      return "a control character: " + line;
    }
    for (const char* word : {"std::", "bad_alloc", "basic_string", "vector::", "boost", "terminate",
                             "stoi", "stod", "filesystem error", "iostream", "syntax error",
                             "unbound variable", "command not found"}) {
      if (line.find(word) != std::string::npos) return "words of a library: " + line;
    }
    messages += !line.starts_with("scalelab: warning: ");
  }
  if (messages != (run.status == 0 ? 0U : 1U)) return fmt::format("{} messages", messages);
  return "";
}

/// Draws command lines.
class Lines {
 public:
  Lines(const std::string& driver, std::uint64_t seed) : random_(seed) {
    add_options_in(run(driver, {"--help"}).out, common_);
    std::istringstream list(run(driver, {"--list-kernels"}).out);
    for (std::string line; std::getline(list, line);) {
      kernels_.push_back(line.substr(0, line.find(' ')));
      own_.push_back(common_);
      add_options_in(run(driver, {"--kernel", kernels_.back(), "--help"}).out, own_.back());
    }
    if (common_.empty() || kernels_.empty())
      throw std::runtime_error(driver + ": no options found");
  }

  Words next() {
    const std::size_t kernel = below(kernels_.size());
    // Little work where it is work, and no file or folder but those of /dev and this one.
    Words line = {"--tasks=3", "--timeout=2"};
    if (below(8) != 0) line.push_back("--dry-run");
    if (below(10) != 0) line.push_back("--kernel=" + kernels_[kernel]);
    for (std::size_t i = 1 + below(4); i > 0; --i) {
      const std::string name = below(10) == 0 ? pick(common_) : pick(own_[kernel]);
      if (name == "--tasks" || name == "--timeout") continue;
      switch (below(6)) {
        case 0: line.push_back(name); break;
        case 1: line.push_back(name + "="); break;
        case 2: line.push_back(pick(values_)); break;
        default: line.push_back(name); line.push_back(below(12) == 0 ? rubbish() : pick(values_));
      }
    }
    return line;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  const std::string& pick(const Words& from) { return from[below(from.size())]; }

  std::string rubbish() {
    std::string text(below(below(20) == 0 ? 100'000 : 40), 'x');
    for (char& c : text) c = static_cast<char>(1 + below(255));
    return text;
  }

  std::mt19937_64 random_;
  Words common_;
  Words kernels_;
  std::vector<Words> own_;
  Words values_ = {"0",
                   "1",
                   "2",
                   "3",
                   "-1",
                   "-0",
                   "+1",
                   "08",
                   "0x10",
                   "1e3",
                   "1e308",
                   "1e-308",
                   "1e999",
                   "nan",
                   "inf",
                   "-inf",
                   "18446744073709551615",
                   "18446744073709551616",
                   "9223372036854775808",
                   "4294967296",
                   "99999999999999999999999999",
                   "0.5",
                   ".5",
                   "1,5",
                   "1 000",
                   "",
                   " ",
                   "50us",
                   "500µs",
                   "500μs",
                   "1ns",
                   "1h",
                   "-1s",
                   "1e9s",
                   "0s",
                   "64B",
                   "1TB",
                   "99999999TB",
                   "1KiB",
                   "yes",
                   "no",
                   "auto:2%",
                   "auto:0%",
                   "auto:2%:3",
                   "auto:",
                   "static",
                   "dynamic",
                   "guided",
                   "cores",
                   "none",
                   "qr",
                   "uniform",
                   "pareto",
                   "shuffled",
                   "--",
                   "-",
                   "---",
                   "--tasks",
                   "a,b",
                   "/dev/null",
                   "/dev/full",
                   "/dev/zero",
                   ".",
                   "/no/such/file",
                   "/proc/self/mem",
                   "/dev/stdout",
                   "a\nb",
                   "\x1b[31m",
                   "\xff\xfe",
                   "%s%n",
                   "$(date)",
                   "`date`",
                   "'",
                   "\"",
                   "\\",
                   "*"};
};

std::string as_typed(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    text += " $'";
    for (const char c : word) {
      const auto byte = static_cast<unsigned char>(c);
      text += byte < 0x20 || byte >= 0x7F || c == '\'' || c == '\\' ? fmt::format("\\x{:02x}", byte)
                                                                    : std::string(1, c);
    }
    text += "'";
  }
  return text.size() > 2000 ? text.substr(0, 2000) + "..." : text;
}

/// What is tried, one after the other.
struct Trial {
  std::string program;
  Words speakers;
  std::function<Words()> next;  ///< arguments
};

Trial options_of(const std::string& driver, std::uint64_t seed) {
  const auto lines = std::make_shared<Lines>(driver, seed);
  return {driver, {"scalelab: "}, [lines] { return lines->next(); }};
}

Trial plans_of(const std::string& lab, const std::string& corpus, std::uint64_t seed) {
  const auto mutator = std::make_shared<Mutator>(read_folder(corpus), seed);
  return {lab, {"lab sweep: ", "scalelab: ", "sweep: "}, [mutator] {
            write_file("a.plan", mutator->next());
            return Words{"sweep", "a.plan", "--dry-run"};
          }};
}

int fuzz(const Trial& trial, double seconds, std::size_t most, std::uint64_t seed) {
  fmt::print("fuzz {}: --seed {}, for {} s\n", fs::path(trial.program).filename().string(), seed,
             seconds);
  std::fflush(stdout);
  const auto begin = Clock::now();
  std::size_t runs = 0;
  std::size_t refused = 0;
  for (; runs < most; ++runs) {
    if (std::chrono::duration<double>(Clock::now() - begin).count() >= seconds) break;
    const Words line = trial.next();
    const Outcome outcome = run(trial.program, line);
    refused += outcome.status == 2;
    const std::string wrong = wrong_with(outcome, trial.speakers);
    if (wrong.empty()) continue;
    fmt::print("fuzz: --seed {}, run {}: {}\n  {}{}\n{}", seed, runs, wrong, trial.program,
               as_typed(line), outcome.err.substr(0, 2000));
    if (fs::exists("a.plan")) fmt::print("the plan:\n{}\n", read_file("a.plan"));
    return 1;
  }
  fmt::print("fuzz: {} command lines, {} of them refused\n", runs, refused);
  return 0;
}

int main(Words arguments) {
  try {
    const bool of_plans = arguments.size() >= 3 && arguments[0] == "plans";
    if (!of_plans && (arguments.size() < 2 || arguments[0] != "options")) {
      throw std::invalid_argument(
          "expected options DRIVER or plans LAB CORPUS, and --seconds S, --runs N, --seed N");
    }
    const FuzzOptions options(arguments, of_plans ? 3 : 2, {"--seconds", "--runs", "--seed"});
    const std::uint64_t seed = options.seed();
    const std::string program = fs::absolute(arguments[1]).string();
    const Trial trial =
        of_plans ? plans_of(program, arguments[2], seed) : options_of(program, seed);
    // Whatever files a run makes are made in a folder of their own.
    std::string folder = (fs::temp_directory_path() / "scalelab-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for the runs");
    fs::current_path(folder);
    const int status = fuzz(trial, options.seconds(), options.whole("--runs", 1'000'000'000), seed);
    fs::current_path("/");
    fs::remove_all(folder);
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fuzz: {}\n", error.what());
    return 2;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
