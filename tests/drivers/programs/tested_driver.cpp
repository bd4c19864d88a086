#include "tests/drivers/programs/programs.hpp"

// Compiled once for each driver.
const char* const scalelab::test::tested_driver = DRIVER;
