#include "drivers/common/run/on_reporter.hpp"

#include <nlohmann/json.hpp>

namespace scalelab {

using Json = nlohmann::json;

namespace {

/// CBOR carries any bytes in its strings, so file names need not be UTF-8.
void share(World& world, Json& json) {
  std::string bytes;
  if (world.reports()) Json::to_cbor(json, bytes);
  scalelab::share(world, bytes);
  if (!world.reports()) json = Json::from_cbor(bytes);
}

}  // namespace

void share(World& world, std::string& text) {
  std::size_t size = text.size();
  world.broadcast(std::as_writable_bytes(std::span(&size, 1)));
  text.resize(size);
  world.broadcast(std::as_writable_bytes(std::span(text)));
}

void share(World& world, Request& request) {
  Json json{request.answer, request.kernel, request.options.texts()};
  share(world, json);
  if (world.reports()) return;
  json[0].get_to(request.answer);
  json[1].get_to(request.kernel);
  for (const auto& [name, text] : json[2].get<std::map<std::string, std::string>>()) {
    request.options.set(name, text, false);
  }
}

void share(World& world, std::vector<Range>& ranges) {
  std::size_t size = ranges.size();
  world.broadcast(std::as_writable_bytes(std::span(&size, 1)));
  ranges.resize(size);
  world.broadcast(std::as_writable_bytes(std::span(ranges)));
}

void share_description(World& world, DataSet& data) {
  Json json{data.name, data.columns, data.rows};
  share(world, json);
  if (!world.reports()) {
    json[0].get_to(data.name);
    json[1].get_to(data.columns);
    json[2].get_to(data.rows);
  }
}

std::size_t share_values(World& world, DataSet& data) {
  const World::Shared shared = world.share(std::move(data.values), data.size());
  data.values = shared.values;
  return data.size() == 0 ? 0 : shared.copies;
}

}  // namespace scalelab
