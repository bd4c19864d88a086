#include "drivers/common/timed/failure.hpp"

#include <exception>
#include <new>
#include <stdexcept>

namespace scalelab {

std::string what_is_thrown() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return "memory ran out: less data, fewer tasks or fewer workers would help, or another limit "
           "(ulimit -v, that of the container or of the job)";
  } catch (const std::length_error&) {
    return "more was asked for than any memory holds: less data, fewer tasks or fewer workers "
           "would help";
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace scalelab
