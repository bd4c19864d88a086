#pragma once

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "results/record/fields.hpp"

namespace scalelab {

/// A visitor of `fields` that takes each member from an object of JSON. The library would convert
/// anything to anything; here -3, 1.5 and null are no whole numbers.
/// @throws std::runtime_error "expected ..., found ..." for the first member that is missing or is
///         not what it should be. Members that no list has are skipped.
class JsonReader {
 public:
  /// @param where  what messages put before the name of a member: "build." @param json  an object
  JsonReader(const nlohmann::json& json, std::string where = "")
      : json_(json), where_(std::move(where)) {}

  template <class T>
  void operator()(const Field& field, T& value) const {
    const auto found = json_.find(field.name);
    if (found != json_.end()) {
      read(*found, where_ + field.name, field, value);
    } else if (!field.optional) {
      throw std::runtime_error(fmt::format("expected a member '{}{}'", where_, field.name));
    }
  }

  template <class T>
  void operator()(const Field& field, std::optional<T>& value) const {
    const auto found = json_.find(field.name);
    if (found != json_.end()) read(*found, where_ + field.name, field, value.emplace());
  }

  /// @param first  name of the member that tells whether the part is there
  template <class T>
  void inlined(const char* first, std::optional<T>& part) const {
    if (json_.contains(first)) fields(*this, part.emplace());
  }

 private:
  using Json = nlohmann::json;

  static void expect(bool is_so, const char* what, const std::string& name, const Json& found) {
    if (is_so) return;
    // Containers may be long, and text may be anything.
    const std::string shown = found.is_structured() || found.is_string()
                                  ? std::string("a JSON ") + found.type_name()
                                  : found.dump();
    throw std::runtime_error(fmt::format("expected {} as '{}', found {}", what, name, shown));
  }

  static void read(const Json& json, const std::string& name, const Field&, std::string& value) {
    expect(json.is_string(), "text", name, json);
    value = json.get_ref<const std::string&>();
  }

  static void read(const Json& json, const std::string& name, const Field&, bool& value) {
    expect(json.is_boolean(), "true or false", name, json);
    value = json.get<bool>();
  }

  static void read(const Json& json, const std::string& name, const Field&, std::uint64_t& value) {
    expect(json.is_number_unsigned(), "a whole number", name, json);
    value = json.get<std::uint64_t>();
  }

  static void read(const Json& json, const std::string& name, const Field& field, double& value) {
    expect(json.is_number(), "a number", name, json);
    value = json.get<double>();
    expect(std::isfinite(value), "a finite number", name, json);
    expect(value >= 0 || field.may_be_negative, "a number that is not negative", name, json);
  }

  template <class T>
  static void read(const Json& json, const std::string& name, const Field& field,
                   std::vector<T>& values) {
    expect(json.is_array(), "an array", name, json);
    values.clear();
    values.reserve(json.size());
    for (const Json& element : json) {
      read(element, name, field, values.emplace_back());
    }
  }

  template <class T>
  static void read(const Json& json, const std::string& name, const Field& field,
                   std::map<std::string, T>& values) {
    expect(json.is_object(), "an object", name, json);
    values.clear();
    for (const auto& [key, element] : json.items()) {
      read(element, name + "." + key, field, values[key]);
    }
  }

  template <class Struct>
  requires std::is_class_v<Struct>
  static void read(const Json& json, const std::string& name, const Field&, Struct& part) {
    expect(json.is_object(), "an object", name, json);
    const JsonReader reader(json, name + ".");
    fields(reader, part);
  }

  const Json& json_;
  std::string where_;
};

}  // namespace scalelab
