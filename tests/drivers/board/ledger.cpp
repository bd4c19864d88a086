#include "drivers/common/board/ledger.hpp"

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

struct Marks {
  std::vector<std::uint8_t> marks;
  std::atomic<bool> patchy{false};
  Ledger ledger{marks, patchy};

  explicit Marks(std::vector<std::uint8_t> given) : marks(std::move(given)) {}
};

constexpr std::uint8_t before = Ledger::finished_before;

}  // namespace

TEST_CASE("ledger: a mark for each time that a task was run") {
  Marks all({0, 0, 0, 0, 0});
  all.ledger.mark({1, 4});
  all.ledger.mark({3, 4});
  CHECK(all.marks == std::vector<std::uint8_t>{0, 1, 1, 2, 0});
}

TEST_CASE("ledger: a cleared one knows only what was finished before, and is patchy for that") {
  Marks all({1, 2, 3, 4, 5, 6});
  const std::vector<Range> finished{{0, 2}, {5, 6}};
  all.ledger.clear(finished);
  CHECK(all.marks == std::vector<std::uint8_t>{before, before, 0, 0, 0, before});
  CHECK(all.ledger.patchy());
  all.ledger.clear({});
  CHECK(all.marks == std::vector<std::uint8_t>(6, 0));
  CHECK_FALSE(all.ledger.patchy());
  all.ledger.become_patchy();
  CHECK(all.ledger.patchy());
}

TEST_CASE("ledger: the first tasks in a row without a mark, wherever the marks are") {
  // All patterns of eight tasks, all ranges, against a search task by task.
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    std::vector<std::uint8_t> marks(8);
    for (unsigned task = 0; task < 8; ++task) {
      if ((pattern >> task & 1U) != 0) marks[task] = task % 2 == 0 ? 1 : before;
    }
    Marks all(marks);
    for (std::size_t first = 0; first <= 8; ++first) {
      for (std::size_t last = first; last <= 8; ++last) {
        for (const std::size_t most : {1UL, 3UL, 100UL}) {
          std::size_t begin = first;
          while (begin < last && marks[begin] != 0) ++begin;
          std::size_t end = begin;
          while (end < last && end - begin < most && marks[end] == 0) ++end;
          REQUIRE(all.ledger.unmarked({first, last}, most) == Range{begin, end});
        }
      }
    }
  }
}

TEST_CASE("ledger: its gap is the first task without a mark") {
  for (std::size_t task = 0; task < 4; ++task) {
    Marks all({1, before, 1, 1});
    CHECK_FALSE(all.ledger.gap().has_value());
    all.marks[task] = 0;
    all.marks[3] = 0;
    CHECK(all.ledger.gap() == std::optional(task));
  }
}
