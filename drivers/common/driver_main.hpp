#pragma once

#include "drivers/common/driver.hpp"

namespace scalelab {

/// The whole program around a driver: options, data, kernel, warm-up, repetitions, timing, checks,
/// output and errors. Collective: every process of the driver calls it.
/// @returns the exit status: 0, 2 for wrong usage, 1 for a failure while running; processes that do
///          not report return 0. Prints one line for an error.
int driver_main(int argc, char** argv, Driver& driver);

}  // namespace scalelab
