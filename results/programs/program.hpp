#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "kernels/options.hpp"
#include "kernels/printable.hpp"
#include "results/record/read_records.hpp"
#include "results/text/flush.hpp"

namespace scalelab {

// What the programs of this room have in common: how they end, and what they say of their input.

/// A line on standard error, whatever is in the text. Never throws: where it cannot be written,
/// nobody is there to be told. @param name  of the program
inline void complain(const char* name, const std::string& text) noexcept {
  try {
    const std::string line = fmt::format("{}: {}\n", name, printable(text));
    std::fwrite(line.data(), 1, line.size(), stderr);
  } catch (...) {
    std::fprintf(stderr, "%s: memory ran out\n", name);
  }
}

/// Runs a program. What it throws becomes one line on standard error. @param name  of the program
/// @param body    returns the exit status; for wrong usage it throws UsageError: 2
/// @param failed  the exit status of all other errors, lost output included
template <typename Body>
int run_program(const char* name, const Body& body, int failed = 1) {
  try {
    const int status = body();
    flush_output();
    return status;
  } catch (const UsageError& error) {
    complain(name, error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    complain(name,
             "memory ran out: expected less to read, or more memory (ulimit -v, a container)");
    return failed;
  } catch (const std::exception& error) {
    complain(name, error.what());
    return failed;
  }
}

inline bool asks_for_help(const std::string& argument) {
  return argument == "--help" || argument == "-h";
}

/// The paths of a command line without options. @param expected  "files of records"
/// @throws UsageError if there are none, or an option
inline std::vector<std::string> paths_in(const std::vector<std::string>& arguments,
                                         const std::string& expected) {
  if (arguments.empty()) throw UsageError("expected " + expected);
  if (arguments.front().starts_with("--") || asks_for_help(arguments.front())) {
    throw UsageError(fmt::format("expected {}, got '{}'", expected, arguments.front()));
  }
  return arguments;
}

/// On standard error. @param name  of the program
inline void tell(const char* name, const Finding& finding) { complain(name, text_of(finding)); }

}  // namespace scalelab
