#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace scalelab {

/// Options of the programs here, each with its value behind it: --seconds S, --seed N and others.
class FuzzOptions {
 public:
  /// @param arguments  of the program @param first  of them that is an option
  /// @param names      that there may be
  /// @throws std::invalid_argument
  FuzzOptions(const std::vector<std::string>& arguments, std::size_t first,
              const std::vector<std::string>& names) {
    for (std::size_t i = first; i < arguments.size(); i += 2) {
      if (std::find(names.begin(), names.end(), arguments[i]) == names.end()) {
        throw std::invalid_argument("no such option: " + arguments[i]);
      }
      if (i + 1 == arguments.size()) throw std::invalid_argument(arguments[i] + " has no value");
      values_[arguments[i]] = arguments[i + 1];
    }
  }

  double seconds() const { return std::stod(text("--seconds", "20")); }
  std::uint64_t whole(const std::string& name, std::uint64_t otherwise) const {
    return std::stoull(text(name, std::to_string(otherwise)));
  }
  /// Another one in each run, if none is given.
  std::uint64_t seed() const { return whole("--seed", std::random_device()()); }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace scalelab
