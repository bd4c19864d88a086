#pragma once

#include <string>
#include <vector>

namespace scalelab {

// Variables of the environment by which OpenMP libraries choose where threads run and how many
// there are: OMP_PROC_BIND, OMP_PLACES, GOMP_CPU_AFFINITY, KMP_AFFINITY, OMP_NUM_THREADS. Sites set
// them for other programs. Here all drivers bind alike (--bind) and have as many workers as they
// are told (--workers), so these are taken out of the environment before any library sees it. It
// must be as early as that: GCC's OpenMP narrows the CPUs of the first thread, those that workers
// are bound to, when it is loaded, long before `main`.

/// Those that were taken out, as in "OMP_PLACES=cores", sorted.
std::vector<std::string> openmp_variables_taken_out();

/// That they are not obeyed, in one sentence; empty: nobody would have expected it.
/// @param variables  as above
/// @param of_number  whether those would have mattered that say how many threads there are
/// @param of_places  and those that say where they run: not for one worker alone, nor where the kit
///                   binds them itself
std::string note_on_openmp_variables(const std::vector<std::string>& variables, bool of_number,
                                     bool of_places);

}  // namespace scalelab
