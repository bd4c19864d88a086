#include "drivers/common/output/progress.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

std::string line(std::uint64_t done, std::size_t tasks, double seconds, std::size_t columns = 200) {
  return progress_line({{"alpha", done}}, tasks, seconds, columns);
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

}  // namespace

TEST_CASE("progress: what is done, how fast, and how long it will take") {
  CHECK(line(0, 1000, 0) == "  0 %  0 of 1000 tasks");
  CHECK(line(0, 1000, 5) == "  0 %  0 of 1000 tasks");
  CHECK(line(250, 1000, 10) == " 25 %  250 of 1000 tasks, 25/s, 30 s left");
  CHECK(line(1000, 1000, 10) == "100 %  1000 of 1000 tasks, 100/s, 0 s left");
  CHECK(line(10, 1000, 10) == "  1 %  10 of 1000 tasks, 1/s, 16 min left");       // 990 s
  CHECK(line(10, 100'000, 10) == "  0 %  10 of 100000 tasks, 1/s, 27.8 h left");  // 99,990 s
}

TEST_CASE("progress: 100 % is said when all is done, not before") {
  for (const std::uint64_t tasks : {7UL, 1000UL, 12'345'678UL}) {
    CHECK(starts(line(tasks, tasks, 1), "100 %"));
    CHECK(starts(line(tasks - 1, tasks, 1), tasks == 7 ? " 85 %" : " 99 %"));
  }
  for (std::uint64_t done = 0; done <= 100; ++done) {
    const std::string number = std::to_string(done);
    CHECK(starts(line(done, 100, 1), std::string(3 - number.size(), ' ') + number + " %"));
  }
}

TEST_CASE("progress: several nodes are told apart, one is not named") {
  CHECK(line(5, 10, 1).find("alpha") == std::string::npos);
  CHECK(progress_line({{"alpha", 30}, {"beta", 20}}, 200, 5, 200) ==
        " 25 %  50 of 200 tasks, 10/s, 15 s left  alpha 30  beta 20");
}

TEST_CASE("progress: the line fits the terminal, and its beginning is what stays") {
  const std::vector<Driver::NodeProgress> nodes(20, {"a-host-with-a-long-name", 50});
  const std::string whole = progress_line(nodes, 2000, 5, 10'000);
  REQUIRE(whole.size() > 200);
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    REQUIRE(progress_line(nodes, 2000, 5, columns) == whole.substr(0, columns));
  }
}
