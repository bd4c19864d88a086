// Text that stays text: on a page, and in a shell.
#include "results/report/markup.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "tests/catch.hpp"
#include "tests/results/record/lines.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("markup: text is escaped, and only characters of Unicode are left") {
  CHECK(escaped("a < b & \"c\" > 'd'") == "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  CHECK(escaped("\u00b5s \u20ac \U0001F600") == "\u00b5s \u20ac \U0001F600");
  const std::string bad = "\uFFFD";
  CHECK(escaped(std::string(1, '\0')) == bad);
  CHECK(escaped("\x1b[31m") == bad + "[31m");
  CHECK(escaped("\xe2\x82") == bad + bad);                      // cut off
  CHECK(escaped("\xc0\xaf") == bad + bad);                      // a longer form of "/"
  CHECK(escaped("\xe0\x80\xaf") == bad + bad + bad);            // and a longer one
  CHECK(escaped("\xed\xa0\x80") == bad + bad + bad);            // half a pair of UTF-16
  CHECK(escaped("\xf4\x90\x80\x80") == bad + bad + bad + bad);  // beyond Unicode
  CHECK(escaped("\xef\xbf\xbf") == bad + bad + bad);            // U+FFFF
}

TEST_CASE("markup: a command is read by a shell as it was given") {
  const TestFolder folder;
  for (const std::string word :
       {"plain", "", "two words", "it's", "$HOME `id` \\ \"x\" *", "--a=b;c"}) {
    const std::string file = folder / "word";
    REQUIRE(std::system(fmt::format("printf %s {} > '{}'", shell_word(word), file).c_str()) == 0);
    CHECK(read_file(file) == word);
  }
}
