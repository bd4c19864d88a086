// What each process of a run sees for itself, in a run whose processes are invented.
#include "drivers/common/run/setup.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "drivers/common/machine/host.hpp"
#include "drivers/common/machine/machine.hpp"
#include "drivers/common/timed/failure.hpp"
#include "tests/catch.hpp"

using namespace scalelab;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

/// What the reporter has said, in order.
struct Said {
  std::vector<std::vector<std::byte>> bytes;
  std::shared_ptr<const double[]> values;
};

/// The reporter speaks first, to the end; then another process hears it.
class Recorded final : public World {
 public:
  Recorded(bool reports, std::size_t workers_here, Said& said)
      : reports_(reports), workers_here_(workers_here), said_(said) {}

  bool reports() const override { return reports_; }
  std::size_t workers_here(std::size_t) const override { return workers_here_; }
  void broadcast(std::span<std::byte> bytes) override {
    if (reports_) {
      said_.bytes.emplace_back(bytes.begin(), bytes.end());
      return;
    }
    const std::vector<std::byte>& heard = said_.bytes.at(next_++);
    REQUIRE(heard.size() == bytes.size());
    std::copy(heard.begin(), heard.end(), bytes.begin());
  }
  Shared share(std::shared_ptr<const double[]> values, std::size_t) override {
    if (reports_) said_.values = std::move(values);
    return {said_.values, 1};
  }
  /// The first process of the other machine has a doubt.
  std::vector<std::string> gather(const std::function<std::string()>& own) override {
    if (!reports_) return {};
    return {own(), own(), "the other machine is full"};
  }

 private:
  bool reports_;
  std::size_t workers_here_;
  Said& said_;
  std::size_t next_ = 0;
};

class Invented final : public Driver {
 public:
  explicit Invented(World& world) : world_(world) {}

  DriverDescription description() const override { return {.name = "invented"}; }
  World& world() override { return world_; }
  std::size_t workers(std::optional<std::size_t>, const OptionValues&) const override { return 65; }
  void start(const Assignment&) override { throw std::logic_error("not here"); }
  void run() override { throw std::logic_error("not here"); }
  Board& board() override { throw std::logic_error("not here"); }

 private:
  World& world_;
};

const std::string streams = "--kernel stream --tasks 100 --task-units 1 --working-set 1MB";

/// What went wrong, in this process, before the run could start.
struct Fate {
  std::string building;
  std::string distributing;
  std::vector<std::string> warnings;
};

/// @param workers_here  on this process's machine
Fate fate_of(bool reports, std::size_t workers_here, Said& said,
             const std::string& options = streams) {
  Recorded world(reports, workers_here, said);
  Invented driver(world);
  Setup setup(driver);
  std::istringstream text("invented " + options);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  REQUIRE(setup.read(static_cast<int>(words.size()), argv.data()));
  Fate fate;
  try {
    Run run;
    if (reports) setup.build(run);
    fate.warnings = run.warnings;
  } catch (const std::runtime_error& error) {
    fate.building = error.what();
    return fate;
  }
  try {
    setup.distribute();
    for (const std::string& doubt : setup.doubts_elsewhere()) fate.warnings.push_back(doubt);
  } catch (const Ended& ended) {
    fate.distributing = ended.message;
  }
  return fate;
}

constexpr std::size_t too_many = 1'000'000'000'000;  // of 1 MB: an exabyte

}  // namespace

TEST_CASE("setup: a run has room if each machine has it for its own workers, wherever others are") {
  Said said;
  const Fate reporter = fate_of(true, 1, said);
  CHECK(reporter.building == "");
  CHECK(reporter.distributing == "");
  CHECK(fate_of(false, 64, said).distributing == "");
}

TEST_CASE("setup: too many workers on the reporter's machine are found before anything is sent") {
  Said said;
  CHECK_THAT(fate_of(true, too_many, said).building,
             Contains("1000000000000 workspaces of 0.001 GB") &&
                 Contains(std::string(host_name().data()) + " has ") &&
                 EndsWith("(--working-set) would help"));
}

TEST_CASE("setup: too many workers on another machine are found there, and it is named") {
  Said said;
  CHECK(fate_of(true, 1, said).distributing == "");
  CHECK_THAT(fate_of(false, too_many, said).distributing,
             Contains("1000000000000 workspaces of 0.001 GB") &&
                 Contains(std::string(host_name().data()) + " has "));
}

TEST_CASE("setup: where memory will be scarce, the run's warnings say so, each machine once") {
  const Machine machine = read_machine_memory();
  const auto left = machine.available_bytes ? machine.available_bytes : machine.memory_bytes;
  REQUIRE(left.has_value());
  Said said;
  // Of 1 MB each; what is left changes meanwhile, by less than a tenth.
  const Fate fate = fate_of(true, static_cast<std::size_t>(*left / 10 * 9 / 1'000'000), said);
  REQUIRE(fate.building == "");
  REQUIRE(fate.warnings.size() == 2);
  CHECK_THAT(fate.warnings[0], StartsWith("the run needs "));
  CHECK(fate.warnings[1] == "the other machine is full");
  CHECK(fate_of(true, 1, said = {}).warnings.size() == 1);
}

TEST_CASE("setup: the options of a size that are named are those of drawn data, or of a file") {
  Said said;
  const std::string fit = "--kernel many-models --tasks 10 ";
  CHECK_THAT(fate_of(true, too_many, said, fit).building,
             EndsWith("(--rows, --features) would help"));
  CHECK_THAT(fate_of(true, too_many, said = {},
                     fit + "--data " KIT_DATA "/diabetes.csv --target progression")
                 .building,
             EndsWith("smaller workspaces (--columns) would help"));
}

TEST_CASE("setup: --dry-run says what is lacking, and goes on") {
  Said said;
  const Fate fate = fate_of(true, too_many, said, streams + " --dry-run");
  CHECK(fate.building == "");
  REQUIRE_FALSE(fate.warnings.empty());
  CHECK_THAT(fate.warnings.front(), Contains("1000000000000 workspaces of 0.001 GB"));
}
