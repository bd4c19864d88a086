#include "kernels/contract.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace scalelab {

namespace {

[[noreturn]] void refuse(const std::string& kernel, const std::string& what) {
  throw std::runtime_error(fmt::format("kernel '{}': {}", kernel, what));
}

/// @param taken  names that something else has already
void require_names(const std::string& kernel, const char* whose,
                   const std::vector<std::string>& names, std::set<std::string> taken) {
  for (const std::string& name : names) {
    if (name.empty()) refuse(kernel, fmt::format("{} has an empty name", whose));
    if (!taken.insert(name).second) {
      refuse(kernel, fmt::format("{} has the name '{}', which is taken", whose, name));
    }
  }
}

void require_work(const std::string& kernel, const Work& work) {
  for (const auto& [part, units] :
       {std::pair{"total", work.total}, {"longest", work.longest}, {"serial", work.serial}}) {
    if (!std::isfinite(units) || units < 0) {
      refuse(kernel, fmt::format("work().{} is {}: expected at least 0", part, units));
    }
  }
  if (work.longest > work.total) {
    refuse(kernel, fmt::format("work().longest is {}: expected at most the total, {}", work.longest,
                               work.total));
  }
}

/// Below 2^53 every whole number is a double: a sum of counts has not been rounded yet.
bool is_count(double number) {
  return number >= 0 && number < 9007199254740992 && number == std::floor(number);
}

}  // namespace

void require_contract(const KernelDescription& description, const Kernel& kernel) {
  const std::string& name = description.name;
  if (kernel.tasks() == 0) refuse(name, "tasks() is 0: expected at least 1");
  if (kernel.width() == 0) refuse(name, "width() is 0: expected at least 1 value a task");
  const std::vector<std::string> columns = kernel.columns();
  const std::vector<std::string> counters = kernel.counters();
  const std::size_t named = columns.size() + counters.size();
  if (named != kernel.width()) {
    refuse(name, fmt::format("width() is {}, but columns() and counters() name {} value{} ({} and "
                             "{}): expected as many",
                             kernel.width(), named, named == 1 ? "" : "s", columns.size(),
                             counters.size()));
  }
  require_names(name, "columns()", columns, {"task"});  // --values begins with it
  require_names(name, "counters()", counters, {});
  if (const auto work = kernel.work()) require_work(name, *work);
}

void require_counts(const KernelDescription& description, const Kernel& kernel,
                    std::span<const double> values) {
  const std::string& name = description.name;
  const std::vector<std::string> counters = kernel.counters();
  const std::size_t width = kernel.width();
  for (std::size_t c = 0; c < counters.size(); ++c) {
    double sum = 0;
    for (std::size_t at = width - counters.size() + c; at < values.size(); at += width) {
      if (!is_count(values[at])) {
        refuse(name,
               fmt::format("counter '{}' of task {} is {}: expected a whole number from 0 on, "
                           "below 2^53",
                           counters[c], at / width, values[at]));
      }
      sum += values[at];
      if (!is_count(sum)) {
        refuse(name,
               fmt::format("counter '{}' of all tasks together is not below 2^53", counters[c]));
      }
    }
  }
}

std::unique_ptr<Workspace> workspace_of(const std::string& name, const Kernel& kernel) {
  std::unique_ptr<Workspace> workspace = kernel.workspace();
  if (!workspace) refuse(name, "workspace() has made none: expected one, or no workspace()");
  return workspace;
}

std::unique_ptr<Kernel> kernel_of(const KernelDescription& description, const OptionValues& options,
                                  const DataSet& data) {
  std::unique_ptr<Kernel> kernel;
  if (description.make != nullptr) kernel = description.make(options, data);
  if (!kernel) refuse(description.name, "make() has made none");
  return kernel;
}

}  // namespace scalelab
