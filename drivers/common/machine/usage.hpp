#pragma once

#include "drivers/common/work/times.hpp"

namespace scalelab {

/// Of the calling thread, since it began; migrations are not in it. All zero where the system does
/// not tell.
Usage thread_usage();

/// The CPU that the calling thread runs on; -1 where the system does not tell. Some ns.
int current_cpu();

}  // namespace scalelab
