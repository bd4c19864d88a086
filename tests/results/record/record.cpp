#include "results/record/record.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace scalelab;
using Json = nlohmann::ordered_json;

namespace {

Run example_run() {
  Run run;
  run.id = "20261122T201500Z-1a2b";
  run.started = "2026-11-22T20:15:00.123Z";
  run.command = {"build/release/drivers/openmp", "--workers", "4"};
  run.driver = "openmp";
  run.kernel = "many-models";
  run.workers = 4;
  run.tasks = 1000;
  run.schedule = "dynamic";
  run.chunk = 16;
  run.bind = "cores";
  run.options = {{"solver", "qr"}, {"data", "a \"quoted\"\n\\name"}};
  run.repetitions = "10";
  run.data = "kernels/data/diabetes.csv";
  run.data_notes = {"fields separated by tabs", "without column \"a\""};
  run.data_bytes = 38'896;
  run.data_copies = 2;
  run.work = Work{5e6, 12345.0};
  run.places = {{"node1", 4711, "0-3,8"}};
  run.machines.resize(1);
  run.machines[0].host = "node1";
  run.machines[0].memory_bytes = 16'000'000'000;
  run.build.libraries = {{"Eigen", "3.4.0"}};
  run.job = Job{"12345", "summit", "node[1-2]", 10, {}, 12.5};
  return run;
}

Repetition example_repetition() {
  Repetition repetition;
  repetition.run = "20261122T201500Z-1a2b";
  repetition.number = 3;
  repetition.seconds = 0.1;
  repetition.digest = "cbf29ce484222325";
  repetition.workers.tasks = {300, 200, 0, 500};
  repetition.workers.compute_seconds = {0.09, 1.0 / 3, 0, 0.1};
  repetition.counters = {{"fallbacks", 7}};
  return repetition;
}

std::vector<std::string> names(const Json& json) {
  std::vector<std::string> all;
  for (const auto& [name, value] : json.items()) all.push_back(name);
  return all;
}

}  // namespace

TEST_CASE("record: the line of a run is JSON with the promised members") {
  const Json json = Json::parse(to_json(example_run()));
  CHECK(json.at("kind") == "run");
  CHECK(json.at("schema") == 1);
  CHECK(json.at("run") == "20261122T201500Z-1a2b");
  CHECK(json.at("command") ==
        std::vector<std::string>{"build/release/drivers/openmp", "--workers", "4"});
  CHECK(json.at("driver") == "openmp");
  CHECK(json.at("waits") == false);
  CHECK(json.at("workers") == 4);
  CHECK(json.at("options").at("data") == "a \"quoted\"\n\\name");
  CHECK(json.at("data") == "kernels/data/diabetes.csv");
  CHECK(json.at("work_units") == 5e6);
  CHECK(json.at("longest_task_units") == 12345.0);
  CHECK(json.at("places").at(0).at("cpus") == "0-3,8");
  CHECK(json.at("machines").at(0).at("memory_bytes") == 16'000'000'000);
  CHECK(json.at("build").at("libraries").at("Eigen") == "3.4.0");
  CHECK(json.at("job").at("cluster") == "summit");
  CHECK(json.at("job").at("cpus") == 10);
  CHECK(json.at("job").at("queue_seconds") == 12.5);
  CHECK(json.at("warnings").is_array());
}

TEST_CASE("record: what people look for first stands first") {
  const std::string run = to_json(example_run());
  CHECK(run.starts_with(R"({"kind":"run","schema":1,"run":"20261122T201500Z-1a2b",)"));
  CHECK(run.find("\"driver\"") < run.find("\"build\""));
  CHECK(to_json(example_repetition())
            .starts_with(R"({"kind":"repetition","run":"20261122T201500Z-1a2b","repetition":3,)"));
}

TEST_CASE("record: the other kinds of line have exactly these members") {
  const Json repetition = Json::parse(to_json(example_repetition()));
  CHECK(names(repetition) == std::vector<std::string>{"kind", "run", "repetition", "warmup",
                                                      "seconds", "digest", "at_seconds", "accounts",
                                                      "retries", "resumed_tasks", "counters"});
  CHECK(names(repetition.at("accounts")) == std::vector<std::string>{"compute_seconds", "tasks"});
  CHECK(to_json(Cost{"a", "ping-pong", 8, {0.5, 0.25}}) ==
        R"({"kind":"cost","run":"a","cost":"ping-pong","bytes":8,"seconds":[0.5,0.25]})");
  CHECK(to_json(End{"a", "stopped", 143, "SIGTERM", "2026-11-22T20:15:00Z", {"w"}}) ==
        R"({"kind":"end","run":"a","status":"stopped","exit":143,"reason":"SIGTERM",)"
        R"("ended":"2026-11-22T20:15:00Z","warnings":["w"]})");
}

TEST_CASE("record: it is one line") {
  CHECK(to_json(example_run()).find('\n') == std::string::npos);
}

TEST_CASE("record: what is not known, or not there, is left out") {
  const Json json = Json::parse(to_json(Run{}));
  for (const char* name :
       {"bound_by", "time_option", "units_option", "data", "data_digest", "data_notes",
        "data_bytes", "data_copies", "work_units", "longest_task_units", "serial_units",
        "seconds_per_unit", "bytes_per_unit", "places", "job", "driver_options", "workspace_bytes",
        "working_set_bytes"}) {
    CAPTURE(name);
    CHECK_FALSE(json.contains(name));
  }
  Run run;
  run.bound_by = "";  // which is known
  CHECK(Json::parse(to_json(run)).at("bound_by") == "");
  run.work = Work{5, 2, 1.5};
  CHECK(Json::parse(to_json(run)).at("serial_units") == 1.5);
  CHECK_FALSE(Json::parse(to_json(Repetition{})).at("accounts").contains("idle_seconds"));
}

TEST_CASE("record: seconds and counts keep every bit") {
  Repetition repetition = example_repetition();
  for (const double seconds : {1.0 / 3, 1e-9, 0x1.fffffffffffffp-3, 123456.789, 5e-324}) {
    repetition.seconds = seconds;
    CHECK(Json::parse(to_json(repetition)).at("seconds").get<double>() == seconds);
  }
  repetition.counters["redraws"] = std::numeric_limits<std::uint64_t>::max();
  CHECK(to_json(repetition).find("\"redraws\":18446744073709551615") != std::string::npos);
}

TEST_CASE("record: a number that is not finite is refused by name") {
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Repetition repetition = example_repetition();
    repetition.workers.compute_seconds[2] = value;
    CHECK_THROWS_AS(to_json(repetition), std::invalid_argument);
    CHECK_THROWS_WITH(to_json(repetition), Contains("compute_seconds"));
    Run run = example_run();
    run.machines[0].load = value;
    CHECK_THROWS_AS(to_json(run), std::invalid_argument);
    CHECK_THROWS_AS(to_json(Cost{"a", "barrier", 0, {value}}), std::invalid_argument);
  }
}

