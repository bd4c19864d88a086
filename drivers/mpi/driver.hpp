#pragma once

#include <memory>

#include "drivers/common/driver.hpp"
#include "drivers/mpi/world.hpp"

namespace scalelab::mpi {

/// The driver of these ranks, one in each of them. Ended before its world is.
std::unique_ptr<Driver> make_driver(MpiWorld& world);

}  // namespace scalelab::mpi
