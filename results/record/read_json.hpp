#pragma once

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "kernels/printable.hpp"
#include "results/record/cpu_list.hpp"
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

  /// Other programs write 2.0, 2e0 and -0, which are whole numbers to JSON.
  static std::optional<std::uint64_t> whole_in(const Json& json) {
    if (json.is_number_unsigned()) return json.get<std::uint64_t>();
    if (!json.is_number()) return std::nullopt;
    const auto number = json.get<double>();
    if (!(number >= 0 && number < 0x1p64 && std::trunc(number) == number)) return std::nullopt;
    return static_cast<std::uint64_t>(number);
  }

  static void expect(bool is_so, const char* what, const std::string& name, const Json& found) {
    if (is_so) return;
    // Containers may be long, and text may be anything.
    const std::string shown = found.is_structured() || found.is_string()
                                  ? std::string("a JSON ") + found.type_name()
                                  : found.dump();
    throw std::runtime_error(fmt::format("expected {} as '{}', found {}", what, name, shown));
  }

  /// Records may come from anywhere, and what they say goes to terminals, pages and figures: all of
  /// it is made fit for that here. Texts that were different stay so.
  static std::string clean(const std::string& text, std::size_t longest = 4000) {
    std::string shown = printable(text, longest);
    if (shown.size() > longest) shown += checksum_of(text);
    return shown;
  }

  static std::string checksum_of(const std::string& text) {
    return fmt::format(", checksum {:016x}", std::hash<std::string>{}(text));
  }

  static void read(const Json& json, const std::string& name, const Field& field,
                   std::string& value) {
    expect(json.is_string(), "text", name, json);
    const bool of_cpus = std::string_view(field.name).ends_with("cpus");  // which nobody prints
    value = clean(json.get_ref<const std::string&>(), of_cpus ? longest_cpu_list : 4000);
  }

  static void read(const Json& json, const std::string& name, const Field&, bool& value) {
    expect(json.is_boolean(), "true or false", name, json);
    value = json.get<bool>();
  }

  static void read(const Json& json, const std::string& name, const Field&, std::uint64_t& value) {
    const auto whole = whole_in(json);
    expect(whole.has_value(), "a whole number", name, json);
    value = *whole;
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
      std::string shown = clean(key);
      if (values.contains(shown)) shown += checksum_of(key);  // another one is shown alike
      read(element, name + "." + printable(key, 100), field, values[shown]);
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
