#include "results/text/units.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("units: times and sizes have three digits in the unit that fits") {
  CHECK(text_of_seconds(35.21e-9) == "35.2 ns");
  CHECK(text_of_seconds(0.5e-9) == "0.5 ns");
  CHECK(text_of_seconds(999.4e-9) == "999 ns");
  CHECK(text_of_seconds(999.6e-9) == "1 µs");
  CHECK(text_of_seconds(1.2345e-6) == "1.23 µs");
  CHECK(text_of_seconds(999.6e-6) == "1 ms");
  CHECK(text_of_seconds(0.25) == "250 ms");
  CHECK(text_of_seconds(12.5) == "12.5 s");
  CHECK(text_of_seconds(4321) == "4321 s");
  CHECK(text_of_bytes(8) == "8 B");
  CHECK(text_of_bytes(512) == "512 B");
  CHECK(text_of_bytes(4096) == "4 KiB");
  CHECK(text_of_bytes(std::uint64_t{1} << 24) == "16 MiB");
  CHECK(text_of_bytes(std::uint64_t{3} << 29) == "1.5 GiB");
}

TEST_CASE("units: times of tasks have as many digits as were asked for, zeros too") {
  CHECK(text_of_task_time(75.72e-9) == "75.7 ns");
  CHECK(text_of_task_time(999.6e-9) == "1.00 µs");
  CHECK(text_of_task_time(1.456e-6) == "1.46 µs");
  CHECK(text_of_task_time(12.34e-6, 2) == "12 µs");
  CHECK(text_of_task_time(0.0213) == "21.3 ms");
  CHECK(text_of_task_time(1.5) == "1.50 s");
}

TEST_CASE("units: the unit of an interval stands once, if both ends have it") {
  CHECK(text_of_interval("105 ns", "131 ns") == "105 .. 131 ns");
  CHECK(text_of_interval("980 ns", "1.05 µs") == "980 ns .. 1.05 µs");
  CHECK(text_of_interval("1.05 µs", ">19 µs") == "1.05 .. >19 µs");
  CHECK(text_of_interval("1 µs", "1 s") == "1 µs .. 1 s");
}

TEST_CASE("units: an interval of times has its unit once, and a mark where it is of few") {
  CHECK(text_of_interval(Median{9.4e-3, 9.31e-3, 9.42e-3, true}) == "9.31 .. 9.42 ms");
  CHECK(text_of_interval(Median{1e-3, 985e-6, 1.02e-3, false}) == "985 µs .. 1.02 ms*");
}
