#include "kernels/printable.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE(
    "printable: nothing that acts on a terminal, a line or the direction of writing is left") {
  CHECK(printable("a\x1b[31m\n\t\x7f", 99) == "a?[31m???");
  CHECK(printable(std::string_view("a\0b", 3), 99) == "a?b");
  CHECK(printable("\xC2\x9B\x9B\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\xA8", 99) == "?????");
}

TEST_CASE(
    "printable: letters of any language stay, and bytes of no UTF-8 above the control characters") {
  const std::string text = "\xC3\xA4 \xE6\xB8\xA9 \xF0\x9F\x98\x80 \xE4";
  CHECK(printable(text, 99) == text);
}

TEST_CASE("printable: what is too long is cut, between two characters") {
  CHECK(printable("abcdefghij", 10) == "abcdefghij");
  CHECK(printable("abcdefghijk", 10) == "abcdefg...");
  CHECK(printable("abcdefghijk", 10, 3) == "abcd...ijk");
  CHECK(printable("abcdef\xC3\xA4ghijk", 10) == "abcdef...");
  CHECK(printable("abcdefgh\xC3\xA4ij", 10, 3) == "abcd...ij");
  CHECK(printable(std::string(100'000, '\x1b'), 10) == "???????...");
}

TEST_CASE("some_of: a list of names is cut after some") {
  CHECK(some_of({}) == "");
  CHECK(some_of({"a", "b"}) == "a, b");
  CHECK(some_of({"a", "b", "c", "d"}, 2) == "a, b and 2 more");
  CHECK(some_of({"a", "b"}, 2) == "a, b");
  const std::string name(200, 'x');
  CHECK(some_of({name, name, name, name}) == name + ", " + name + " and 2 more");
}
