#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/registry.hpp"

// Dummy kernels and what they compute, without any driver.
namespace scalelab::test {

using Texts = std::map<std::string, std::string>;

/// The fallbacks of all options, 1 task, and small arrays.
inline OptionValues options_of(const KernelDescription& kernel, const Texts& given) {
  OptionValues options;
  for (const Option& option : kernel.options) options.set(option.name, option.fallback, false);
  if (options.texts().contains("working-set")) options.set("working-set", "10kB", false);
  options.set("tasks", "1", false);
  options.set("seed", "1", false);
  for (const auto& [option, text] : given) options.set(option, text);
  return options;
}

inline std::unique_ptr<Kernel> make(const std::string& name, const Texts& given) {
  const KernelDescription& kernel = kernel_named(name);
  return kernel.make(options_of(kernel, given), {});
}

inline std::vector<double> run(const Kernel& kernel, std::size_t first, std::size_t last,
                               Workspace& workspace) {
  std::vector<double> values((last - first) * kernel.width());
  kernel.run(first, last, workspace, values);
  return values;
}

inline std::vector<double> run(const Kernel& kernel, std::size_t first, std::size_t last) {
  return run(kernel, first, last, *kernel.workspace());
}

inline double run_serial(const Kernel& kernel) { return kernel.run_serial(*kernel.workspace()); }

/// The message of the UsageError that making the kernel throws.
inline std::string complaint(const std::string& kernel, const Texts& given) {
  try {
    make(kernel, given);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no complaint";
}

/// The definition of `spin`, one chain after the other.
inline double spin_value(std::size_t task, std::uint64_t units) {
  double sum = 0;
  for (int chain = 0; chain < 32; ++chain) {
    auto x = static_cast<double>(task % 1024) + chain;
    for (std::uint64_t step = 0; step < 8 * units; ++step) x = (1 - 0x1p-20) * x + 0x1p-20;
    sum += x;
  }
  return sum;
}

inline bool starts(const std::string& text, const std::string& with) {
  return text.rfind(with, 0) == 0;
}

}  // namespace scalelab::test
