#pragma once

#include <string>

namespace scalelab {

/// The run has come to an end before its work was done, and all processes of the driver know it.
struct Ended {
  int status;            ///< exit status
  std::string message;   ///< for the user; empty where another process prints it
  bool stopped = false;  ///< by somebody outside, in the middle of its work
};

/// Of the exception that is being handled: its message.
std::string what_is_thrown();

}  // namespace scalelab
