#include "results/record/cpu_list.hpp"

#include <thread>

#include "drivers/common/machine/affinity.hpp"
#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("cpu list: written and read as Linux does") {
  CHECK(cpu_list({}).empty());
  CHECK(cpu_list({5}) == "5");
  CHECK(cpu_list({0, 1, 2, 3, 8}) == "0-3,8");
  CHECK(cpu_list({9, 3, 1, 8, 0, 1}) == "0-1,3,8-9");
  CHECK(cpus_of("0-3,8") == std::vector{0, 1, 2, 3, 8});
  CHECK(cpus_of("7") == std::vector{7});
  for (const char* text : {"", "a", "1-", "-1", "1,,2", "1-2-3", "0-5000000000", "1 2"}) {
    CAPTURE(text);
    CHECK(cpus_of(text).empty());
  }
}

TEST_CASE("cpu list: one of more CPUs than any machine has is counted, and not made") {
  CHECK(count_cpus("0-3,8") == 5);
  CHECK(count_cpus("1,1-2") == 3);
  CHECK(count_cpus("3-1") == 0);
  CHECK(count_cpus("x") == 0);
  CHECK(cpus_of("0-65535").size() == most_cpus);
  CHECK(cpus_of("2000000000-2000000001").size() == 2);
  CHECK(count_cpus("0-2147483646") == 2147483647);
  for (const char* text : {"0-65536", "0-32767,0-32768", "0-2147483646", "0-2147483647"}) {
    CAPTURE(text);
    CHECK(cpus_of(text).empty());
  }
}

TEST_CASE("cpu list: a thread is allowed what it was bound to a moment ago") {
  CHECK(cpus_of_thread().size() == allowed_cpus());
  std::thread([] {
    bind_worker(0);
    CHECK(cpus_of_thread().size() == 1);
  }).join();
  CHECK(cpus_of_thread().size() == allowed_cpus());
}
