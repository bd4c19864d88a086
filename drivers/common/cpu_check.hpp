#pragma once

namespace scalelab {

/// Ends the program with one line and exit status 1 if this machine's processor lacks instructions
/// that the kit was compiled for; else that would be a SIGILL somewhere. Runs by itself before any
/// other code of the program; a call only makes sure that it is linked.
void require_cpu();

}  // namespace scalelab
