#include "drivers/processes/costs.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <stdexcept>
#include <system_error>

#include "drivers/common/machine/machine.hpp"
#include "drivers/common/run/measure_cost.hpp"

namespace scalelab {

namespace {

constexpr std::uint64_t resident_bytes = std::uint64_t{1} << 30;

void go_round(std::vector<Child>& children) {
  for (Child& child : children) {
    if (!child.start(Line::answer)) throw std::runtime_error("a worker died: " + child.bury());
  }
  for (Child& child : children) {
    if (!child.hear()) throw std::runtime_error("a worker died: " + child.bury());
  }
}

/// The child tells what it sees of the memory, or a compiler might leave that out.
void fork_and_reap(const std::vector<unsigned char>& memory) {
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) _exit(memory.back());
  int status = 0;
  if (retry_when_interrupted([&] { return waitpid(pid, &status, 0); }) != pid) {
    throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != memory.back()) {
    throw std::runtime_error("a forked process did not end as it should");
  }
}

Cost cost_of_fork(std::uint64_t resident) {
  const std::vector<unsigned char> memory(resident + 1, 7);
  return measure_cost("fork", resident, [&](std::size_t count) {
    return time_calls(count, [&] { fork_and_reap(memory); });
  });
}

}  // namespace

std::vector<Cost> costs_of(std::vector<Child>& children) {
  std::vector<Cost> costs;
  costs.push_back(measure_cost("round", 0, [&](std::size_t count) {
    return time_calls(count, [&] { go_round(children); });
  }));
  costs.push_back(cost_of_fork(0));
  if (read_machine().available_bytes.value_or(0) >= 4 * resident_bytes) {
    costs.push_back(cost_of_fork(resident_bytes));
  }
  return costs;
}

}  // namespace scalelab
