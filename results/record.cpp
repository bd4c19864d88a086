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
            {"chunk", run.chunk}};
  if (!run.data.empty()) json["data"] = run.data;
  json["options"] = run.options;
  if (run.work) {
    json["work_units"] = run.work->total;
    json["longest_task_units"] = run.work->longest;
  }
  json["tasks_by_worker"] = repetition.tasks_by_worker;
  json["counters"] = repetition.counters;
  // A file name may hold any bytes: those that are not UTF-8 are replaced rather than refused.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Record from_json(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    Record record;
    Run& run = record.run;
    json.at("driver").get_to(run.driver);
    json.at("kernel").get_to(run.kernel);
    json.at("workers").get_to(run.workers);
    json.at("tasks").get_to(run.tasks);
    json.at("schedule").get_to(run.schedule);
    json.at("chunk").get_to(run.chunk);
    if (json.contains("data")) json.at("data").get_to(run.data);
    json.at("options").get_to(run.options);
    if (json.contains("work_units")) {
      run.work = Work{json.at("work_units").get<double>(),
                      json.at("longest_task_units").get<double>()};
    }
    Repetition& repetition = record.repetition;
    json.at("repetition").get_to(repetition.number);
    json.at("warmup").get_to(repetition.warmup);
    json.at("seconds").get_to(repetition.seconds);
    json.at("digest").get_to(repetition.digest);
    json.at("tasks_by_worker").get_to(repetition.tasks_by_worker);
    json.at("counters").get_to(repetition.counters);
    return record;
  } catch (const Json::exception& error) {
    throw std::runtime_error(std::string("expected a record of a repetition: ") + error.what());
  }
}

}  // namespace scalelab
