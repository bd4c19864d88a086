// The driver mpi for many runs: to start ranks takes longer than most runs of a test do, so here
// the same ranks make one run after the other. Started by the launcher as if it were the driver,
// with one argument: a file that has the options of a run on each line, quoted as in a shell.
// Behind what each run prints there is a line with its exit status, on standard output and on
// standard error.
#include <fmt/format.h>
#include <sched.h>

#include <boost/program_options/parsers.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "drivers/common/run/driver_main.hpp"
#include "drivers/mpi/communicator.hpp"
#include "drivers/mpi/driver.hpp"
#include "drivers/mpi/launcher.hpp"
#include "drivers/mpi/world.hpp"

namespace scalelab::mpi {

namespace {

int run(char* program, const std::string& line, double init_seconds) {
  std::vector<std::string> words = boost::program_options::split_unix(line);
  std::vector<char*> arguments{program};
  for (std::string& word : words) arguments.push_back(word.data());
  const int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  MpiWorld world(init_seconds);
  const std::unique_ptr<Driver> driver = make_driver(world);
  return driver_main(count, arguments.data(), *driver);
}

void mark_end(int status) {
  const std::string mark = fmt::format("scalelab: warning: end of run {}\n", status);
  for (std::FILE* stream : {stdout, stderr}) {
    std::fputs(mark.c_str(), stream);
    std::fflush(stream);
  }
}

}  // namespace

}  // namespace scalelab::mpi

int main(int argc, char** argv) {
  using namespace scalelab::mpi;
  end_with_launcher(announcement());
  int provided = MPI_THREAD_SINGLE;
  const auto begin = std::chrono::steady_clock::now();
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  const std::chrono::duration<double> init = std::chrono::steady_clock::now() - begin;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::ifstream runs(argv[1]);
  for (std::string line; std::getline(runs, line);) {
    sched_setaffinity(0, sizeof allowed, &allowed);  // the run before may have bound this thread
    const int status = run(argv[0], line, init.count());
    std::fflush(nullptr);
    // A rank that does not agree with the others would be seen by nobody. When all have spoken:
    int least_and_most[] = {status, -status};
    MPI_Allreduce(MPI_IN_PLACE, least_and_most, 2, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (least_and_most[0] != -least_and_most[1]) MPI_Abort(MPI_COMM_WORLD, 1);
    if (rank == 0) mark_end(status);
  }
  leave_status(0);
  MPI_Finalize();
  return 0;
}
