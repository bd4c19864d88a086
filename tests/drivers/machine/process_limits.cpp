#include "drivers/common/machine/process_limits.hpp"

#include <sys/resource.h>

#include <stdexcept>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// A limit of this process, as long as it lives.
class Limited {
 public:
  Limited(decltype(RLIMIT_AS) what, rlim_t bytes) : what_(what) {
    getrlimit(what, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(setrlimit(what, &limit) == 0);
  }
  Limited(const Limited&) = delete;
  Limited& operator=(const Limited&) = delete;
  ~Limited() { setrlimit(what_, &before_); }

 private:
  decltype(RLIMIT_AS) what_;
  rlimit before_{};
};

constexpr std::uint64_t terabyte = std::uint64_t{1} << 40;

}  // namespace

TEST_CASE("process limits: of the address space what has been taken of it is gone") {
  // Sanitizers take more than this by themselves.
  const auto free = address_space_left();
  if (free) return;  // somebody limits this test
  for (const auto what : {RLIMIT_AS, RLIMIT_DATA}) {
    const Limited limited(what, 100 * terabyte);
    const auto left = address_space_left();
    REQUIRE(left.has_value());
    CHECK((*left<100 * terabyte&& * left> 50 * terabyte));
  }
  const Limited limited(RLIMIT_AS, 100 * terabyte);
  const Limited less(RLIMIT_DATA, 1);
  CHECK(address_space_left() == 0U);
}

TEST_CASE("process limits: a stack that is too small for kernels is refused") {
  CHECK_NOTHROW(require_stack());
  CHECK_NOTHROW(require_stack(least_stack));
  const Limited limited(RLIMIT_STACK, 64 << 10);
  std::string message;
  try {
    require_stack();
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message.find("a stack has 64 KiB only, and kernels need 256") == 0);
  CHECK(message.find("ulimit -s") != std::string::npos);
}
