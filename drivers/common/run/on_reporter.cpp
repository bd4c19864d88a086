#include "drivers/common/run/on_reporter.hpp"

#include <nlohmann/json.hpp>

namespace scalelab {

using Json = nlohmann::json;

namespace {

/// CBOR carries any bytes in its strings, so file names need not be UTF-8.
void share(Driver& driver, Json& json) {
  std::string bytes;
  if (driver.reports()) Json::to_cbor(json, bytes);
  scalelab::share(driver, bytes);
  if (!driver.reports()) json = Json::from_cbor(bytes);
}

}  // namespace

void share(Driver& driver, std::string& text) {
  std::size_t size = text.size();
  driver.broadcast(std::as_writable_bytes(std::span(&size, 1)));
  text.resize(size);
  driver.broadcast(std::as_writable_bytes(std::span(text)));
}

void share(Driver& driver, Request& request) {
  Json json{request.answer, request.kernel, request.options.texts()};
  share(driver, json);
  if (driver.reports()) return;
  json[0].get_to(request.answer);
  json[1].get_to(request.kernel);
  for (const auto& [name, text] : json[2].get<std::map<std::string, std::string>>()) {
    request.options.set(name, text, false);
  }
}

void share(Driver& driver, std::vector<Range>& ranges) {
  std::size_t size = ranges.size();
  driver.broadcast(std::as_writable_bytes(std::span(&size, 1)));
  ranges.resize(size);
  driver.broadcast(std::as_writable_bytes(std::span(ranges)));
}

std::size_t share(Driver& driver, DataSet& data) {
  Json json{data.name, data.columns, data.rows};
  share(driver, json);
  if (!driver.reports()) {
    json[0].get_to(data.name);
    json[1].get_to(data.columns);
    json[2].get_to(data.rows);
  }
  const Driver::Shared shared = driver.share(std::move(data.values), data.size());
  data.values = shared.values;
  return data.size() == 0 ? 0 : shared.copies;
}

}  // namespace scalelab
