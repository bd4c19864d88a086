#include <algorithm>
#include <chrono>
#include <random>

#include "tests/catch.hpp"
#include "tests/kernels/dummy_work/dummy.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// Of 8 numbers 1 + s · 2 in each line, with s = 1 + task mod 1024.
double stream_value(std::size_t task, double units) {
  return 8 * units * (1 + 2 * static_cast<double>(1 + task % 1024));
}

/// The working set that `resolve` chooses for a machine.
std::string chosen_for(std::uint64_t cache, const Texts& given = {}) {
  const KernelDescription stream = kernel_named("stream");
  OptionValues options;
  for (const Option& option : stream.options) options.set(option.name, option.fallback, false);
  for (const auto& [name, text] : given) options.set(name, text);
  stream.resolve(options, cache);
  return options.text("working-set");
}

}  // namespace

TEST_CASE("stream: its value is the sum of b + s c over the lines that it moved") {
  for (const double units : {0.0, 1.0, 3.0, 1000.0}) {
    const auto kernel = make("stream", {{"tasks", "1030"},
                                        {"task-units", std::to_string(static_cast<int>(units))},
                                        {"working-set", "20kB"}});
    CHECK(kernel->columns().size() == kernel->width());
    const std::vector<double> values = run(*kernel, 0, 1030);
    for (std::size_t task = 0; task < 1030; ++task) {
      REQUIRE(values[task] == stream_value(task, units));
    }
  }
}

TEST_CASE("stream: a task longer than the arrays goes round") {
  for (const char* size : {"192B", "575B", "576B", "1920B"}) {  // 1, 2, 3, 10 lines of each
    const auto kernel =
        make("stream", {{"tasks", "3"}, {"task-units", "1001"}, {"working-set", size}});
    CHECK(run(*kernel, 0, 3) ==
          std::vector<double>{stream_value(0, 1001), stream_value(1, 1001), stream_value(2, 1001)});
  }
}

TEST_CASE("stream: any split of the tasks over any workspaces gives the same bits") {
  const Texts given{{"tasks", "200"},
                    {"task-units", "50"},
                    {"skew", "pareto"},
                    {"serial-fraction", "0.1"},
                    {"working-set", "3kB"}};
  const auto kernel = make("stream", given);
  // The units of each task, from a kernel that only says them.
  const std::vector<double> units = run(
      *make(
          "sleep",
          {{"tasks", "200"}, {"task-units", "50"}, {"skew", "pareto"}, {"serial-fraction", "0.1"}}),
      0, 200);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::unique_ptr<Workspace>> workers;
    for (int w = 0; w < 3; ++w) workers.push_back(kernel->workspace());
    for (std::size_t first = 0; first < 200;) {
      const std::size_t last = std::min<std::size_t>(200, first + 1 + random() % 20);
      Workspace& workspace = *workers[random() % workers.size()];
      if (random() % 4 == 0) REQUIRE(kernel->run_serial(workspace) == stream_value(0, 1000));
      const std::vector<double> values = run(*kernel, first, last, workspace);
      for (std::size_t task = first; task < last; ++task) {
        REQUIRE(values[task - first] == stream_value(task, units[task]));
      }
      first = last;
    }
  }
}

TEST_CASE("stream: a workspace serves tasks of any length") {
  const auto shorter = make("stream", {{"task-units", "7"}});
  const auto longer = make("stream", {{"task-units", "777"}});
  const auto workspace = shorter->workspace();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(run(*longer, 0, 1, *workspace)[0] == stream_value(0, 777));
    REQUIRE(run(*shorter, 0, 1, *workspace)[0] == stream_value(0, 7));
  }
}

TEST_CASE("stream: the time of a task is proportional to its units") {
  const auto kernel = [](const char* units) {
    return make("stream", {{"task-units", units}, {"working-set", "48MB"}});
  };
  const auto shorter = kernel("50000");  // a fifth of the arrays
  const auto longer = kernel("500000");  // twice
  const auto workspace = shorter->workspace();
  const auto seconds = [&](const Kernel& of) {
    double shortest = 1e9;
    for (int i = 0; i < 15; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      run(of, 0, 1, *workspace);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      shortest = std::min(shortest, took.count());
    }
    return shortest;
  };
  const double ratio = seconds(*longer) / seconds(*shorter);
  CHECK(ratio > 3);
  CHECK(ratio < 30);
}

TEST_CASE("stream: says how much it moves and needs") {
  CHECK(kernel_named("stream").bytes_per_unit == std::optional<std::uint64_t>(192));
  CHECK_FALSE(kernel_named("stream").waits);
  const auto bytes = [](const char* size) {
    const auto kernel = make("stream", {{"task-units", "1"}, {"working-set", size}});
    CHECK(kernel->workspace_bytes() == kernel->working_set_bytes());
    return kernel->working_set_bytes();
  };
  CHECK(bytes("1920B") == 1920);
  CHECK(bytes("1MB") == 999'936);  // 5208 lines of each array
  CHECK(bytes("64MiB") == 67'108'800);
  CHECK(bytes("1TB") == 999'999'999'936);  // it is others who refuse that
}

TEST_CASE("stream: the working set is at least a line of each array") {
  CHECK(complaint("stream", {{"task-units", "1"}, {"working-set", "192B"}}) == "no complaint");
  for (const char* size : {"0B", "191B", "0.1kB"}) {
    CHECK(complaint("stream", {{"task-units", "1"}, {"working-set", size}}) ==
          std::string("--working-set: expected at least 192B, a cache line of each of three "
                      "arrays, got '") +
              size + "'");
  }
  CHECK(complaint("stream", {{"task-units", "1"}, {"working-set", "1000"}}) ==
        "--working-set: expected a size with its unit (64MiB, 256MB, 1.5GB), got '1000'");
}

TEST_CASE("stream: who chooses no working set gets 4 times the last-level cache, or 64 MiB") {
  CHECK(chosen_for(0) == "64MiB");
  CHECK(chosen_for(std::uint64_t{1} << 20) == "64MiB");
  CHECK(chosen_for(std::uint64_t{16} << 20) == "64MiB");
  CHECK(chosen_for(std::uint64_t{32} << 20) == "128MiB");
  CHECK(chosen_for((std::uint64_t{32} << 20) + 1) == "129MiB");
  CHECK(chosen_for(std::uint64_t{1152} << 20) == "4608MiB");
  CHECK(chosen_for(std::uint64_t{32} << 20, {{"working-set", "1MB"}}) == "1MB");
}
