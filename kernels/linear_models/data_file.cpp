#include "kernels/linear_models/data_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>

#include "kernels/csv/csv.hpp"
#include "kernels/csv/csv_names.hpp"
#include "kernels/printable.hpp"

namespace scalelab {

namespace {

using Names = std::vector<std::string>;

using NameSet = std::unordered_set<std::string>;  // lists of names may be as long as a header

Names names_of(const OptionValues& options, const char* option) {
  if (!options.given(option)) return {};
  try {
    return csv_list(options.text(option));
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("--{}: {}", option, error.what()));
  }
}

/// What --target, --columns and --without say of the columns of a file.
class Choice {
 public:
  explicit Choice(const OptionValues& options)
      : file_(options.text("data")),
        target_(csv_name(options.text("target"))),
        columns_(names_of(options, "columns")),
        without_(names_of(options, "without")),
        column_set_(columns_.begin(), columns_.end()),
        without_set_(without_.begin(), without_.end()) {
    if (without_set_.contains(target_)) {
      throw UsageError("--without: expected other columns than the target, got '" + target_ + "'");
    }
    for (const std::string& name : columns_) {
      if (without_set_.contains(name)) {
        throw UsageError("--without: expected other columns than --columns, got '" + name + "'");
      }
    }
  }

  std::vector<CsvUse> operator()(const Names& names) const {
    const NameSet there(names.begin(), names.end());
    require("target", {target_}, names, there);
    require("columns", columns_, names, there);
    require("without", without_, names, there);
    std::vector<CsvUse> uses;
    for (const std::string& name : names) {
      const bool wanted =
          columns_.empty() ? !without_set_.contains(name) : column_set_.contains(name);
      uses.push_back(name == target_ ? CsvUse::read_as_target
                     : wanted        ? CsvUse::read
                                     : CsvUse::none);
    }
    return uses;
  }

  const std::string& target() const { return target_; }
  bool names_columns() const { return !columns_.empty(); }
  const Names& without() const { return without_; }

 private:
  void require(const char* option, const Names& wanted, const Names& names,
               const NameSet& there) const {
    for (const std::string& name : wanted) {
      if (there.contains(name) && !name.empty()) continue;
      Names shown;
      std::copy_if(names.begin(), names.end(), std::back_inserter(shown),
                   [](const std::string& text) { return !text.empty(); });
      throw UsageError(fmt::format("--{}: expected a column of {} ({}), got '{}'", option, file_,
                                   some_of(shown), name));
    }
  }

