#pragma once

#include <string>
#include <vector>

namespace scalelab {

// What `lab run` tells the driver that it starts, in the environment. Without it there is nothing.

/// What it doubts, as in "12 workers on 6 cores", to be told among the driver's own warnings.
std::vector<std::string> launch_warnings();

/// How each earlier start of this run has ended, as in "rank 2 on n1 was killed by signal 9".
std::vector<std::string> earlier_ends();

/// Whether the journal is one that it has made, and removes: nobody could resume it.
bool journal_is_temporary();

}  // namespace scalelab
