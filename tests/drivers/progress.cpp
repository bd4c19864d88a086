#include "drivers/common/progress.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "drivers/common/doubts.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

namespace {

std::string line(std::uint64_t done, std::size_t tasks, double seconds, std::size_t columns = 200) {
  return progress_line({{"alpha", done}}, tasks, seconds, columns);
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// A worker as the system saw it.
struct Seen {
  const char* host;
  int core;  ///< -1: not bound
  unsigned cores;
  std::uint64_t mask = 1;
};

using Doubts = std::vector<std::string>;

Doubts doubts(const std::vector<Seen>& workers, bool bound, bool waits = false) {
  const auto board = Board::on_heap({10, 1, workers.size(), {}});
  for (std::size_t w = 0; w < workers.size(); ++w) {
    WorkerReport& report = board->report(w);
    WorkerFacts& self = report.self;
    std::strncpy(self.host.data(), workers[w].host, self.host.size() - 1);
    self.core = workers[w].core;
    self.cores = workers[w].cores;
    self.mask = workers[w].mask;
  }
  KernelDescription kernel{.name = "", .summary = "", .options = {}, .make = nullptr};
  kernel.waits = waits;
  return doubts_about_run(kernel, *board, bound);
}

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

TEST_CASE("doubts: enough cores for all raise none") {
  CHECK(doubts({{"a", -1, 2}}, true).empty());
  CHECK(doubts({{"a", -1, 2}, {"a", -1, 2}}, false).empty());
  CHECK(doubts({{"a", 0, 2}, {"a", 1, 2}}, true).empty());
  CHECK(doubts({{"a", 0, 2}, {"a", 1, 2}, {"b", 0, 2}, {"b", 1, 2}}, true).empty());
}

TEST_CASE("doubts: more workers than cores, on that machine") {
  const Seen a{"alpha", -1, 2};
  const Seen b{"beta", -1, 1};
  CHECK(doubts({a, a, a}, false) ==
        Doubts{"3 workers share 2 cores of alpha: no more can compute at a time"});
  CHECK(doubts({a, a, b, b}, false) ==
        Doubts{"2 workers share 1 core of beta: no more can compute at a time"});
  CHECK(doubts({a, a, a}, true).size() == 1);  // that they are not bound is no wonder
  CHECK(doubts({a, a, a, b, b}, false).size() == 2);
}

TEST_CASE("doubts: several workers on one core, though there are others") {
  CHECK(doubts({{"a", 3, 4}, {"a", 1, 4}, {"a", 3, 4}}, true) ==
        Doubts{"2 workers are bound to core 3 of a"});
  CHECK(doubts({{"a", 3, 4}, {"b", 3, 4}}, true).empty());  // of two machines
  CHECK(doubts({{"a", 0, 2}, {"a", 1, 2}, {"a", 0, 2}}, true) ==
        Doubts{"2 workers are bound to core 0 of a"});
}

TEST_CASE("doubts: workers that should be bound and are not") {
  const Seen free{"a", -1, 4};
  CHECK(doubts({free, free}, true) ==
        Doubts{"not bound to a core: 2 of 2 workers on a (--bind cores)"});
  CHECK(doubts({free, free}, false).empty());
  CHECK(doubts({free, {"a", 2, 4}}, true).size() == 1);
}

TEST_CASE("doubts: those who only wait need no core of their own") {
  const Seen a{"a", -1, 1};
  CHECK(doubts({a, a, a}, true, true).empty());
  CHECK(doubts({{"a", 0, 1}, {"a", 0, 1}}, true, true).empty());
}
