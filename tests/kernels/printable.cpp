#include "kernels/printable.hpp"

#include <string>

#include "tests/catch.hpp"

using scalelab::printable;
using scalelab::some_of;

TEST_CASE("printable: what people read stays as it is") {
  for (const char* text : {"", "plain", "500 \u00b5s \u00d7 8",
                           "Z\u00fcrich \u65e5\u672c \U0001F600", "a\\x1b", "'\"`$"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("printable: what would move a cursor, end a line or a text is shown") {
  CHECK(printable("a\x1b[2Jb") == "a\\x1b[2Jb");
  CHECK(printable("one\ntwo\r\n\tthree") == "one\\ntwo\\r\\n\\tthree");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\x7f\a") == "\\x7f\\x07");
  CHECK(printable("\u0085\u009b31m") == "\\u0085\\u009b31m");             // C1
  CHECK(printable("\u2028 \u202e \u2066") == "\\u2028 \\u202e \\u2066");  // turns what follows
  CHECK(printable("\u200a\u2030") == "\u200a\u2030");                     // their neighbours
}

TEST_CASE("printable: bytes that are no UTF-8 are shown, and what follows is read") {
  CHECK(printable("M\xfcnchen") == "M\\xfcnchen");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xe2\x82") == "\\xe2\\x82");           // cut
  CHECK(printable("\xc0\x80") == "\\xc0\\x80");           // too long for a zero
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half of a pair
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(printable("\xff\u00fc") == "\\xff\u00fc");
}

TEST_CASE("printable: a long text is cut between characters, and its length is told") {
  CHECK(printable(std::string(10, 'a'), 10) == "aaaaaaaaaa");
  CHECK(printable(std::string(11, 'a'), 10) == "aaaaaaaaaa... (11 bytes)");
  CHECK(printable("aaaaaaaaa\u00fc", 10) == "aaaaaaaaa... (11 bytes)");
  CHECK(printable("aaaaaaaaa\n", 10) == "aaaaaaaaa... (10 bytes)");
  CHECK(printable(std::string(100000, '\x1b')).size() < 2100);
}

TEST_CASE("printable: of a long text the end can be kept as well, between characters") {
  CHECK(printable("abcdefghij", 10, 3) == "abcdefghij");
  CHECK(printable("abcdefghijk", 10, 3) == "abcd...ijk");
  CHECK(printable("abcdefgh\u00e4ij", 10, 3) == "abcd...ij");
}

TEST_CASE("some_of: a list of names is cut after some") {
  CHECK(some_of({}) == "");
  CHECK(some_of({"a", "b"}) == "a, b");
  CHECK(some_of({"a", "b", "c", "d"}, 2) == "a, b and 2 more");
  CHECK(some_of({"a", "b"}, 2) == "a, b");
  const std::string name(200, 'x');
  CHECK(some_of({name, name, name, name}) == name + ", " + name + " and 2 more");
}
