#include "results/studies/warnings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "results/record/workers.hpp"
#include "results/text/wrapped.hpp"

namespace scalelab {

void Warnings::add(const Run& run) {
  for (const std::string& warning : run.warnings) {
    drivers_[warning][run.driver].emplace(run.workers, workers_of(run));
  }
}

std::vector<Warnings::Item> Warnings::items() const {
  std::vector<Item> items;
  for (const auto& [warning, drivers] : drivers_) {
    std::vector<std::string> whom;
    for (const auto& [driver, workers] : drivers) {
      std::vector<std::string> numbers;
      for (const auto& [number, name] : workers) numbers.push_back(name);
      whom.push_back(fmt::format("{} {}", driver, fmt::join(numbers, ", ")));
    }
    items.push_back({warning, fmt::format("{}", fmt::join(whom, "; "))});
  }
  return items;
}

std::string Warnings::text() const {
  std::string text = drivers_.empty() ? "" : "\n";
  for (const auto& [warning, whom] : items()) {
    text += fmt::format("  warning: {}\n           {}\n", wrapped(warning, 11),
                        wrapped(fmt::format("({})", whom), 11));
  }
  return text;
}

}  // namespace scalelab
