#include "results/record.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

Run example_run() {
  Run run;
  run.driver = "openmp";
  run.kernel = "many-models";
  run.data = "kernels/data/diabetes.csv";
  run.workers = 4;
  run.tasks = 1000;
  run.schedule = "dynamic";
  run.chunk = 16;
  run.bind = "cores";
  run.data_bytes = 38'896;
  run.data_copies = 2;
  run.options = {{"solver", "qr"}, {"target", "progression"}, {"data", "a \"quoted\"\n\\name"}};
  run.work = Work{5e6, 12345.0};
  return run;
}

Repetition example_repetition() {
  Repetition repetition;
  repetition.number = 3;
  repetition.warmup = true;
  repetition.seconds = 0.1;
  repetition.digest = "cbf29ce484222325";
  repetition.tasks_by_worker = {300, 200, 0, 500};
  repetition.busy_seconds = {0.09, 1.0 / 3, 0, 0.1};
  repetition.retries = 5;
  repetition.resumed = 11;
  repetition.counters = {{"fallbacks", 7}, {"redraws", 0}};
  return repetition;
}

std::string line() { return to_json(example_run(), example_repetition()); }

}  // namespace

TEST_CASE("record: the line is JSON with the promised members") {
  const nlohmann::json json = nlohmann::json::parse(line());
  CHECK(json.at("kind") == "repetition");
  CHECK(json.at("driver") == "openmp");
  CHECK(json.at("kernel") == "many-models");
  CHECK(json.at("data") == "kernels/data/diabetes.csv");
  CHECK(json.at("workers") == 4);
  CHECK(json.at("tasks") == 1000);
  CHECK(json.at("schedule") == "dynamic");
  CHECK(json.at("chunk") == 16);
  CHECK(json.at("options").at("solver") == "qr");
  CHECK(json.at("options").at("data") == "a \"quoted\"\n\\name");
  CHECK(json.at("work_units") == 5e6);
  CHECK(json.at("longest_task_units") == 12345.0);
  CHECK(json.at("repetition") == 3);
  CHECK(json.at("warmup") == true);
  CHECK(json.at("seconds") == 0.1);
  CHECK(json.at("digest") == "cbf29ce484222325");
  CHECK(json.at("tasks_by_worker") == std::vector<int>{300, 200, 0, 500});
  CHECK(json.at("bind") == "cores");
  CHECK(json.at("data_bytes") == 38'896);
  CHECK(json.at("data_copies") == 2);
  CHECK(json.at("busy_seconds_by_worker") == std::vector<double>{0.09, 1.0 / 3, 0, 0.1});
  CHECK(json.at("retries") == 5);
  CHECK(json.at("resumed_tasks") == 11);
  CHECK(json.at("counters").at("fallbacks") == 7);
  CHECK(json.at("counters").at("redraws") == 0);
}

TEST_CASE("record: it is one line") { CHECK(line().find('\n') == std::string::npos); }

TEST_CASE("record: written and read it is the same record") {
  const Record record = from_json(line());
  const Run run = example_run();
  const Repetition repetition = example_repetition();
  CHECK(record.run.driver == run.driver);
  CHECK(record.run.kernel == run.kernel);
  CHECK(record.run.data == run.data);
  CHECK(record.run.workers == run.workers);
  CHECK(record.run.tasks == run.tasks);
  CHECK(record.run.schedule == run.schedule);
  CHECK(record.run.chunk == run.chunk);
  CHECK(record.run.bind == run.bind);
  CHECK(record.run.data_bytes == run.data_bytes);
  CHECK(record.run.data_copies == run.data_copies);
  CHECK(record.run.options == run.options);
  REQUIRE(record.run.work.has_value());
  CHECK(record.run.work->total == run.work->total);
  CHECK(record.run.work->longest == run.work->longest);
  CHECK(record.repetition.number == repetition.number);
  CHECK(record.repetition.warmup == repetition.warmup);
  CHECK(record.repetition.seconds == repetition.seconds);
  CHECK(record.repetition.digest == repetition.digest);
  CHECK(record.repetition.tasks_by_worker == repetition.tasks_by_worker);
  CHECK(record.repetition.busy_seconds == repetition.busy_seconds);
  CHECK(record.repetition.retries == repetition.retries);
  CHECK(record.repetition.resumed == repetition.resumed);
  CHECK(record.repetition.counters == repetition.counters);
  CHECK(to_json(record.run, record.repetition) == line());
}

TEST_CASE("record: seconds and counts keep every bit") {
  Repetition repetition = example_repetition();
  for (const double seconds : {1.0 / 3, 1e-9, 0x1.fffffffffffffp-3, 123456.789, 5e-324}) {
    repetition.seconds = seconds;
    CHECK(from_json(to_json(example_run(), repetition)).repetition.seconds == seconds);
  }
  repetition.counters["redraws"] = std::numeric_limits<std::uint64_t>::max();
  CHECK(from_json(to_json(example_run(), repetition)).repetition.counters == repetition.counters);
}

TEST_CASE("record: what a kernel does not have is left out") {
  Run run = example_run();
  run.data.clear();
  run.data_copies = 0;
  run.work.reset();
  run.options.clear();
  Repetition repetition = example_repetition();
  repetition.counters.clear();
  const std::string text = to_json(run, repetition);
  const nlohmann::json json = nlohmann::json::parse(text);
  CHECK_FALSE(json.contains("data"));
  CHECK_FALSE(json.contains("data_bytes"));
  CHECK_FALSE(json.contains("data_copies"));
  CHECK_FALSE(json.contains("work_units"));
  CHECK_FALSE(json.contains("longest_task_units"));
  CHECK(json.at("options").is_object());
  CHECK(json.at("counters").is_object());
  const Record record = from_json(text);
  CHECK(record.run.data.empty());
  CHECK_FALSE(record.run.work.has_value());
  CHECK(record.run.options.empty());
  CHECK(record.repetition.counters.empty());
}

TEST_CASE("record: a file name that is not UTF-8 is written and read without an exception") {
  Run run = example_run();
  run.data = "mess\xFF\xC3.csv";
  run.options["data"] = run.data;
  const std::string text = to_json(run, example_repetition());
  CHECK(nlohmann::json::accept(text));
  const std::string name = from_json(text).run.data;
  CHECK(name.find("mess") == 0);
  CHECK(name.find(".csv") != std::string::npos);
}

TEST_CASE("record: a file name in UTF-8 is kept") {
  Run run = example_run();
  run.data = "Müller/数据.csv";
  CHECK(from_json(to_json(run, example_repetition())).run.data == run.data);
}

TEST_CASE("record: what later versions may add is skipped") {
  nlohmann::json json = nlohmann::json::parse(line());
  json["colour"] = {1, 2, 3};
  CHECK(from_json(json.dump()).run.driver == "openmp");
}

TEST_CASE("record: a line that was cut off anywhere is refused") {
  const std::string whole = line();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    REQUIRE_THROWS_AS(from_json(whole.substr(0, length)), std::runtime_error);
  }
}

