#pragma once
#include <span>
#include <string>
namespace scalelab {
struct Repetitions {
  bool enough(std::span<const double>) const;
  std::string text() const;
  std::size_t most() const;
};
Repetitions repetitions_of(const std::string&);
}  // namespace scalelab
