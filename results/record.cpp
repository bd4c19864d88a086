#include "results/record.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace scalelab {

// Members in the order written here: what people look for first stands first.
using Json = nlohmann::ordered_json;

std::string to_json(const Run& run, const Repetition& repetition) {
  Json json{{"kind", "repetition"},
            {"driver", run.driver},
            {"kernel", run.kernel},
            {"workers", run.workers},
            {"repetition", repetition.number},
            {"warmup", repetition.warmup},
            {"seconds", repetition.seconds},
            {"digest", repetition.digest},
            {"tasks", run.tasks},
            {"schedule", run.schedule},
            {"chunk", run.chunk},
            {"bind", run.bind}};
  if (!run.data.empty()) json["data"] = run.data;
  if (run.data_copies > 0) {
    json["data_bytes"] = run.data_bytes;
    json["data_copies"] = run.data_copies;
  }
  json["options"] = run.options;
  if (!run.driver_options.empty()) json["driver_options"] = run.driver_options;
  if (run.work) {
    json["work_units"] = run.work->total;
    json["longest_task_units"] = run.work->longest;
  }
  json["tasks_by_worker"] = repetition.tasks_by_worker;
  json["busy_seconds_by_worker"] = repetition.busy_seconds;
  json["retries"] = repetition.retries;
  json["resumed_tasks"] = repetition.resumed;
  json["counters"] = repetition.counters;
  // A file name may hold any bytes: those that are not UTF-8 are replaced rather than refused.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

/// A whole number that is not negative; the library would convert anything.
std::uint64_t count(const Json& json, const char* name) {
  if (!json.at(name).is_number_unsigned()) {
    throw std::runtime_error(std::string("expected a whole number as ") + name);
  }
  return json.at(name).get<std::uint64_t>();
}

}  // namespace

Record from_json(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    if (json.at("kind") != "repetition") throw std::runtime_error("expected the kind repetition");
    Record record;
    Run& run = record.run;
    json.at("driver").get_to(run.driver);
    json.at("kernel").get_to(run.kernel);
    run.workers = count(json, "workers");
    run.tasks = count(json, "tasks");
    json.at("schedule").get_to(run.schedule);
    run.chunk = count(json, "chunk");
    json.at("bind").get_to(run.bind);
    if (json.contains("data")) json.at("data").get_to(run.data);
    if (json.contains("data_copies")) {
      run.data_bytes = count(json, "data_bytes");
      run.data_copies = count(json, "data_copies");
    }
    json.at("options").get_to(run.options);
    if (json.contains("driver_options")) json.at("driver_options").get_to(run.driver_options);
    if (json.contains("work_units")) {
      run.work =
          Work{json.at("work_units").get<double>(), json.at("longest_task_units").get<double>()};
    }
    Repetition& repetition = record.repetition;
    repetition.number = count(json, "repetition");
    json.at("warmup").get_to(repetition.warmup);
    json.at("seconds").get_to(repetition.seconds);
    if (!(repetition.seconds > 0)) throw std::runtime_error("expected seconds above 0");
    json.at("digest").get_to(repetition.digest);
    json.at("tasks_by_worker").get_to(repetition.tasks_by_worker);
    json.at("busy_seconds_by_worker").get_to(repetition.busy_seconds);
    repetition.retries = count(json, "retries");
    repetition.resumed = count(json, "resumed_tasks");
    json.at("counters").get_to(repetition.counters);
    return record;
  } catch (const Json::exception& error) {
    throw std::runtime_error(std::string("expected a record of a repetition: ") + error.what());
  }
}

}  // namespace scalelab