TEST_CASE("record: what is no record is refused") {
  for (const char* text : {"", " ", "null", "3", "[]", "{}", "\"text\"", "not json",
                           R"({"kind":"end","status":0})", "\xFF\xFE"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(from_json(text), std::runtime_error);
  }
  CHECK_THROWS_AS(from_json(line() + line()), std::runtime_error);
}

TEST_CASE("record: a missing member or one of the wrong type is refused") {
  const nlohmann::json whole = nlohmann::json::parse(line());
  for (const char* name :
       {"driver", "kernel", "workers", "tasks", "schedule", "chunk", "bind", "options",
        "repetition", "data_bytes", "retries", "resumed_tasks", "busy_seconds_by_worker", "warmup",
        "seconds", "digest", "tasks_by_worker", "counters", "longest_task_units"}) {
    CAPTURE(name);
    nlohmann::json without = whole;
    without.erase(name);
    CHECK_THROWS_AS(from_json(without.dump()), std::runtime_error);
    nlohmann::json wrong = whole;
    wrong[name] = {{"unexpected", {1, 2}}};
    CHECK_THROWS_AS(from_json(wrong.dump()), std::runtime_error);
  }
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, nlohmann::json>>{{"kind", "end"},
                                                           {"workers", -3},
                                                           {"workers", 1e30},
                                                           {"tasks", 1.7},
                                                           {"seconds", -1},
                                                           {"retries", -1},
                                                           {"resumed_tasks", 0.5},
                                                           {"data_copies", "two"}}) {
    CAPTURE(name);
    nlohmann::json wrong = whole;
    wrong[name] = value;
    CHECK_THROWS_AS(from_json(wrong.dump()), std::runtime_error);
  }
}
