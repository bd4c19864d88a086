#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// As Linux writes CPUs: {0, 1, 2, 3, 8} is "0-3,8". @param cpus  in any order
std::string cpu_list(const std::vector<int>& cpus);

/// The other way round. Empty if it is no such list.
std::vector<int> cpus_of(std::string_view list);

}  // namespace scalelab
