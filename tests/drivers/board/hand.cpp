#include "drivers/common/board/hand.hpp"

#include <cstdint>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("hand: one that runs nothing needs no mending") {
  Hand hand;
  const std::vector<std::uint8_t> marks(10, 0);
  CHECK_FALSE(hand.mend(marks).has_value());
  hand.begin({3, 6}, 2);
  hand.finish(5);
  CHECK_FALSE(hand.mend(marks).has_value());
  CHECK((hand.done == 5 && !hand.running));
}

TEST_CASE("hand: what was marked before a death is done, the rest is in hand") {
  // Tasks 3, 4 and 5, of which the first `marked` were marked, after two others.
  for (std::uint8_t marked = 0; marked <= 3; ++marked) {
    CAPTURE(+marked);
    Hand hand;
    std::vector<std::uint8_t> marks(10, 1);
    for (std::size_t task = 3U + marked; task < 6; ++task) marks[task] = 0;
    hand.begin({3, 6}, 2);
    const auto in_hand = hand.mend(marks);
    CHECK((hand.done == 2U + marked && !hand.running));
    if (marked < 3) {
      CHECK(in_hand == std::optional(Range{3U + marked, 6}));
    } else {
      CHECK_FALSE(in_hand.has_value());
    }
    CHECK_FALSE(hand.mend(marks).has_value());  // it may happen twice
    CHECK(hand.done == 2U + marked);
  }
}

TEST_CASE("hand: a cleared one has nothing") {
  Hand hand;
  hand.chunk = 7;
  hand.begin({3, 6}, 2);
  hand.done = 4;
  hand.clear();
  CHECK((hand.chunk == 0 && hand.done == 0 && !hand.running));
}
