// Opens standard input, output and error on /dev/null where whoever started the program had closed
// them, as some daemons do: else the next files to be opened would be them, and what is printed
// would go into a record. Linked into every program, runs before anything of it opens a file.
#include <fcntl.h>
#include <unistd.h>

namespace scalelab {

namespace {

[[gnu::constructor(102)]] void open_standard_streams() {
  for (;;) {
    const int lowest = open("/dev/null", O_RDWR);  // the first number that is free
    if (lowest >= 0 && lowest <= STDERR_FILENO) continue;
    if (lowest > STDERR_FILENO) close(lowest);
    return;
  }
}

}  // namespace

}  // namespace scalelab
