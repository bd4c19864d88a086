// Stands for the headers that tests of code share (tests/CMakeLists.txt).
