#pragma once

#include <sys/resource.h>

#include <array>
#include <bit>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "drivers/common/journal/journal.hpp"
#include "tests/catch.hpp"

/// Journals as the header of Journal describes them, made by the test itself.
namespace scalelab::test {

inline const std::string identity =
    R"({"kernel":"squares","options":{"rows":"10","seed":"1"},"tasks":100})";
constexpr std::size_t tasks = 100;
constexpr std::size_t width = 2;

/// The value that a test gives to a place. No two are alike.
inline double truth(std::size_t place) { return 1000 + static_cast<double>(place) / 7; }

inline std::vector<double> all_values() {
  std::vector<double> values(tasks * width);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = truth(i);
  return values;
}

struct Read {
  std::vector<Range> entries;
  std::vector<std::string> warnings;
  std::size_t wrong = 0;  ///< values
};

inline Read read(const std::string& folder, const std::string& expected = identity) {
  Read result;
  result.warnings =
      read_journals(folder, expected, tasks, width, [&](Range range, std::span<const double> v) {
        result.entries.push_back(range);
        REQUIRE((range.last <= tasks && v.size() == range.size() * width));
        for (std::size_t i = 0; i < v.size(); ++i) {
          if (v[i] != truth(range.first * width + i)) ++result.wrong;
        }
      });
  return result;
}

inline std::string complaint_about(const std::string& folder,
                                   const std::string& expected = identity) {
  try {
    read(folder, expected);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no complaint";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::uint64_t fnv1a(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

template <class T>
std::string bytes_of(T value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  return {bytes.begin(), bytes.end()};
}

/// An entry as the header file describes it.
inline std::string entry_of(Range range) {
  const std::string head =
      bytes_of(std::uint64_t{range.first}) + bytes_of(std::uint64_t{range.last});
  std::string values;
  for (std::size_t i = range.first * width; i < range.last * width; ++i) {
    values += bytes_of(truth(i));
  }
  return "sclentry" + head + bytes_of(fnv1a(head + values)) + values;
}

inline const std::string first_line = "scalelab journal 1 " + identity + "\n";
inline const std::vector<Range> some_ranges{{7, 8}, {0, 3}, {50, 54}};

inline std::string journal_of_some() {
  std::string bytes = first_line;
  for (const Range& range : some_ranges) bytes += entry_of(range);
  return bytes;
}

/// No file of this process may be longer, while it lives.
class LengthLimit {
 public:
  explicit LengthLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  LengthLimit(const LengthLimit&) = delete;
  LengthLimit& operator=(const LengthLimit&) = delete;
  ~LengthLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

}  // namespace scalelab::test
