// fuzz records|csv CORPUS [--seconds S] [--seed N] [--keep FILE]: feeds a reader with files of the
// folder CORPUS, changed at random. Whatever is in a file, the reader of records tells findings and
// the reader of CSV throws a std::runtime_error; anything else, a crash included, is a bug, and the
// file that does it is in FILE. The same seed gives the same changes.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/linear_models/csv.hpp"
#include "results/record/read_records.hpp"

namespace scalelab {

namespace {

namespace fs = std::filesystem;

using Bug = std::logic_error;

void write_file(const std::string& path, const std::string& text) {
  fs::remove(path);  // some file systems write to the disk at once what replaces old contents
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!(file << text << std::flush)) throw std::runtime_error(path + ": cannot be written");
}

std::string read_file(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> read_folder(const std::string& folder) {
  std::vector<fs::path> paths(fs::directory_iterator{folder}, {});
  std::sort(paths.begin(), paths.end());  // so that a seed means the same everywhere
  std::vector<std::string> texts;
  for (const fs::path& path : paths) texts.push_back(read_file(path));
  if (texts.empty()) throw std::runtime_error(folder + ": expected files to begin with");
  return texts;
}

void expect(bool is_so, const char* what) {
  if (!is_so) throw Bug(what);
}

void expect_one_line(const std::string& text) {
  expect(!text.empty() && text.size() < 1000, "a message is empty or very long");
  expect(std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
         "a message has control characters");
}

void try_records(const std::string& path) {
  std::size_t findings = 0;
  read_records({path}, {.run = [](const Run& run) { to_json(run); },
                        .repetition =
                            [](const Run& run, const Repetition& repetition) {
                              expect(run.id == repetition.run, "a repetition of another run");
                              expect(std::isfinite(repetition.seconds) && repetition.seconds > 0,
                                     "no time");
                              expect(repetition.workers.compute_seconds.size() <= run.workers,
                                     "too many workers");
                              to_json(repetition);
                            },
                        .cost = [](const Run&, const Cost& cost) { to_json(cost); },
                        .end = [](const Run&, const End& end) { to_json(end); },
                        .finding =
                            [&](const Finding& finding) {
                              expect_one_line(finding.text);
                              ++findings;
                            }});
  expect(findings <= 21, "too many findings");
}

void try_csv(const std::string& path) {
  CsvTable table;
  try {
    table = read_csv_file(path);
  } catch (const std::runtime_error& error) {  // as promised
    expect(std::string(error.what()).starts_with(path), "a message that does not say where");
    return;
  }
  expect(table.rows() > 0 && table.header.size() == table.columns.size(), "an empty table");
  for (const std::vector<double>& column : table.columns) {
    expect(column.size() == table.rows(), "columns of different lengths");
    for (const double value : column) expect(std::isfinite(value), "a number that is not finite");
  }
}

/// Changes text as accidents and attackers do.
class Mutator {
 public:
  Mutator(std::vector<std::string> corpus, std::uint64_t seed)
      : corpus_(std::move(corpus)), random_(seed) {}

  std::string next() {
    std::string text = pick(corpus_);
    const std::size_t changes = 1 + below(6);
    for (std::size_t i = 0; i < changes; ++i) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  void change(std::string& text) {
    static const std::vector<std::string> pieces = {"\n",
                                                    "\r\n",
                                                    "\r",
                                                    ",",
                                                    ";",
                                                    "\"",
                                                    "\"\"",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ":",
                                                    "null",
                                                    "true",
                                                    "NaN",
                                                    "-1",
                                                    "0",
                                                    "1e999",
                                                    "-1e-999",
                                                    "0.5",
                                                    "18446744073709551616",
                                                    "9007199254740993",
                                                    "\\u0000",
                                                    "\\ud800",
                                                    "\xFF",
                                                    "\xEF\xBB\xBF",
                                                    std::string(1, '\0'),
                                                    "\t",
                                                    " ",
                                                    "\"run\"",
                                                    "\"kind\"",
                                                    "\"schema\":2,",
                                                    "[[[[[[[[[[[[[[[[[[[[",
                                                    "{\"a\":{\"a\":{\"a\":{\"a\":"};
    const std::size_t at = below(text.size() + 1);
    const std::size_t some = below(std::min<std::size_t>(text.size() - at, 40) + 1);
    switch (below(8)) {
      case 0: text.resize(at); break;  // cut off
      case 1: text.erase(at, some); break;
      case 2: text.insert(at, pick(pieces)); break;
      case 3: text.replace(at, some, pick(pieces)); break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 5:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 6: {  // a piece of another file, or of this one
        const std::string& other = pick(corpus_);
        const std::size_t from = below(other.size() + 1);
        text.insert(at, other.substr(from, below(200)));
        break;
      }
      case 7: {  // two digits, or whatever they are, change places
        if (text.empty()) break;
        std::swap(text[below(text.size())], text[below(text.size())]);
        break;
      }
    }
  }

  std::vector<std::string> corpus_;
  std::mt19937_64 random_;
};

int fuzz(const std::string& what, const std::string& corpus, double seconds, std::uint64_t seed,
         const std::string& keep) {
  const std::map<std::string, std::function<void(const std::string&)>> readers = {
      {"records", try_records}, {"csv", try_csv}};
  const auto& read = readers.at(what);
  Mutator mutator(read_folder(corpus), seed);
  fmt::print("fuzz {}: --seed {}, for {} s\n", what, seed, seconds);
  std::fflush(stdout);  // a crash leaves no time for it
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  std::size_t files = 0;
  double longest = 0;
  for (auto now = begin; std::chrono::duration<double>(now - begin).count() < seconds; ++files) {
    write_file(keep, mutator.next());
    try {
      read(keep);
    } catch (const std::exception& error) {
      fmt::print("fuzz: --seed {}, file {}: {}\nfuzz: the file is {}\n", seed, files, error.what(),
                 keep);
      return 1;
    }
    const auto after = Clock::now();
    longest = std::max(longest, std::chrono::duration<double>(after - now).count());
    now = after;
  }
  fs::remove(keep);
  fmt::print("fuzz: {} files, the longest took {:.3f} s\n", files, longest);
  return 0;
}

int main(const std::vector<std::string>& arguments) {
  try {
    if (arguments.size() < 2 || arguments.size() % 2 != 0 ||
        (arguments[0] != "records" && arguments[0] != "csv")) {
      throw std::invalid_argument(
          "expected records or csv, a folder, and --seconds S, --seed N, --keep FILE");
    }
    double seconds = 20;
    std::uint64_t seed = std::random_device()();
    std::string keep = "fuzz-" + arguments[0] + "-input";
    for (std::size_t i = 2; i < arguments.size(); i += 2) {
      const std::string& value = arguments[i + 1];
      if (arguments[i] == "--seconds") {
        seconds = std::stod(value);
      } else if (arguments[i] == "--seed") {
        seed = std::stoull(value);
      } else if (arguments[i] == "--keep") {
        keep = value;
      } else {
        throw std::invalid_argument("expected --seconds, --seed or --keep, got " + arguments[i]);
      }
    }
    return fuzz(arguments[0], arguments[1], seconds, seed, keep);
  } catch (const std::exception& error) {
    fmt::print(stderr, "fuzz: {}\n", error.what());
    return 2;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
