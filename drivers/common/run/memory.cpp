#include "drivers/common/run/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "drivers/common/board/board.hpp"

namespace scalelab {

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

// Or `most`, where that is too large for a number.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > most - b ? most : a + b; }
std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  return b > 0 && a > most / b ? most : a * b;
}

std::uint64_t workspaces_of(const MemoryNeed& need) {
  return sum(product(need.workspace, need.workers), need.largest);
}

/// " (--rows, --features)"
std::string named(const std::vector<std::string>& options) {
  if (options.empty()) return "";
  return fmt::format(" (--{})", fmt::join(options, ", --"));
}

std::string gigabytes(std::uint64_t bytes) {
  const double count = static_cast<double>(bytes) * 1e-9;
  return count < 1000 ? fmt::format("{:.3g} GB", count) : fmt::format("{:.0f} GB", count);
}

std::string in_copies(std::size_t copies) {
  return copies == 1 ? "" : fmt::format(" in {} copies", copies);
}

/// What would help where a single copy would do.
std::string instead_of(std::size_t copies) {
  return copies == 1 ? "" : ", or more room in /dev/shm, which ranks could share,";
}

}  // namespace

MemoryLeft left_on(const Machine& machine) {
  MemoryLeft left{machine.available_bytes ? machine.available_bytes : machine.memory_bytes, ""};
  if (left.bytes) left.whose = fmt::format("{} has {} left", machine.host, gigabytes(*left.bytes));
  return left;
}

MemoryLeft left_to_a_process(const std::optional<std::uint64_t>& address_space) {
  MemoryLeft left{address_space, ""};
  if (left.bytes) {
    left.whose =
        fmt::format("a process may have {} more (ulimit -v, ulimit -d)", gigabytes(*left.bytes));
  }
  return left;
}

std::uint64_t board_bytes(const BoardShape& shape) {
  const std::uint64_t values = product(product(shape.tasks, shape.width), sizeof(double));
  // The board counts no further than memory can be addressed, and needs not: values are enough.
  return values > most / 4 ? values : Board::bytes(shape);
}

MemoryNeed memory_need(const Kernel& kernel, std::uint64_t data_bytes, const BoardShape& shape,
                       std::size_t workers_here, const Copies& copies) {
  return {
      .data = product(data_bytes, copies.data),
      .values = product(board_bytes(shape), copies.values),
      .workspace = kernel.workspace_bytes(),
      .workers = workers_here,
      .largest = kernel.largest_task_bytes(),
      .copies = copies,
  };
}

std::uint64_t total(const MemoryNeed& need) {
  return std::max(need.loading, sum(sum(need.data, need.values), workspaces_of(need)));
}

std::string lack_of_memory(const MemoryNeed& need, const MemoryLeft& left) {
  if (!left.bytes || total(need) <= *left.bytes) return "";
  // What takes most comes first, and something of that would help.
  struct Part {
    std::uint64_t bytes;
    std::string text;
    std::string help;
  };
  const std::string sizes = named(need.size_options);
  std::vector<Part> parts;
  if (total(need) == need.loading) {
    parts.push_back(
        {need.loading, "loading its data " + gigabytes(need.loading), "less data" + sizes});
  } else {
    parts.push_back({need.data, "its data " + gigabytes(need.data) + in_copies(need.copies.data),
                     "less data" + sizes + instead_of(need.copies.data)});
    parts.push_back({need.values,
                     "its values " + gigabytes(need.values) + in_copies(need.copies.values),
                     "fewer tasks (--tasks)" + instead_of(need.copies.values)});
    // A single worker may meet the largest task; of many, one more or less is no other number.
    const std::uint64_t each =
        need.workers == 1 ? sum(need.workspace, need.largest) : need.workspace;
    parts.push_back(
        {workspaces_of(need),
         fmt::format("{} workspace{} of {}", need.workers, need.workers == 1 ? "" : "s",
                     gigabytes(each)),
         (need.workers > 1 ? "fewer workers on a machine (--workers; for mpi ranks), or "
                             "smaller workspaces"
                           : "a smaller workspace") +
             sizes});
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Part& a, const Part& b) { return a.bytes > b.bytes; });
  }
  std::string list;
  for (const Part& part : parts) {
    if (part.bytes < total(need) / 100) continue;  // saving it would not help
    list += (list.empty() ? "" : ", ") + part.text;
  }
  return fmt::format("the run would need {} of memory ({}), and {}: {} would help",
                     gigabytes(total(need)), list, left.whose, parts.front().help);
}

void require_memory(const MemoryNeed& need, const MemoryLeft& left) {
  const std::string lack = lack_of_memory(need, left);
  if (!lack.empty()) throw std::runtime_error(lack);
}

std::string warning_about_memory(const MemoryNeed& need, const Machine& machine) {
  const auto left = left_on(machine).bytes;
  const std::uint64_t needed = total(need);
  if (!left || needed > *left || needed < *left - *left / 5) return "";
  return fmt::format(
      "the run needs {} of the {} of memory that {} has left: if others take more meanwhile, the "
      "system may end it",
      gigabytes(needed), gigabytes(*left), machine.host);
}

}  // namespace scalelab
