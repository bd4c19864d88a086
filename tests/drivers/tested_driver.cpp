#include "tests/drivers/programs.hpp"

// Compiled once for each driver.
const char* const scalelab::test::tested_driver = DRIVER;