  std::string file_;
  std::string target_;
  Names columns_;
  Names without_;
  NameSet column_set_;
  NameSet without_set_;
};

char separator_of(const OptionValues& options) {
  if (!options.given("separator")) return '\0';
  constexpr std::array<char, 5> separators{',', ';', '\t', ' ', '|'};
  const std::string& text = options.text("separator");
  for (const char separator : separators) {
    if (text == std::string(1, separator)) return separator;
  }
  return separators[options.choice("separator", {"comma", "semicolon", "tab", "space", "pipe"})];
}

CsvFormat format_of(const OptionValues& options, const Choice& choice) {
  CsvFormat format{.separator = separator_of(options), .choose = choice};
  if (options.given("decimal")) {
    format.decimal = options.choice("decimal", {"point", "comma"}) == 0 ? '.' : ',';
  }
  format.drop_missing = options.choice("na", {"error", "drop"}) == 1;
  return format;
}

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// How the file was read, where that is not what everybody expects.
Names notes_on(const CsvTable& table, const Choice& choice) {
  Names notes;
  switch (table.separator) {
    case ';': notes.emplace_back("fields separated by semicolons"); break;
    case '\t': notes.emplace_back("fields separated by tabs"); break;
    case ' ': notes.emplace_back("fields separated by blanks"); break;
    case ',': break;
    default:
      notes.push_back(fmt::format("fields separated by '{}'", printable({&table.separator, 1}, 4)));
  }
  if (table.decimal == ',') notes.emplace_back("numbers with a decimal comma");
  if (table.grouped > 0) {
    notes.push_back(fmt::format("{} read without the {}s between thousands",
                                plural(table.grouped, "number"),
                                table.decimal == ',' ? "point" : "comma"));
  }
  for (const std::size_t column : table.unnamed) {
    if (column == 1 && table.has_index) {
      notes.emplace_back("without the first column, an index that has no name");
    } else {
      notes.push_back(fmt::format("without column {}, which has no name", column));
    }
    if (notes.size() > 10) break;
  }
  if (choice.names_columns()) {
    Names used = table.header;
    used.erase(std::find(used.begin(), used.end(), choice.target()));
    notes.push_back(used.empty() ? "with no column but the target"
                                 : "only columns " + some_of(used));
  } else if (!choice.without().empty()) {
    notes.push_back((choice.without().size() == 1 ? "without column " : "without columns ") +
                    some_of(choice.without()));
  }
  if (table.dropped_rows > 0) {
    Names lines;
    for (const std::size_t line : table.dropped_lines) lines.push_back(std::to_string(line));
    const std::size_t more = table.dropped_rows - lines.size();
    notes.push_back(fmt::format("{} of {} left out, for want of a value (line{} {}{})",
                                table.dropped_rows, plural(table.file_rows, "row"),
                                table.dropped_rows == 1 ? "" : "s", some_of(lines),
                                more > 0 ? fmt::format(" and {} more", more) : ""));
  }
  return notes;
}

/// Of what is read as it is, and yet may not be what was meant: a number of its row explains
/// nothing, and looks like a number that does.
Names warnings_of(const CsvTable& table, const std::string& file, bool row_numbers_are_meant) {
  Names warnings;
  if (!table.rounded.empty()) {
    warnings.push_back(
        fmt::format("{}: column{} {}: whole numbers of more than 15 digits were rounded to what a "
                    "double holds; "
                    "less a constant they would be exact",
                    file, table.rounded.size() == 1 ? "" : "s", some_of(table.rounded)));
  }
  if (!table.may_be_thousands.empty()) {
    const CsvTable::MayBeThousands& first = table.may_be_thousands.front();
    Names names;
    for (const auto& column : table.may_be_thousands) names.push_back("'" + column.name + "'");
    warnings.push_back(
        fmt::format("{}: column{} {}: '{}' and the like may have points between thousands, and are "
                    "read with decimal points: --decimal comma reads thousands, --decimal point "
                    "says that none are there",
                    first.place, names.size() == 1 ? "" : "s", some_of(names), first.text));
  }
  if (row_numbers_are_meant) return warnings;
  const bool only_one = table.columns.size() == 2;
  for (const CsvTable::RowNumbers& column : table.row_numbers) {
    const std::string name = as_csv_list({column.name});
    warnings.push_back(fmt::format("{}: column '{}' is {} to {}, as row numbers are: {}", file,
                                   column.name, column.first, column.first + table.file_rows - 1,
                                   only_one ? "--columns " + name + " says that it is meant"
                                            : "--without " + name + " leaves it out"));
  }
  return warnings;
}

/// Rows were left out, and too few are left. @param coefficients  that they are to give
void require_rows_left(const CsvTable& table, const Choice& choice, const std::string& file,
                       std::size_t coefficients) {
  if (table.dropped_rows == 0 || table.rows() > coefficients) return;
  std::size_t fewest = table.columns.size();
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    if (table.header[j] == choice.target()) continue;
    if (fewest == table.columns.size() || table.there[j] < table.there[fewest]) fewest = j;
  }
  std::string advice;
  if (fewest < table.columns.size() && table.there[fewest] < table.file_rows) {
    advice =
        fmt::format("; column '{}' has values in {} of them only (--without {})",
                    table.header[fewest], table.there[fewest], as_csv_list({table.header[fewest]}));
  }
  throw std::runtime_error(fmt::format(
      "{}: expected more rows than coefficients, found {} for {} coefficients where "
      "nothing is missing, of {}{}",
      file, plural(table.rows(), "row"), coefficients, plural(table.file_rows, "row"), advice));
}

