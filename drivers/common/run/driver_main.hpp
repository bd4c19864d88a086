#pragma once

#include "drivers/common/driver.hpp"

namespace scalelab {

/// The whole program around a driver: options, data, kernel, warm-up, repetitions, timing, checks,
/// output and errors. Collective: every process of the driver calls it.
/// Prints one line for an error.
/// @returns the exit status: 0, 2 for wrong usage, 1 for a failure while running
int driver_main(int argc, char** argv, Driver& driver);

}  // namespace scalelab
