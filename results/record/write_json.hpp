#pragma once

#include <cmath>
#include <concepts>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/record/fields.hpp"

namespace scalelab {

/// Members keep the order of the lists: what people look for first stands first.
using OrderedJson = nlohmann::ordered_json;

/// A visitor of `fields` that adds each member to an object of JSON.
/// @throws std::invalid_argument if a number is not finite
class JsonWriter {
 public:
  explicit JsonWriter(OrderedJson& json) : json_(json) {}

  template <class T>
  void operator()(const Field& field, const T& value) {
    if (!field.optional || !is_empty(value)) json_[field.name] = json_of(value, field);
  }

  template <class T>
  void operator()(const Field& field, const std::optional<T>& value) {
    if (value) json_[field.name] = json_of(*value, field);
  }

  template <class T>
  void inlined(const char*, const std::optional<T>& part) {
    if (part) fields(*this, *part);
  }

 private:
  template <class T>
  static bool is_empty(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return value == T{};
    } else if constexpr (requires { value.empty(); }) {
      return value.empty();
    } else {
      return false;
    }
  }

  static OrderedJson json_of(const std::string& text, const Field&) { return text; }
  static OrderedJson json_of(bool value, const Field&) { return value; }
  static OrderedJson json_of(std::uint64_t value, const Field&) { return value; }
  static OrderedJson json_of(double value, const Field& field) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument(std::string("expected a finite number as ") + field.name);
    }
    return value;
  }

  template <class T>
  static OrderedJson json_of(const std::vector<T>& values, const Field& field) {
    OrderedJson array = OrderedJson::array();
    for (const T& value : values) array.push_back(json_of(value, field));
    return array;
  }

  template <class T>
  static OrderedJson json_of(const std::map<std::string, T>& values, const Field& field) {
    OrderedJson object = OrderedJson::object();
    for (const auto& [name, value] : values) object[name] = json_of(value, field);
    return object;
  }

  template <class Struct>
  requires std::is_class_v<Struct>
  static OrderedJson json_of(const Struct& part, const Field&) {
    OrderedJson object = OrderedJson::object();
    JsonWriter write(object);
    fields(write, part);
    return object;
  }

  OrderedJson& json_;
};

/// One line. A file name may hold any bytes: those that are not UTF-8 are replaced, not refused.
inline std::string text_of(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace scalelab
