#include "results/studies/same_environment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "results/record/identity.hpp"

namespace scalelab {

namespace {

bool is_of_machine(const std::string& field) {
  static const std::set<std::string> fields{"cpu",       "cpus",     "cores",
                                            "cpu_limit", "governor", "last_level_cache_bytes"};
  return fields.contains(field);
}

std::string in_words(const std::string& field, const std::string& value) {
  if (field != "dirty" || value == "unknown") return value;
  return value == "true" ? "built from sources changed since the commit" : "built as committed";
}

}  // namespace

void SameEnvironment::add(const Run& run, const std::string& file) {
  const std::string host = run.machines.empty() ? "?" : run.machines.front().host;
  for (const auto& [field, value] : environment_of(run)) {
    known_.insert(field);
    const auto [seen, is_new] = seen_[field].emplace(value, Seen{host, file, file, 1});
    if (!is_new && seen->second.last != file) {
      seen->second.last = file;
      ++seen->second.files;
    }
  }
}

std::string SameEnvironment::text_of(bool merged) const {
  std::vector<std::string> texts;
  for (const auto& [field, values] : seen_) {
    if (values.size() < 2 || merged_.contains(field) != merged) continue;
    std::vector<std::string> each;
    for (const auto& [value, seen] : values) {
      const std::string more = seen.files > 1 ? fmt::format(" and {} more", seen.files - 1) : "";
      each.push_back(fmt::format("'{}' ({})", in_words(field, value),
                                 is_of_machine(field) ? seen.host : seen.file + more));
    }
    texts.push_back(fmt::format("{}: {}", field, fmt::join(each, ", ")));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string SameEnvironment::fields() const {
  std::vector<std::string> names;
  for (const auto& [field, values] : seen_) {
    if (values.size() > 1 && !merged_.contains(field)) names.push_back(field);
  }
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace scalelab
