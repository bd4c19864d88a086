#include "results/text/phrases.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("phrases: a sentence has one mark at its end") {
  CHECK(sentence("it scales") == "it scales.");
  CHECK(sentence("it scales.") == "it scales.");
  CHECK(sentence("was the machine busy?") == "was the machine busy?");
  CHECK(sentence("measure again!") == "measure again!");
  CHECK(sentence("efficiency 75 % (Amdahl)") == "efficiency 75 % (Amdahl).");
}
