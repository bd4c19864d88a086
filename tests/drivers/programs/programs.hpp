#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace scalelab::test {

/// The folders that hold drivers/: the kit's own kernels, or the kernel `faulty`.
extern const std::string the_kit;
extern const std::string faulty;

/// The driver that this program tests. Who tests each driver is compiled once, and linked with the
/// name of each (tests/CMakeLists.txt).
extern const char* const tested_driver;

/// Sanitizers make everything slower: limits of time are multiplied by this.
extern const double patience;

struct Outcome {
  int status;  ///< exit status as the shell reports it; 124 if it ran for more than 2 minutes
  std::string out;
  std::string err;
};

/// Runs a command line of the shell.
Outcome shell(const std::string& command);

/// That a rank of this host was killed, "signal 9 (Killed)", is what this says. Open MPI 5 does not
/// always know the signal.
bool says_killed(const std::string& said, const std::string& signal);

/// slurm/launch/launch.sh DRIVER -n WORKERS -- OPTIONS
Outcome launch(const std::string& driver, int workers, const std::string& options,
               const std::string& build = the_kit);

/// One run for each of these options. To start each by itself takes longer than most runs, so one
/// shell starts them all, without the launcher, and those of mpi are made by the same ranks, one
/// after the other (many_runs.cpp): none of these may fail in the middle of its work, which ends
/// all. What the launcher and the start of ranks add is tested by `launch`.
/// @param before  the driver, or its launcher: NAME=VALUE, taskset -c 0
std::vector<Outcome> launch_all(const std::string& driver, int workers,
                                const std::vector<std::string>& options,
                                const std::string& before = "");

/// The command line of `launch`, which takes the shell's place: its process id is the launcher's,
/// and without MPI the driver's.
std::string launching(const std::string& driver, int workers, const std::string& options,
                      const std::string& build = the_kit, const std::string& before = "");

/// A command line of the shell that is running. Destroying it kills it.
class Started {
 public:
  explicit Started(const std::string& command);
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started();

  pid_t pid() const { return pid_; }
  void signal(int signal) const;
  bool has_ended();
  /// What it has printed so far.
  std::string out() const;
  /// Whether it would do something of its own at such a signal, and not simply end.
  bool catches(int signal) const;
  /// Waits for its end; after so many seconds kills it, and everybody else: status 124.
  Outcome wait(double seconds = 60);

 private:
  std::string base_;  ///< of the names of its files
  pid_t pid_ = -1;
  int status_ = -1;
};

/// A folder that lives as long as the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void clear() const;

 private:
  std::string path_;
};

/// The files in a folder whose names end like this.
std::vector<std::string> files_in(const std::string& folder, const std::string& ending);

/// Random choices that can be repeated: SCALELAB_TEST_SEED sets the seed.
class Dice {
 public:
  Dice();

  std::uint64_t seed() const { return seed_; }
  /// From first to last.
  int roll(int first, int last);

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(roll(0, static_cast<int>(from.size()) - 1))];
  }

 private:
  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

/// How often something random is tried. @param usual  with SCALELAB_TEST_ROUNDS=20, as `lab test
/// --all` sets it, and else in proportion: a quarter of that without it, which is 5
int rounds(int usual);

/// Waits until something is so. @returns false if it is not so after that time
bool eventually(double seconds, const std::function<bool()>& is_so);
void pause_ms(int milliseconds);
double seconds_since(std::chrono::steady_clock::time_point begin);

/// "name":"..." or "name":number in the first line that has it; empty if none has.
std::string field(const std::string& json_lines, const std::string& name);

/// Each line as JSON; those of repetitions.
std::vector<nlohmann::json> lines_of_json(const std::string& text);
std::vector<nlohmann::json> repetitions_in(const std::string& text);

/// Processes of a driver that are alive, started by this test; of all drivers if no name is given.
std::vector<pid_t> alive(const std::string& driver = "");
int drivers_alive();

/// Those that have a driver of ours on their command line: launchers, too.
std::vector<pid_t> alive_with_launchers();

/// Nobody of ours is left, or will be so soon.
bool nobody_left(double seconds);

/// Those that are drivers.
std::vector<pid_t> children_of(pid_t parent);

/// Standard error has two kinds of lines.
std::string without_warnings(const std::string& err);
/// Without those about the build, which all have if it is no release, and about other load.
std::vector<std::string> warnings_in(const std::string& err);

/// Up to the first dot.
std::string host_name();

bool contains(const std::string& text, const std::string& part);
std::size_t lines_in(const std::string& text);
/// Of a terminal, that a line takes: a µ has two bytes and takes one.
std::size_t columns_of(const std::string& line);

}  // namespace scalelab::test
