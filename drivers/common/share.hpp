#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>

#include "drivers/common/command_line.hpp"
#include "drivers/common/driver.hpp"
#include "kernels/data_set.hpp"

namespace scalelab {

/// Thrown in the processes that do not report, when the one that does has failed: end in silence.
class Stopped : public std::exception {};

/// Collective. What the reporter holds is copied to the others.
void share(Driver& driver, std::string& text);
void share(Driver& driver, Request& request);
void share(Driver& driver, DataSet& data);

/// Collective. Does something on the reporter only. If that fails, everybody throws: the reporter
/// what went wrong, the others Stopped.
template <class Action>
void on_reporter(Driver& driver, const Action& action) {
  std::exception_ptr error;
  if (driver.reports()) {
    try {
      action();
    } catch (...) {
      error = std::current_exception();
    }
  }
  bool failed = error != nullptr;
  driver.broadcast(std::as_writable_bytes(std::span(&failed, 1)));
  if (error) std::rethrow_exception(error);
  if (failed) throw Stopped();
}

}  // namespace scalelab
