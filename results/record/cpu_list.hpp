#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// As Linux writes CPUs: {0, 1, 2, 3, 8} is "0-3,8". @param cpus  in any order
std::string cpu_list(const std::vector<int>& cpus);

/// More than any machine has: a mistyped list shall not fill the memory.
constexpr std::uint64_t most_cpus = 1 << 16;
constexpr std::size_t longest_cpu_list = 1 << 16;  // [bytes], of every second of 8192

/// How many CPUs a list names, one that it names twice twice; 0: it is no such list.
std::uint64_t count_cpus(std::string_view list);

/// The CPUs of a list. Empty if it is no such list, or names more than `most_cpus`.
std::vector<int> cpus_of(std::string_view list);

}  // namespace scalelab
