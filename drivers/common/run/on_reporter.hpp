#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/driver.hpp"
#include "drivers/common/run/command_line.hpp"
#include "drivers/common/work/worker.hpp"
#include "kernels/data_set.hpp"

namespace scalelab {

/// The run has failed, and all processes of the driver know it.
struct Ended {
  int status;            ///< exit status
  std::string message;   ///< for the user; empty where another process prints it
  bool stopped = false;  ///< by somebody outside, in the middle of its work
};

/// Collective. What the reporter holds is copied to the others.
void share(Driver& driver, std::string& text);
void share(Driver& driver, Request& request);
void share(Driver& driver, std::vector<Range>& ranges);
/// The values lie in memory as few times as the driver can.
/// @returns how many times that is, all machines together
std::size_t share(Driver& driver, DataSet& data);

/// Collective. Does something on the reporter only. @throws Ended everywhere if that fails
template <class Action>
void on_reporter(Driver& driver, const Action& action) {
  Ended end{0, "", false};
  if (driver.reports()) {
    try {
      action();
    } catch (const Ended& ended) {
      end = ended;
    } catch (const UsageError& error) {
      end = {2, error.what(), false};
    } catch (...) {
      end = {1, what_is_thrown(), false};
    }
  }
  driver.broadcast(std::as_writable_bytes(std::span(&end.status, 1)));
  if (end.status != 0) throw end;
}

}  // namespace scalelab
