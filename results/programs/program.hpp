#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "kernels/options.hpp"
#include "results/record/read_records.hpp"
#include "results/text/flush.hpp"

namespace scalelab {

// What the programs of this room have in common: how they end, and what they say of their input.

/// Runs a program. What it throws becomes one line on standard error. @param name  of the program
/// @param body    returns the exit status; for wrong usage it throws UsageError: 2
/// @param failed  the exit status of all other errors, lost output included
template <typename Body>
int run_program(const char* name, const Body& body, int failed = 1) {
  const auto say = [&](const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
  };
  try {
    const int status = body();
    flush_output();
    return status;
  } catch (const UsageError& error) {
    say(error);
    return 2;
  } catch (const std::exception& error) {
    say(error);
    return failed;
  }
}

/// The paths of a command line without options. @param expected  "files of records"
/// @throws UsageError if there are none, or an option
inline std::vector<std::string> paths_in(const std::vector<std::string>& arguments,
                                         const std::string& expected) {
  if (arguments.empty()) throw UsageError("expected " + expected);
  if (arguments.front().starts_with("--")) {
    throw UsageError(fmt::format("expected {}, got '{}'", expected, arguments.front()));
  }
  return arguments;
}

/// On standard error. @param name  of the program
inline void tell(const char* name, const Finding& finding) {
  fmt::print(stderr, "{}: {}\n", name, text_of(finding));
}

}  // namespace scalelab
