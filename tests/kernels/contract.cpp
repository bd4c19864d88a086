#include "kernels/contract.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "kernels/registry.hpp"
#include "tests/catch.hpp"

using namespace scalelab;
using Catch::Matchers::StartsWith;

namespace {

/// A kernel as a student may write it.
struct Answers {
  std::size_t tasks = 10;
  std::size_t width = 3;
  std::vector<std::string> columns = {"a", "b"};
  std::vector<std::string> counters = {"hits"};
  std::optional<Work> work = std::nullopt;
  bool has_workspace = true;
};

class Invented final : public Kernel {
 public:
  explicit Invented(Answers answers) : answers_(std::move(answers)) {}

  std::size_t tasks() const override { return answers_.tasks; }
  std::size_t width() const override { return answers_.width; }
  std::vector<std::string> columns() const override { return answers_.columns; }
  std::vector<std::string> counters() const override { return answers_.counters; }
  std::optional<Work> work() const override { return answers_.work; }
  std::unique_ptr<Workspace> workspace() const override {
    return answers_.has_workspace ? std::make_unique<Workspace>() : nullptr;
  }
  void run(std::size_t, std::size_t, Workspace&, std::span<double>) const override {}

 private:
  Answers answers_;
};

const KernelDescription invented{
    .name = "darts",
    .summary = "invented",
    .make = [](const OptionValues&, const DataSet&) -> std::unique_ptr<Kernel> { return nullptr; }};

/// What is said of a kernel that differs from a good one by this.
std::string said_of(const std::function<void(Answers&)>& change) {
  Answers answers;
  change(answers);
  try {
    require_contract(invented, Invented(answers));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("contract: a kernel that keeps it is let through") {
  CHECK(said_of([](Answers&) {}) == "nothing");
  CHECK(said_of([](Answers& a) { a.columns = {"hits", "b"}; }) == "nothing");
  CHECK(said_of([](Answers& a) {
          a.columns = {};
          a.counters = {"a", "b", "c"};
        }) == "nothing");
  CHECK(said_of([](Answers& a) {
          a.columns = {"a", "b", "c"};
          a.counters = {};
        }) == "nothing");
  CHECK(said_of([](Answers& a) { a.work = Work{0, 0, 0}; }) == "nothing");
  CHECK(said_of([](Answers& a) { a.work = Work{10, 10, 100}; }) == "nothing");
}

TEST_CASE("contract: what is wrong is said with the kernel's name, in one line") {
  CHECK(said_of([](Answers& a) { a.tasks = 0; }) ==
        "kernel 'darts': tasks() is 0: expected at least 1");
  CHECK(said_of([](Answers& a) {
          a.width = 0;
          a.columns = a.counters = {};
        }) == "kernel 'darts': width() is 0: expected at least 1 value a task");
  CHECK(said_of([](Answers& a) { a.width = 4; }) ==
        "kernel 'darts': width() is 4, but columns() and counters() name 3 values (2 and 1): "
        "expected as many");
  CHECK(said_of([](Answers& a) {
          a.columns = {"value"};  // what is there if a kernel says nothing
          a.counters = {};
        }) ==
        "kernel 'darts': width() is 3, but columns() and counters() name 1 value (1 and 0): "
        "expected as many");
  CHECK(said_of([](Answers& a) {
          a.counters = {"a", "b", "c", "d"};
        }) ==
        "kernel 'darts': width() is 3, but columns() and counters() name 6 values (2 and 4): "
        "expected as many");
  CHECK(said_of([](Answers& a) {
          a.columns = {"a", ""};
        }) == "kernel 'darts': columns() has an empty name");
  CHECK(said_of([](Answers& a) { a.counters = {""}; }) ==
        "kernel 'darts': counters() has an empty name");
  CHECK(said_of([](Answers& a) {
          a.columns = {"a", "a"};
        }) == "kernel 'darts': columns() has the name 'a', which is taken");
  CHECK(said_of([](Answers& a) {
          a.columns = {"task", "b"};
        }) == "kernel 'darts': columns() has the name 'task', which is taken");
  CHECK(said_of([](Answers& a) {
          a.columns = {"a"};
          a.counters = {"hits", "hits"};
        }) == "kernel 'darts': counters() has the name 'hits', which is taken");
}

TEST_CASE("contract: work that cannot be is refused") {
  for (const double wrong : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK(said_of([&](Answers& a) {
            a.work = Work{wrong, 0, 0};
          }).starts_with("kernel 'darts': work().total is "));
    CHECK(said_of([&](Answers& a) {
            a.work = Work{1, wrong, 0};
          }).starts_with("kernel 'darts': work().longest is "));
    CHECK(said_of([&](Answers& a) {
            a.work = Work{1, 0, wrong};
          }).starts_with("kernel 'darts': work().serial is "));
  }
  CHECK(said_of([](Answers& a) {
          a.work = Work{10, 11, 0};
        }) == "kernel 'darts': work().longest is 11: expected at most the total, 10");
}

TEST_CASE("contract: no workspace is not a workspace, and no kernel not a kernel") {
  Answers answers;
  CHECK(workspace_of("darts", Invented(answers)) != nullptr);
  answers.has_workspace = false;
  CHECK_THROWS_WITH(workspace_of("darts", Invented(answers)),
                    "kernel 'darts': workspace() has made none: expected one, or no workspace()");
  CHECK_THROWS_WITH(kernel_of(invented, {}, {}), "kernel 'darts': make() has made none");
  KernelDescription forgotten = invented;
  forgotten.make = nullptr;
  CHECK_THROWS_WITH(kernel_of(forgotten, {}, {}), "kernel 'darts': make() has made none");
}

TEST_CASE("contract: counters are whole numbers, not negative, and their sum is one, too") {
  Answers answers;
  answers.counters = {"hits", "misses"};
  answers.columns = {"a"};
  const Invented kernel(answers);
  const double all = 9007199254740992;  // 2^53
  const double infinite = std::numeric_limits<double>::infinity();
  const auto said_of_counts = [&](const std::vector<double>& values) -> std::string {
    try {
      require_counts(invented, kernel, values);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "nothing";
  };
  // The first value of a task is no counter.
  CHECK(said_of_counts({-1, 0, 3, 0.5, 2, 1e6, std::nan(""), 0, 0}) == "nothing");
  CHECK(said_of_counts({0, all - 1, 0, 0, 0, all - 1}) == "nothing");
  CHECK(said_of_counts({0, 0, 0, 0, -1, 0}) ==
        "kernel 'darts': counter 'hits' of task 1 is -1: expected a whole number from 0 on, below "
        "2^53");
  CHECK(said_of_counts({0, 0, 0, 0, 0, 0, 0, 0, 0.5}) ==
        "kernel 'darts': counter 'misses' of task 2 is 0.5: expected a whole number from 0 on, "
        "below 2^53");
  for (const double wrong : {std::nan(""), infinite, -infinite, all}) {
    CHECK_THAT(said_of_counts({0, 0, wrong}),
               StartsWith("kernel 'darts': counter 'misses' of task 0 is "));
  }
  // A sum that went on from there would be rounded, and stay.
  CHECK(said_of_counts({0, all - 1, 0, 0, 1, 0, 0, 1, 0}) ==
        "kernel 'darts': counter 'hits' of all tasks together is not below 2^53");
}

TEST_CASE("contract: every kernel of the kit keeps it") {
  for (const KernelDescription& description : all_kernels()) {
    OptionValues options;
    for (const Option& option : description.options) {
      options.set(option.name, option.fallback, false);
    }
    options.set("tasks", "7");
    options.set("seed", "1");
    if (description.resolve != nullptr) description.resolve(options, 1 << 20);
    if (description.calibration) options.set(description.calibration->units, "3");
    const DataSet data = description.load == nullptr ? DataSet{} : description.load(options);
    const auto kernel = kernel_of(description, options, data);
    CAPTURE(description.name);
    CHECK_NOTHROW(require_contract(description, *kernel));
    CHECK_NOTHROW(workspace_of(description.name, *kernel));
  }
}
