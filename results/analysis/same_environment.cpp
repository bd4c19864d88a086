#include "results/analysis/same_environment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "results/record/identity.hpp"

namespace scalelab {

void SameEnvironment::add(const Run& run) {
  const std::string host = run.machines.empty() ? "?" : run.machines.front().host;
  for (const auto& [field, value] : environment_of(run)) {
    known_.insert(field);
    seen_[field].emplace(value, host);
  }
}

std::string SameEnvironment::text_of(bool merged) const {
  std::vector<std::string> texts;
  for (const auto& [field, values] : seen_) {
    if (values.size() < 2 || merged_.contains(field) != merged) continue;
    std::vector<std::string> each;
    for (const auto& [value, host] : values) each.push_back(fmt::format("'{}' ({})", value, host));
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
