#include "results/record/read_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "kernels/printable.hpp"
#include "results/record/pipes.hpp"
#include "results/record/read_json.hpp"
#include "results/record/record_checks.hpp"
#include "results/record/record_paths.hpp"

namespace scalelab {

namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_line = std::size_t{16} << 20;
constexpr std::size_t most_skipped = std::size_t{1} << 30;  // of a line that is longer
constexpr std::size_t findings_told = 20;                   // per file
constexpr std::size_t finding_shown = 300;                  // bytes

/// Lines of any input, of which at most `longest_line` bytes are kept. Some inputs never end.
class LineReader {
 public:
  explicit LineReader(std::istream& input) : input_(input), buffer_(std::size_t{1} << 18) {}

  /// @returns false at the end
  bool next() {
    line.clear();
    whole = too_long = binary = false;
    ++number;
    for (std::size_t skipped = 0; skipped <= most_skipped;) {
      if (at_ == size_ && !fill()) return !line.empty() || too_long;
      const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(at_);
      const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(size_);
      const auto newline = std::find(begin, end, '\n');
      binary = binary || std::find(begin, newline, '\0') != newline;
      too_long = too_long || line.size() + static_cast<std::size_t>(newline - begin) > longest_line;
      if (!too_long) line.append(begin, newline);
      skipped += static_cast<std::size_t>(newline - begin);
      at_ = static_cast<std::size_t>(newline - buffer_.begin());
      if (newline == end) continue;
      ++at_;
      whole = true;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return true;
    }
    endless = true;
    return true;
  }

  std::string line;
  std::size_t number = 0;
  bool whole = false;   ///< it has an end
  bool binary = false;  ///< it has bytes that no text has
  bool too_long = false;
  bool endless = false;  ///< no end of the line was found, and none is looked for

 private:
  bool fill() {
    input_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    at_ = 0;
    size_ = static_cast<std::size_t>(input_.gcount());
    return size_ > 0;
  }

  std::istream& input_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

/// The member, if it is text; a line that is refused may still say which run it is of.
std::string text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Why a line is left out. A type of its own: what a handler throws goes to its owner.
struct BadLine {
  std::string why;
};

/// One file. Runs are known within their file only.
class FileReader {
 public:
  FileReader(std::string name, const RecordHandlers& handlers,
             std::map<std::string, std::string>& seen)
      : name_(std::move(name)), handlers_(handlers), seen_(seen) {}

  void read(std::istream& input) {
    if (handlers_.file) handlers_.file(name_);
    LineReader lines(input);
    bool empty = true;
    while (!lines.endless && lines.next()) {
      line_ = lines.number;
      const bool blank =
          !lines.too_long && lines.line.find_first_not_of(" \t") == std::string::npos;
      if (blank) continue;
      empty = false;
      if (lines.binary) {
        if (good_lines_ == 0) {
          find(0, "binary data: expected a file of records, in JSON lines; left out");
          break;
        }
        if (!binary_ || lines.endless) {
          find(line_, fmt::format("binary data: this line, and {}, is left out",
                                  lines.endless ? "all that follows" : "others like it"));
        }
        binary_ = true;
      } else if (lines.too_long) {
        find(line_, fmt::format("longer than {} bytes, as no record is: left out{}", longest_line,
                                lines.endless ? ", with all that follows" : ""));
      } else {
        take(lines.line, lines.whole);
      }
    }
    if (input.bad()) throw std::runtime_error(name_ + ": reading failed");
    if (empty) find(0, "empty: expected lines of records");
    tell_cut_off();
    if (findings_ > findings_told) {
      const std::size_t more = findings_ - findings_told;
      tell(0, fmt::format("and {} more findings like these", more), more);
    }
  }

 private:
  void tell(std::size_t line, const std::string& text, std::size_t count = 1) const {
    if (handlers_.finding) handlers_.finding({name_, line, printable(text, finding_shown), count});
  }

  void find(std::size_t line, const std::string& text) {
    if (++findings_ <= findings_told) tell(line, text);
  }

  void tell_cut_off() {
    std::map<std::size_t, const RunSoFar*> by_line;
    for (const auto& [id, so_far] : runs_) {
      if (!so_far.ended) by_line[so_far.line] = &so_far;
    }
    for (const auto& [line, so_far] : by_line) {
      find(line,
           fmt::format("run {} was cut off after {} repetition{}, warm-ups included",
                       so_far->run.id, so_far->repetitions, so_far->repetitions == 1 ? "" : "s"));
    }
  }

  void take(const std::string& text, bool whole) {
    // Deep nesting would take a hundred times its size in memory; no record has any.
    const auto shallow = [](int depth, Json::parse_event_t, const Json&) { return depth <= 8; };
    const Json json = Json::parse(text, shallow, false);
    if (json.is_discarded()) {
      const bool torn = text.front() == '{' && (!whole || text.back() != '}');
      find(line_, torn ? "cut off, as by a kill: skipped"
                       : "expected a line of JSON, which has no NaN and no Infinity: skipped");
      return;
    }
    try {
      if (!json.is_object()) throw BadLine{"expected an object of JSON"};
      const std::string kind = text_in(json, "kind");
      if (kind == "run") {
        take_run(json);
      } else if (kind == "repetition" || kind == "cost" || kind == "end") {
        take_line_of_run(kind, json);
      } else {
        throw BadLine{
            fmt::format("expected run, repetition, cost or end in 'kind', found '{}'", kind)};
      }
    } catch (const BadLine& bad) {
      find(line_, bad.why + ": left out");
    }
  }

