#include "drivers/common/timed/failure.hpp"

#include <exception>

namespace scalelab {

std::string what_is_thrown() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace scalelab
