#include "drivers/common/board/worker_report.hpp"

#include <string>
#include <type_traits>

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("worker report: it can lie in shared memory and travel in a message") {
  CHECK(std::is_trivially_copyable_v<WorkerReport>);
  CHECK(std::is_trivially_copyable_v<WorkerFacts>);
}

TEST_CASE("worker report: a message that is too long is cut, says so, and ends") {
  WorkerReport report;
  CHECK(report.failed_task == WorkerReport::none);
  report.fail(7, "why");
  CHECK((report.failed_task == 7 && std::string(report.message.data()) == "why"));
  const std::string novel(10000, 'x');
  report.fail(8, novel);
  const std::string cut = report.message.data();
  CHECK((report.failed_task == 8 && cut.starts_with(novel.substr(0, 700))));
  CHECK(cut.ends_with("x... (10000 bytes)"));
  report.fail(9, "short");
  CHECK(std::string(report.message.data()) == "short");
}

TEST_CASE("worker report: what a kernel says is one line, whatever is in it") {
  WorkerReport report;
  report.fail(1, std::string("a\0b\nc\x1b[2Jd", 10));
  CHECK(std::string(report.message.data()) == "a\\x00b\\nc\\x1b[2Jd");
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