  template <class Line>
  static Line line_from(const Json& json) {
    try {
      Line line;
      const JsonReader read(json);
      fields(read, line);
      return line;
    } catch (const std::runtime_error& error) {
      throw BadLine{error.what()};
    }
  }

  static void refuse_if(const std::string& problem) {
    if (!problem.empty()) throw BadLine{problem};
  }

  void take_run(const Json& json) {
    const std::string id = text_in(json, "run");
    runs_.erase(id);  // until this line has turned out to be good, and new
    left_out_.insert(id);
    const auto found = json.find("schema");
    if (found == json.end()) throw BadLine{"expected a member 'schema'"};
    const std::string schema = found->dump(-1, ' ', false, Json::error_handler_t::replace);
    if (*found != record_schema) {
      find(line_, fmt::format("schema {}: this kit reads {}; read the file with the version of the "
                              "kit that wrote it. The run is left out",
                              schema, record_schema));
      return;
    }
    RunSoFar so_far{.run = line_from<Run>(json), .line = line_};
    refuse_if(problem_of(so_far.run));
    const std::string here = fmt::format("{}:{}", name_, line_);
    const auto [first, is_new] = seen_.emplace(id, here);
    if (!is_new) {
      throw BadLine{fmt::format("run {} was read before, from {}", id, first->second)};
    }
    left_out_.erase(id);
    ++good_lines_;
    const Run& run = runs_.emplace(id, std::move(so_far)).first->second.run;
    if (handlers_.run) handlers_.run(run);
  }

  void take_line_of_run(const std::string& kind, const Json& json) {
    const std::string id = text_in(json, "run");
    if (left_out_.contains(id)) return;  // which has been told
    const auto known = runs_.find(id);
    if (known == runs_.end()) {
      left_out_.insert(id);
      throw BadLine{fmt::format("run '{}' has no line of kind run before this one", id)};
    }
    RunSoFar& so_far = known->second;
    if (so_far.ended) throw BadLine{fmt::format("run {} has ended before", id)};
    if (kind == "repetition") take(so_far, line_from<Repetition>(json));
    if (kind == "cost") take(so_far, line_from<Cost>(json));
    if (kind == "end") take(so_far, line_from<End>(json));
    ++good_lines_;
  }

  void take(RunSoFar& so_far, const Repetition& repetition) {
    refuse_if(problem_of(repetition, so_far));
    const std::string finding = finding_in(repetition, so_far);
    if (!finding.empty()) find(line_, finding);
    ++so_far.repetitions;
    so_far.last_number[repetition.warmup] = repetition.number;
    so_far.last_at_seconds = repetition.at_seconds;
    so_far.last_end_seconds = repetition.at_seconds + repetition.seconds;
    if (so_far.digest.empty()) so_far.digest = repetition.digest;
    if (handlers_.repetition) handlers_.repetition(so_far.run, repetition);
  }

  void take(const RunSoFar& so_far, const Cost& cost) {
    refuse_if(problem_of(cost));
    if (handlers_.cost) handlers_.cost(so_far.run, cost);
  }

  void take(RunSoFar& so_far, const End& end) {
    so_far.ended = true;
    refuse_if(problem_of(end, so_far.run));
    if (handlers_.end) handlers_.end(so_far.run, end);
  }

  std::string name_;
  const RecordHandlers& handlers_;
  std::map<std::string, std::string>& seen_;  ///< runs, and where they began, in all files
  std::map<std::string, RunSoFar> runs_;      ///< whose lines are good, so far
  std::set<std::string> left_out_;            ///< runs whose lines are not wanted, as was told
  std::size_t line_ = 0;
  std::size_t good_lines_ = 0;
  std::size_t findings_ = 0;
  bool binary_ = false;
};

}  // namespace

std::string text_of(const Finding& finding) {
  const std::string line = finding.line == 0 ? "" : fmt::format(":{}", finding.line);
  return fmt::format("{}{}: {}", finding.file, line, finding.text);
}

void read_records(const std::vector<std::string>& paths, const RecordHandlers& handlers) {
  std::map<std::string, std::string> seen;
  for (const std::string& path : paths) {
    const std::vector<std::string> files = record_files_in(path);
    if (files.empty() && handlers.finding) {
      handlers.finding(
          {printable(path, finding_shown), 0, "a folder without files of records (.jsonl)"});
    }
    for (const std::string& file : files) {
      if (file == "-") {
        FileReader("standard input", handlers, seen).read(std::cin);
        continue;
      }
      // A pipe that nobody writes to would be waited for, and some devices never end.
      std::error_code error;
      const std::filesystem::file_status status = std::filesystem::status(file, error);
      if (file != path && exists(status) && !is_regular_file(status)) {
        if (handlers.finding) {
          handlers.finding(
              {printable(file, finding_shown), 0, "no file, but something else: left out"});
        }
        continue;
      }
      if (is_own_output(file)) {
        throw std::runtime_error(file + ": expected records, found where this program writes to");
      }
      std::ifstream input(file, std::ios::binary);
      if (!input) {
        throw std::runtime_error(fmt::format("{}: expected a file that can be read: {}", file,
                                             std::generic_category().message(errno)));
      }
      FileReader(printable(file, finding_shown), handlers, seen).read(input);
    }
  }
}

Machine machine_from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw std::runtime_error("expected a machine, as an object of JSON");
  Machine machine;
  const JsonReader read(json);
  fields(read, machine);
  return machine;
}

}  // namespace scalelab
