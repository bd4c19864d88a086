#include "drivers/common/run/common_options.hpp"

namespace scalelab {

const std::vector<Option>& common_options() {
  static const std::vector<Option> options = {
      {"kernel", "", "what to compute, see --list-kernels"},
      {"tasks", "1000", "number of tasks in all (strong scaling)"},
      {"tasks-per-worker", "", "or: number of tasks for each worker (weak scaling)"},
      {"seed", "1", "of all random numbers"},
      {"workers", "", "threads or processes [cores]; for mpi the ranks decide"},
      {"schedule", "static", "static (known before), dynamic, guided"},
      {"chunk", "", "tasks handed out at once (dynamic: 1; guided: at least 1)"},
      {"bind", "none", "cores (each worker to one of its own) or none"},
      {"repetitions", "10", "measured repetitions; or auto:2%, auto:2%:500"},
      {"warmup", "1", "repetitions before them"},
      {"timeout", "", "end after so many seconds (or 90s, 500ms)"},
      {"journal", "", "keep what is finished in this folder (1 repetition)"},
      {"resume", "no", "go on from the journal instead of starting anew", Option::Kind::flag},
      {"record", "", "append what was measured to this .jsonl file or folder"},
      {"costs", "no", "then measure the driver's own costs: barriers, messages",
       Option::Kind::flag},
      {"no-accounting", "no", "workers do not measure where their time goes", Option::Kind::flag},
      {"trace", "", "write who ran what when to this file (for ui.perfetto.dev)"},
      {"progress", "no", "on a terminal: show how far it is", Option::Kind::flag},
      {"values", "", "write what was computed to this CSV file (-: print it)"},
      {"config", "", "read options from this file: name=value, flag=yes", Option::Kind::file},
      {"json", "no", "print what --record writes, one JSON object a line", Option::Kind::flag},
      {"quiet", "no", "print nothing but errors", Option::Kind::flag},
      {"dry-run", "no", "resolve the options and print them, compute nothing", Option::Kind::flag},
      {"list-kernels", "no", "print the kernels, one a line", Option::Kind::flag},
      {"help", "no", "with --kernel NAME: its own options too", Option::Kind::flag},
      {"version", "no", "print the version", Option::Kind::flag},
  };
  return options;
}

}  // namespace scalelab
