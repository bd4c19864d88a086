#include "drivers/common/board/worker_report.hpp"

#include <string>
#include <type_traits>

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("worker report: it can lie in shared memory and travel in a message") {
  CHECK(std::is_trivially_copyable_v<WorkerReport>);
  CHECK(std::is_trivially_copyable_v<WorkerFacts>);
}

TEST_CASE("worker report: a message that is too long is cut, and ends") {
  WorkerReport report;
  CHECK(report.failed_task == WorkerReport::none);
  report.fail(7, "why");
  CHECK((report.failed_task == 7 && std::string(report.message.data()) == "why"));
  const std::string novel(10000, 'x');
  report.fail(8, novel);
  CHECK((report.failed_task == 8 &&
         std::string(report.message.data()) == novel.substr(0, report.message.size() - 1)));
}

TEST_CASE("worker report: each moment is charged to one account") {
  WorkerReport report;
  report.charge(&Times::idle, 1.5);
  report.charge(&Times::compute, 4);
  report.charge(&Times::communication, 3);  // which is over
  report.charge(&Times::communication, 4.25);
  CHECK((report.times.idle == 1.5 && report.times.compute == 2.5));
  CHECK((report.times.communication == 0.25 && report.until == 4.25));
}
