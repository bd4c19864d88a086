#include "results/record/digest.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

std::uint64_t fnv1a(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

}  // namespace

TEST_CASE("digest: FNV-1a of the bytes of the values, the least significant first") {
  // The reference agrees with the published vectors (RFC 9923, appendix; draft-eastlake-fnv).
  REQUIRE(fnv1a("") == 0xcbf29ce484222325U);
  REQUIRE(fnv1a("a") == 0xaf63dc4c8601ec8cU);
  REQUIRE(fnv1a("foobar") == 0x85944171f73967e8U);
  CHECK(digest({}) == 0xcbf29ce484222325U);
  for (const std::string bytes :
       {"scalelab", "foobarfoobarfoobarfoobar", "\x01\x02\x03\x04\xff\xfe\xfd\xfc"}) {
    std::vector<double> values;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t word = 0;
      for (std::size_t i = 8; i-- > 0;)
        word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
      values.push_back(std::bit_cast<double>(word));
    }
    CHECK(digest(values) == fnv1a(bytes));
  }
}
