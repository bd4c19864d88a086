#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace scalelab {

/// Why a run ends before its work is done.
enum class Stop : int { none, failure, interrupt, terminate, hangup, timeout };

/// The program's exit status: 1, or as a shell gives it after SIGINT, SIGTERM or SIGHUP.
int status_of(Stop why);

/// "SIGTERM or SIGUSR1", "the time of --timeout is over"
std::string name_of(Stop why);

/// How long the tasks in hand may go on once a run has been stopped.
constexpr std::chrono::seconds grace{3};

// A program has one set of signals, so what follows is the program's. Whoever is asked to end by
// SIGTERM, SIGUSR1 (Slurm sends both before a time limit), SIGINT, SIGHUP or --timeout stops by
// itself: workers look at `asked_to_end` between tasks. If a task lasts longer than the grace, the
// program is ended in the middle of it.

/// From now on these signals are heeded. @param speaks  whether this process tells the user
void heed_signals(bool speaks);

/// In a child whose parent decides when it ends: no such signal does anything any more.
void ignore_signals();

/// --timeout, from now. @param seconds  above 0
void limit_time(double seconds);

/// All tasks are done: whoever asks for the end now comes too late, but what is still to be written
/// has the grace only.
void finishing();

/// Since somebody asked for the end, or the run failed. Safe everywhere, also in a signal handler.
bool grace_is_over();

/// Safe and cheap everywhere, also in a signal handler.
Stop asked_to_end();

/// The run has failed by itself: it has the grace to end in order, then the program exits with
/// status 1 and this message.
void end_after_grace(std::string_view message);

}  // namespace scalelab
