#pragma once

#include <vector>

#include "drivers/processes/child.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// What processes cost: `round`, in which the parent says a word to all children and hears from all
/// (their barrier); `fork`, of a child that ends at once and is reaped; and the same with so many
/// bytes resident, whose page tables are copied, unless the machine has little memory.
/// @param children  idle
/// @throws std::runtime_error if one of them has died
std::vector<Cost> costs_of(std::vector<Child>& children);

}  // namespace scalelab
