#include "drivers/common/board/gate.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/catch.hpp"

using namespace scalelab;

TEST_CASE("gate: the first reason to stop counts, until it is reset") {
  Gate gate;
  CHECK((!gate.stopped() && gate.why_stopped() == Stop::none));
  gate.stop(Stop::terminate);
  gate.stop(Stop::failure);
  CHECK((gate.stopped() && gate.why_stopped() == Stop::terminate));
  gate.reset();
  CHECK((!gate.stopped() && gate.why_stopped() == Stop::none));
  gate.stop(Stop::failure);
  gate.stop(Stop::terminate);
  CHECK(gate.why_stopped() == Stop::failure);
}

TEST_CASE("gate: nobody passes before it is released") {
  Gate gate;
  gate.reset();
  std::atomic<bool> released{false};
  std::atomic<bool> too_early{false};
  std::thread worker([&] {
    gate.await_release();
    too_early = !released;
    gate.leave();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(gate.left() == 0);
  released = true;
  gate.release();
  worker.join();
  CHECK((!too_early && gate.left() == 1));
  gate.reset();
  CHECK(gate.left() == 0);
}

TEST_CASE("gate: it opens with what came of the serial part") {
  Gate gate;
  CHECK_FALSE(gate.is_open());
  std::thread worker0([&] { gate.open(42); });
  while (!gate.is_open()) std::this_thread::yield();
  CHECK(gate.serial_value() == 42);
  worker0.join();
  gate.reset();
  CHECK_FALSE(gate.is_open());
}

TEST_CASE("gate: its clock tells the seconds of the steady clock since it was started") {
  Gate gate;
  const auto before = std::chrono::steady_clock::now();
  gate.start_clock();
  const auto after = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto since = [](auto begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double least = since(after);
  const double told = gate.seconds();
  CHECK((told >= least - 1e-9 && told <= since(before) + 1e-9 && least >= 0.005));
}
