#include "drivers/common/journal/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "kernels/printable.hpp"
#include "results/record/digest.hpp"
#include "results/text/file_names.hpp"

namespace scalelab {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds longest_delay{100};
constexpr std::size_t most_pending = 4096;
constexpr std::size_t longest_identity = std::size_t{1} << 20;  // [bytes]
constexpr std::size_t most_buffered = std::size_t{1} << 24;     // [bytes] in one write
const std::string prefix = "scalelab journal 1 ";

/// What an entry begins with.
struct Head {
  static constexpr std::uint64_t the_mark = 0x7972746E656C6373;  // "sclentry"

  std::uint64_t mark;
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t checksum;
};

std::uint64_t checksum_of(Range tasks, std::span<const double> values) {
  const std::array range{std::bit_cast<double>(std::uint64_t{tasks.first}),
                         std::bit_cast<double>(std::uint64_t{tasks.last})};
  return digest(values, digest(range));
}

/// Tasks in one entry.
std::size_t most_tasks_of(std::size_t width) {
  return std::max<std::size_t>(1, most_buffered / sizeof(double) / width);
}

std::system_error failure(const std::string& path) {
  return {errno, std::generic_category(), "--journal: " + path};
}

}  // namespace

Journal::Journal(const std::string& folder, const std::string& identity, std::size_t worker) {
  for (int n = 1; !file_; ++n) {
    path_ = fmt::format("{}/worker-{}.{}.journal", folder, worker, n);
    file_.reset(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
    if (!file_ && errno != EEXIST && errno != EINTR) throw failure(path_);
  }
  const std::string line = prefix + identity + '\n';
  write(std::as_bytes(std::span(line)));
}

void Journal::write(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw failure(path_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void Journal::add(Range tasks) {
  if (!pending_.empty() && pending_.back().last == tasks.first) {
    pending_.back().last = tasks.last;
  } else {
    pending_.push_back(tasks);
  }
}

bool Journal::due(Clock::time_point now) const {
  return now - flushed_ >= longest_delay ? !pending_.empty() : pending_.size() >= most_pending;
}

std::size_t Journal::flush(std::span<const double> values, std::size_t width) {
  std::size_t written = 0;
  const auto put = [&](std::span<const std::byte> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  };
  const auto pass_on = [&] {
    write(buffer_);
    written += buffer_.size();
    buffer_.clear();
  };
  const std::size_t most = most_tasks_of(width);
  buffer_.clear();
  const std::vector<Range> pending = std::exchange(pending_, {});  // also if this fails
  for (Range rest : pending) {
    while (rest.size() > 0) {
      const Range tasks{rest.first, rest.first + std::min(rest.size(), most)};
      const auto own = values.subspan(tasks.first * width, tasks.size() * width);
      const Head head{Head::the_mark, tasks.first, tasks.last, checksum_of(tasks, own)};
      put(std::as_bytes(std::span(&head, 1)));
      put(std::as_bytes(own));
      if (buffer_.size() >= most_buffered) pass_on();
      rest.first = tasks.last;
    }
  }
  pass_on();
  flushed_ = Clock::now();
  return written;
}

namespace {

/// "worker-3.1.journal"
bool is_of_a_worker(std::string_view name) {
  constexpr std::size_t longest = 9;
  if (!cut_text(name, "worker-")) return false;
  const std::size_t worker = cut_any_of(name, decimal_digits);
  if (worker < 1 || worker > longest || !cut_text(name, ".")) return false;
  const std::size_t file = cut_any_of(name, decimal_digits);
  return file >= 1 && file <= longest && name == ".journal";
}

std::vector<fs::path> journals_in(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!is_of_a_worker(entry.path().filename().string())) continue;
    std::error_code gone;
    if (!entry.is_regular_file(gone)) {  // a pipe would be waited for, a device never ends
      throw std::runtime_error(
          fmt::format("--journal: {}: expected a file, as a worker writes it: remove it",
                      entry.path().string()));
    }
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

using Json = nlohmann::json;

/// "options.seed is 1 there and 2 here"
std::string difference_between(const Json& there, const Json& here) {
  const Json flat_there = there.flatten();
  const Json flat_here = here.flatten();
  const auto text = [](const Json& flat, const std::string& key) {
    return flat.contains(key) ? flat[key].dump() : "missing";
  };
  for (const Json* flat : {&flat_here, &flat_there}) {
    for (const auto& [key, value] : flat->items()) {
      const std::string a = text(flat_there, key);
      const std::string b = text(flat_here, key);
      if (a == b) continue;
      std::string name = key.substr(1);
      std::replace(name.begin(), name.end(), '/', '.');
      return fmt::format("{} is {} there and {} here", name, a, b);
    }
  }
  return "";
}

/// The text of a first line of a journal, without what every journal begins with.
/// @returns false if there is none: the run was cut off before it was written
bool read_identity(std::istream& file, const std::string& path, std::string& identity) {
  std::string line;
  char c = 0;
  while (file.get(c) && c != '\n' && line.size() < longest_identity) line += c;
  if (!file) return false;
  if (!line.starts_with(prefix) || line.size() == longest_identity) {
    throw std::runtime_error(path + ": expected a journal of this version of scalelab");
  }
  identity = line.substr(prefix.size());
  return true;
}

std::ifstream opened(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (file) return file;
  throw std::runtime_error(
      fmt::format("{} cannot be read: {}", path.string(), std::generic_category().message(errno)));
}

/// @throws std::runtime_error naming the difference
void require_same(const fs::path& path, const std::string& theirs, const std::string& ours) {
  if (theirs == ours) return;
  Json there = Json::parse(theirs, nullptr, false);
  Json here = Json::parse(ours);
  std::string difference = "its first line is damaged";
  if (there.is_object()) {
    there.erase("not compared");
    here.erase("not compared");
    if (there == here) return;
    difference = difference_between(there, here);
  }
  throw std::runtime_error(
      fmt::format("--resume: {} is of another run: {}", path.string(), difference));
}

}  // namespace

bool holds_journals(const std::string& folder) { return !journals_in(folder).empty(); }

std::vector<std::string> others_in(const std::string& folder) {
  constexpr std::size_t enough = 100;
  const auto is_left = [](const std::string& name) {
    return name == ".lock" || name == ".scalelab-scratch" ||  // the mark of who made the folder
           name.starts_with(".nfs") ||                        // removed, while somebody had it open
           (name.starts_with(".scalelab-") && name.ends_with(".new"));
  };
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (is_of_a_worker(name) || is_left(name)) continue;
    names.push_back(printable(name, 100));
    if (names.size() == enough) break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> journal_identities(const std::string& folder) {
  std::vector<std::string> identities;
  for (const fs::path& path : journals_in(folder)) {
    std::ifstream file = opened(path);
    std::string identity;
    if (read_identity(file, path.string(), identity)) identities.push_back(identity);
  }
  return identities;
}

void require_identity(const std::string& folder, const std::string& identity) {
  for (const fs::path& path : journals_in(folder)) {
    std::ifstream file = opened(path);
    std::string theirs;
    if (read_identity(file, path.string(), theirs)) require_same(path, theirs, identity);
  }
}

std::vector<std::string> read_journals(
    const std::string& folder, const std::string& identity, std::size_t tasks, std::size_t width,
    const std::function<void(Range, std::span<const double>)>& accept) {
  std::vector<std::string> warnings;
  std::vector<double> values;
  for (const fs::path& path : journals_in(folder)) {
    std::ifstream file = opened(path);
    std::string theirs;
    if (!read_identity(file, path.string(), theirs)) {
      if (fs::file_size(path) > 0) warnings.push_back(path.string() + ": its first line is torn");
      continue;
    }
    require_same(path, theirs, identity);
    Head head{};
    while (file.peek() != std::ifstream::traits_type::eof()) {
      file.read(reinterpret_cast<char*>(&head), sizeof head);
      bool good = file && head.mark == Head::the_mark && head.first < head.last &&
                  head.last <= tasks && head.last - head.first <= most_tasks_of(width);
      if (good) {
        values.resize((head.last - head.first) * width);
        file.read(reinterpret_cast<char*>(values.data()),
                  static_cast<std::streamsize>(values.size() * sizeof(double)));
        good = file && head.checksum == checksum_of({head.first, head.last}, values);
      }
      if (!good) {
        warnings.push_back(path.string() + ": an entry is torn: what follows is run again");
        break;
      }
      accept({head.first, head.last}, values);
    }
  }
  return warnings;
}

}  // namespace scalelab
