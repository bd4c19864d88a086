// What many-models says of the memory it takes, against what the system says.
#include <sys/resource.h>
#include <sys/wait.h>
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <cstdlib>
#include <functional>

#include "kernels/random.hpp"
#include "tests/kernels/linear_models/models.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// The most memory that this process has held. [bytes]
double most_resident() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss);
#else
  return static_cast<double>(usage.ru_maxrss) * 1024;
#endif
}

/// How much more memory a process holds at the most while it does this: in one of its own, of whose
/// past nothing counts. [bytes]
double memory_of(const std::function<void()>& work) {
#ifdef __GLIBC__
  malloc_trim(0);  // what was used and given back before would be used again, unseen
#endif
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const double before = most_resident();
    work();
    const double grown = most_resident() - before;
    _exit(write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
  }
  close(ends[1]);
  double grown = 0;
  const bool told = read(ends[0], &grown, sizeof grown) == sizeof grown;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(told);
  REQUIRE(status == 0);
  return grown;
}

/// What `load` would draw, but unexamined, which takes long for many columns.
DataSet noise(std::size_t rows, std::size_t columns) {
  auto values = std::make_shared<double[]>(rows * (columns + 1));
  RandomStream random(1, 1);
  double* const value = values.get();
  for (std::size_t i = 0; i < rows * (columns + 1); ++i) value[i] = random() * 0x1p-32;
  std::vector<std::string> names;
  for (std::size_t j = 0; j <= columns; ++j) names.push_back(print("x%zu", j));
  return {"noise", names, rows, values};
}

}  // namespace

TEST_CASE("many-models: a workspace takes the memory that it says, all of a fit included") {
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{400'000, 3},
                                      {100'000, 20},
                                      {20'000, 200},
                                      {2000, 1000}}) {
    for (const char* solver : {"qr", "normal-equations"}) {
      OptionValues options;
      for (const Option& o : kernel_named("many-models").options) options.set(o.name, o.fallback);
      options.set("tasks", "2");
      options.set("seed", "1");
      options.set("solver", solver);
      const auto kernel = kernel_named("many-models").make(options, noise(rows, columns));
      // The first task has all rows, the others have 63 % of them.
      for (const std::size_t task : {0, 1}) {
        const double taken = memory_of([&] {
          const auto workspace = kernel->workspace();
          std::vector<double> values(kernel->width());
          kernel->run(task, task + 1, *workspace, values);
        });
        const std::size_t more = task == 0 ? kernel->largest_task_bytes() : 0;
        const auto said = static_cast<double>(kernel->workspace_bytes() + more);
        CAPTURE(rows, columns, solver, task, said, taken, taken / said);
        CHECK(taken < 1.25 * said);  // whoever is told that it fits can rely on it
        // And nobody is refused who would fit well. With as many columns as rows the three square
        // matrices count, of which QR takes one.
        CHECK(taken > (rows > 10 * columns ? 0.8 : 0.55) * said);
      }
    }
  }
}

TEST_CASE("many-models: loading takes the memory that is said before, and not much less") {
  for (const auto& [rows, features] :
       {std::pair<std::size_t, std::size_t>{300'000, 3}, {100'000, 20}, {10'000, 150}}) {
    OptionValues options;
    const KernelDescription& kernel = kernel_named("many-models");
    for (const Option& o : kernel.options) options.set(o.name, o.fallback, false);
    options.set("seed", "1");
    options.set("rows", std::to_string(rows));
    options.set("features", std::to_string(features));
    const auto said = static_cast<double>(kernel.load_bytes(options));
    const double taken = memory_of([&] { kernel.load(options); });
    CAPTURE(rows, features, said, taken, taken / said);
    CHECK(taken < 1.25 * said);
    CHECK(taken > 0.6 * said);
  }
}

TEST_CASE("many-models: of a file, the memory of loading is foreseen by its size and first rows") {
  for (const auto& [rows, columns, decimals] :
       {std::tuple{200'000, 3, 3}, {30'000, 20, 15}, {20'000, 60, 1}}) {
    const Texts texts = csv_file("", {{"without", "word"}});
    std::ofstream csv(texts.at("data"));  // not as one text, whose memory would be used again
    csv << "word,y";
    for (int j = 1; j < columns; ++j) csv << ",x" << j;
    RandomStream random(1, 1);
    for (int i = 0; i < rows; ++i) {
      csv << "\nnever read";
      for (int j = 0; j < columns; ++j) csv << print(",%.*f", decimals, random() * 0x1p-32);
    }
    csv.close();
    OptionValues options;
    const KernelDescription& kernel = kernel_named("many-models");
    for (const Option& o : kernel.options) options.set(o.name, o.fallback, false);
    for (const auto& [name, text] : texts) options.set(name, text);
    const auto said = static_cast<double>(kernel.load_bytes(options));
    const double taken = memory_of([&] { kernel.load(options); });
    CAPTURE(rows, columns, said, taken, taken / said);
    CHECK(taken < 1.25 * said);
    CHECK(taken > 0.6 * said);
  }
}

TEST_CASE("many-models: memory is counted also where nobody has it, and not of no file") {
  OptionValues options;
  const KernelDescription& kernel = kernel_named("many-models");
  for (const Option& o : kernel.options) options.set(o.name, o.fallback, false);
  options.set("rows", "2147483648");
  options.set("features", "10000");
  // Twice 2^31 rows of 10,002 columns, 8 bytes each: 3.4e14.
  CHECK(static_cast<double>(kernel.load_bytes(options)) > 2 * 2147483648.0 * 10'002 * 8);
  CHECK(static_cast<double>(kernel.load_bytes(options)) < 3 * 2147483648.0 * 10'002 * 8);
  options.set("data", "somewhere.csv");
  CHECK(kernel.load_bytes(options) == 0);
}
