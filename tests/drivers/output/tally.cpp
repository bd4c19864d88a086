#include "drivers/common/output/tally.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// Of two workers, of which the first computes for so long and the other for half of it.
Repetition repetition(double seconds) {
  Repetition one;
  one.seconds = seconds;
  one.digest = "cbf29ce484222325";
  one.workers.compute_seconds = {seconds, seconds / 2};
  return one;
}

}  // namespace

TEST_CASE("tally: what a report leaves out is not in the times that count, but among all") {
  Tally tally;
  Repetition warmup = repetition(9);
  warmup.warmup = true;
  Repetition retried = repetition(7);
  retried.retries = 2;
  Repetition resumed = repetition(1);
  resumed.resumed_tasks = 3;
  Repetition stopped = repetition(60);
  stopped.stopped_seconds = 56;
  stopped.number = 4;
  Repetition suspended = repetition(4.5);
  suspended.suspended_seconds = 3600;
  suspended.number = 5;
  for (const Repetition& each :
       {warmup, repetition(4), retried, resumed, stopped, suspended, repetition(5)}) {
    tally.add(each);
  }
  CHECK(tally.count() == 7);
  CHECK(tally.seconds() == std::vector<double>{4, 7, 1, 60, 4.5, 5});
  CHECK(tally.counted_seconds() == std::vector<double>{4, 5});
  CHECK(tally.balances() == std::vector<double>{0.75, 0.75});
  CHECK(tally.retried() == 1);
  CHECK(tally.retries() == 2);
  CHECK(tally.interrupted() == std::vector<std::uint64_t>{4, 5});
  CHECK(tally.longest_interruption() == 3600);
  CHECK(tally.times().compute == 1.5 * (4 + 7 + 1 + 5));
}

TEST_CASE("tally: where all repetitions go on from a journal, their times are all there is") {
  Tally tally;
  for (const double seconds : {2.0, 3.0}) {
    Repetition resumed = repetition(seconds);
    resumed.resumed_tasks = 3;
    tally.add(resumed);
  }
  CHECK(tally.counted_seconds() == std::vector<double>{2, 3});
  CHECK(tally.balances().empty());
}