TEST_CASE("record: a file name that is not UTF-8 is written, one in UTF-8 is kept") {
  Run run = example_run();
  run.data = "mess\xFF\xC3.csv";
  run.options = {{"data\xFE", "mess\xFF.csv"}};
  const std::string text = to_json(run);
  REQUIRE(Json::accept(text));
  CHECK(Json::parse(text).at("data").get<std::string>().starts_with("mess"));
  run.data = "Müller/数据.csv";
  CHECK(Json::parse(to_json(run)).at("data") == "Müller/数据.csv");
}

TEST_CASE("record: a machine travels between processes as it is") {
  Machine machine = example_run().machines[0];
  machine.cpu_limit = 1.0 / 3;
  machine.virtual_machine = false;
  const Machine read = machine_from_json(to_json(machine));
  CHECK(read.host == "node1");
  CHECK(read.memory_bytes == machine.memory_bytes);
  CHECK(read.cpu_limit == machine.cpu_limit);
  CHECK(read.virtual_machine == machine.virtual_machine);
  CHECK_FALSE(read.governor.has_value());
  for (const char* text : {"", "[]", "{}", R"({"host":"a","cpus":-1})", R"({"host":3,"cpus":1})"}) {
    CHECK_THROWS_AS(machine_from_json(text), std::runtime_error);
  }
}

TEST_CASE("record: a repetition counts unless its time is of other work than all tasks, once") {
  Repetition repetition = example_repetition();
  CHECK(counts(repetition));
  repetition.warmup = true;
  CHECK_FALSE(counts(repetition));
  repetition = example_repetition();
  repetition.resumed_tasks = 1;
  CHECK_FALSE(counts(repetition));
  repetition = example_repetition();
  repetition.retries = 1;
  CHECK_FALSE(counts(repetition));
  repetition = example_repetition();
  CHECK_FALSE(was_interrupted(repetition));
  repetition.stopped_seconds = 0.5;
  CHECK_FALSE(counts(repetition));
  CHECK(was_interrupted(repetition));
  repetition = example_repetition();
  repetition.suspended_seconds = 0.5;
  CHECK_FALSE(counts(repetition));
  CHECK(was_interrupted(repetition));
}