void append_powers(CsvTable& table, std::size_t degree, const std::string& file) {
  if (table.columns.size() != 1) {
    throw UsageError(fmt::format("--degree: expected one column beside the target, {} has {} ({})",
                                 file, table.columns.size(), some_of(table.header)));
  }
  for (std::size_t d = 2; d <= degree; ++d) {
    std::vector<double> power(table.columns.front().size());
    double largest = 0;
    for (std::size_t i = 0; i < power.size(); ++i) {
      power[i] = table.columns.back()[i] * table.columns.front()[i];
      if (!std::isfinite(power[i])) {
        throw std::runtime_error(
            fmt::format("{}: power {} of row {} is too large for a number", file, d, i + 1));
      }
      largest = std::max(largest, std::abs(power[i]));
    }
    const auto& base = table.columns.front();
    const bool any = std::any_of(base.begin(), base.end(), [](double x) { return x != 0; });
    if (any && largest < std::numeric_limits<double>::min()) {
      throw std::runtime_error(fmt::format(
          "{}: power {} of column '{}' is too small for numbers: give it in a smaller unit", file,
          d, table.header.front()));
    }
    table.header.push_back(fmt::format("{}^{}", table.header.front(), d));
    table.columns.push_back(std::move(power));
  }
}

}  // namespace

std::vector<Option> data_file_options() {
  return {
      {"data", "", "fit this CSV file with a header instead of drawn data", Option::Kind::file},
      {"target", "", "the column of --data to be explained by others"},
      {"columns", "", "those that explain it, as in age,bmi; else all others"},
      {"without", "", "those that do not, as in id,name"},
      {"na", "error", "rows that lack a value: error, or drop them"},
      {"separator", "", "comma, semicolon, tab, space or pipe; else recognised"},
      {"decimal", "", "point or comma, the other parts thousands; else recognised"},
      {"degree", "1", "with one column beside the target: its powers 1..X"},
  };
}

void refuse_data_file_options(const OptionValues& options) {
  for (const Option& option : data_file_options()) {
    if (option.name != "data" && options.chosen(option.name)) {
      throw UsageError(fmt::format("--{}: expected together with --data FILE only", option.name));
    }
  }
}

DataSet read_data_file(const OptionValues& options, bool intercept) {
  if (!options.given("target")) {
    throw UsageError("--target: expected with --data, the column of FILE to be explained");
  }
  const std::string& file = options.text("data");
  if (file == "-") {
    throw UsageError(
        "--data: expected a file, got - (standard input), which can be read only once: write the "
        "data to a file first");
  }
  const std::size_t degree = options.whole("degree", 1, 100);
  const Choice choice(options);
  CsvTable table = read_csv_file(file, format_of(options, choice));
  Names notes = notes_on(table, choice);
  Names warnings = warnings_of(table, file, degree > 1 || choice.names_columns());

  require_rows_left(table, choice, file,
                    table.columns.size() - 1 + (degree - 1) + (intercept ? 1 : 0));
  const auto place =
      std::find(table.header.begin(), table.header.end(), choice.target()) - table.header.begin();
  std::vector<double> response = std::move(table.columns[static_cast<std::size_t>(place)]);
  table.header.erase(table.header.begin() + place);
  table.columns.erase(table.columns.begin() + place);
  if (table.columns.empty() && !intercept) {
    throw std::runtime_error(file + ": expected a column beside the target, found none");
  }
  if (degree > 1) append_powers(table, degree, file);
  if (intercept) {
    table.header.insert(table.header.begin(), "intercept");
    table.columns.insert(table.columns.begin(), std::vector<double>(response.size(), 1.0));
  }
  table.header.push_back(choice.target());
  table.columns.push_back(std::move(response));
  DataSet data = assemble(file, std::move(table.header), std::move(table.columns));
  data.notes = std::move(notes);
  data.warnings = std::move(warnings);
  return data;
}

DataFileSize foresee_data_file(const OptionValues& options, bool intercept) {
  try {
    const CsvSize size =
        foresee_csv_size(options.text("data"), format_of(options, Choice(options)));
    const std::uint64_t powers = options.whole("degree", 1, 100) - 1;
    return {size.rows, size.columns + powers + (intercept ? 1 : 0)};
  } catch (const std::runtime_error&) {
    return {};  // reading it will tell
  }
}

DataSet assemble(std::string name, std::vector<std::string> names,
                 std::vector<std::vector<double>> columns) {
  const std::size_t rows = columns.front().size();
  // Not std::make_shared, which would fill it with zeros first.
  std::shared_ptr<double[]> values(new double[rows * columns.size()]);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    std::copy(columns[j].begin(), columns[j].end(), values.get() + j * rows);
    columns[j] = {};
  }
  return {std::move(name), std::move(names), rows, std::move(values)};
}

}  // namespace scalelab
