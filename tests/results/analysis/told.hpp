#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "results/analysis/analysis.hpp"

// What an analysis holds, to be looked up by a test.
namespace scalelab::test {

inline const Curve& curve_of(const Study& study, std::string_view name) {
  for (const Curve& curve : study.curves) {
    if (curve.name == name) return curve;
  }
  throw std::runtime_error(fmt::format("no curve {}", name));
}

inline std::string names_of(const Study& study) {
  std::string names;
  for (const Curve& curve : study.curves) names += curve.name + "; ";
  return names;
}

inline std::string all_verdicts(const Study& study) {
  std::string text;
  for (const Verdict& verdict : study.verdicts) text += verdict.text + '\n';
  return text;
}

inline bool has_note(const Study& study, const std::string& words) {
  for (const std::string& note : study.notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace scalelab::test
