// validate PATH...: reads records and tells what is wrong with them. validate --schema: prints what
// they hold, as the tables of results/README.md.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "results/programs/program.hpp"
#include "results/record/fields.hpp"
#include "results/record/read_records.hpp"
#include "results/record/record_paths.hpp"

namespace scalelab {

namespace {

/// A visitor of `fields` that prints a row of a table for each.
class TablePrinter {
 public:
  explicit TablePrinter(std::string prefix = "", bool all_optional = false)
      : prefix_(std::move(prefix)), all_optional_(all_optional) {}

  template <class T>
  void operator()(const Field& field, const T& value) const {
    print(field, type_of(value), field.optional || all_optional_);
    part(prefix_ + field.name + ".", value);
  }

  template <class T>
  void operator()(const Field& field, const std::optional<T>&) const {
    print(field, type_of(T{}), true);
    part(prefix_ + field.name + ".", T{});
  }

  template <class T>
  void inlined(const char*, const std::optional<T>&) const {
    const TablePrinter print_part(prefix_, true);
    const T members{};
    fields(print_part, members);
  }

 private:
  static std::string type_of(const std::string&) { return "string"; }
  static std::string type_of(bool) { return "boolean"; }
  static std::string type_of(std::uint64_t) { return "integer"; }
  static std::string type_of(double) { return "number"; }

  template <class T>
  static std::string type_of(const std::optional<T>&) {
    return type_of(T{});
  }

  template <class T>
  static std::string type_of(const std::vector<T>&) {
    return "array of " + type_of(T{});
  }

  template <class T>
  static std::string type_of(const std::map<std::string, T>&) {
    return "object of " + type_of(T{});
  }

  template <class Struct>
  requires std::is_class_v<Struct>
  static std::string type_of(const Struct&) { return "object"; }

  void print(const Field& field, const std::string& type, bool optional) const {
    fmt::print("| `{}{}`{} | {} | {} | {} |\n", prefix_, field.name, optional ? " ?" : "", type,
               field.unit, field.help);
  }

  template <class T>
  static void part(const std::string& prefix, const std::vector<T>&) {
    part(prefix.substr(0, prefix.size() - 1) + "[].", T{});
  }

  template <class T>
  static void part(const std::string& prefix, const T& value) {
    const TablePrinter print_part(prefix);
    if constexpr (requires { fields(print_part, value); }) fields(print_part, value);
  }

  std::string prefix_;
  bool all_optional_;
};

template <class Line>
void print_table(const char* kind, const char* meaning) {
  fmt::print("### `{}`: {}\n\n| field | type | unit | meaning |\n|---|---|---|---|\n", kind,
             meaning);
  fmt::print("| `kind` | string | | `{}` |\n", kind);
  if constexpr (std::is_same_v<Line, Run>) {
    fmt::print("| `schema` | integer | | version of these tables: {} |\n", record_schema);
  }
  const TablePrinter print;
  const Line line{};
  fields(print, line);
}

void print_schema() {
  print_table<Run>("run", "one driver, one configuration");
  fmt::print("\n");
  print_table<Repetition>("repetition", "one timed execution of all tasks");
  fmt::print("\n");
  print_table<Cost>("cost", "what a driver costs apart from any work");
  fmt::print("\n");
  print_table<End>("end", "the last line; a run without it was cut off");
}

int validate(const std::vector<std::string>& paths) {
  std::size_t files = 0;
  std::size_t runs = 0;
  std::size_t repetitions = 0;
  std::size_t findings = 0;
  for (const std::string& path : paths) files += record_files_in(path).size();
  read_records(paths, {.run = [&](const Run&) { ++runs; },
                       .repetition = [&](const Run&, const Repetition&) { ++repetitions; },
                       .finding =
                           [&](const Finding& finding) {
                             findings += finding.count;
                             fmt::print("{}\n", text_of(finding));
                           }});
  if (findings > 0 && runs + repetitions == 0) {
    fmt::print("nothing of this is a record, as --record writes it (a plan is for lab sweep)\n");
  }
  fmt::print("files: {}, runs: {}, repetitions: {}, findings: {}\n", files, runs, repetitions,
             findings);
  return findings == 0 ? 0 : 1;
}

int main(const std::vector<std::string>& arguments) {
  const auto body = [&] {
    if (arguments.size() != 1 || arguments[0] != "--schema") {
      return validate(paths_in(arguments, "files or folders of records, or --schema"));
    }
    print_schema();
    return 0;
  };
  return run_program("validate", body, 2);  // 1 says that something was found
}

}  // namespace

}  // namespace scalelab

int main(int argc, char** argv) { return scalelab::main({argv + 1, argv + argc}); }
