#include "results/record/record.hpp"

#include "results/record/write_json.hpp"

namespace scalelab {

namespace {

template <class Line>
std::string line_of(OrderedJson json, const Line& line) {
  JsonWriter write(json);
  fields(write, line);
  return text_of(json);
}

}  // namespace

bool was_interrupted(const Repetition& repetition) {
  return repetition.stopped_seconds.value_or(0) > 0 || repetition.suspended_seconds.value_or(0) > 0;
}

bool counts(const Repetition& repetition) {
  return !repetition.warmup && repetition.resumed_tasks == 0 && repetition.retries == 0 &&
         !was_interrupted(repetition);
}

std::string to_json(const Run& run) {
  return line_of({{"kind", "run"}, {"schema", record_schema}}, run);
}

std::string to_json(const Repetition& repetition) {
  return line_of({{"kind", "repetition"}}, repetition);
}

std::string to_json(const Cost& cost) { return line_of({{"kind", "cost"}}, cost); }

std::string to_json(const End& end) { return line_of({{"kind", "end"}}, end); }

std::string to_json(const Machine& machine) { return line_of(OrderedJson::object(), machine); }

}  // namespace scalelab
