// fuzz records|csv|journal CORPUS [--seconds S] [--seed N] [--keep FILE]: feeds a reader with files
// of the folder CORPUS, changed at random. Whatever is in a file, the reader of records tells
// findings and the reader of CSV throws a std::runtime_error; a journal gives no value but those
// that were put in. Anything else, a crash included, is a bug, and the file that does it is in
// FILE. The same seed gives the same changes. Journals to begin with are made here, since they are
// of the machine: CORPUS is -.
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
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "drivers/common/journal/journal.hpp"
#include "kernels/csv/csv.hpp"
#include "results/record/read_records.hpp"
#include "tests/fuzz/arguments.hpp"
#include "tests/fuzz/mutator.hpp"

namespace scalelab {

namespace {

namespace fs = std::filesystem;

using Bug = std::logic_error;

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

void try_format(const std::string& path, const CsvFormat& format) {
  CsvTable table;
  try {
    table = read_csv_file(path, format);
  } catch (const std::runtime_error& error) {  // as promised
    const std::string message = error.what();
    expect(message.starts_with(path), "a message that does not say where");
    expect_one_line(message.substr(path.size()));
    return;
  }
  expect(table.rows() > 0 && table.header.size() == table.columns.size(), "an empty table");
  expect(table.rows() + table.dropped_rows == table.file_rows, "rows that nobody has counted");
  for (const std::string& name : table.header) expect_one_line(name);
  for (const std::vector<double>& column : table.columns) {
    expect(column.size() == table.rows(), "columns of different lengths");
    for (const double value : column) expect(std::isfinite(value), "a number that is not finite");
  }
}

void try_csv(const std::string& path) {
  try_format(path, {});
  try_format(path, {.decimal = ','});
  try_format(path, {.drop_missing = true, .choose = [](const std::vector<std::string>& names) {
                      std::vector<CsvUse> uses(names.size(), CsvUse::read);
                      uses.back() = CsvUse::read_as_target;
                      return uses;
                    }});
}

constexpr std::size_t journal_tasks = 200;
constexpr std::size_t journal_width = 3;
const std::string journal_identity = R"({"kernel":"spin","options":{"seed":"1"},"tasks":200})";

double journal_value(std::size_t i) { return std::sqrt(static_cast<double>(i)); }

/// As a run leaves them that was cut off now and then.
std::vector<std::string> journals_made_in(const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  std::vector<double> values(journal_tasks * journal_width);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = journal_value(i);
  for (std::size_t worker = 0; worker < 4; ++worker) {
    Journal journal(folder, journal_identity, worker);
    for (std::size_t first = worker; first < journal_tasks; first += 7) {
      journal.add({first, std::min(journal_tasks, first + 1 + worker)});
      if (first % 3 == 0) journal.flush(values, journal_width);
    }
    journal.flush(values, journal_width);
  }
  return read_folder(folder);
}

/// @param path  the only journal of its folder
void try_journal(const std::string& path) {
  const auto accept = [](Range tasks, std::span<const double> values) {
    expect(tasks.first < tasks.last && tasks.last <= journal_tasks, "tasks that do not exist");
    expect(values.size() == tasks.size() * journal_width, "values are missing");
    for (std::size_t i = 0; i < values.size(); ++i) {
      expect(values[i] == journal_value(tasks.first * journal_width + i), "another value");
    }
  };
  try {
    for (const std::string& warning :
         read_journals(fs::path(path).parent_path().string(), journal_identity, journal_tasks,
                       journal_width, accept)) {
      expect_one_line(warning);
    }
  } catch (const std::runtime_error& error) {  // as promised
    expect(std::string(error.what()).find(path) != std::string::npos,
           "a message that does not say where");
  }
}

int fuzz(const std::string& what, const std::string& corpus, double seconds, std::uint64_t seed,
         const std::string& keep) {
  const std::map<std::string, std::function<void(const std::string&)>> readers = {
      {"records", try_records}, {"csv", try_csv}, {"journal", try_journal}};
  const auto& read = readers.at(what);
  const bool of_journal = what == "journal";
  Mutator mutator(of_journal ? journals_made_in(keep + ".made") : read_folder(corpus), seed);
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
    if (arguments.size() < 2 ||
        (arguments[0] != "records" && arguments[0] != "csv" && arguments[0] != "journal")) {
      throw std::invalid_argument(
          "expected records, csv or journal, a folder, and --seconds S, --seed N, --keep FILE");
    }
    const FuzzOptions options(arguments, 2, {"--seconds", "--seed", "--keep"});
    std::string keep = options.text("--keep", "fuzz-" + arguments[0] + "-input");
    if (arguments[0] == "journal") {  // read by folder
      fs::create_directories(keep);
      keep += "/worker-0.1.journal";
    }
    return fuzz(arguments[0], arguments[1], options.seconds(), options.seed(),
                fs::absolute(keep).string());
  } catch (const std::exception& error) {
    fmt::print(stderr, "fuzz: {}\n", error.what());
    return 2;
  }
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
