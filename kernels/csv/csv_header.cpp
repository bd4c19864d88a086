#include "kernels/csv/csv_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "kernels/csv/csv_names.hpp"
#include "kernels/csv/csv_numbers.hpp"

namespace scalelab {

namespace {

constexpr std::size_t most_columns = 100'000;

const char* name_of(char separator) {
  switch (separator) {
    case ',': return "comma";
    case ';': return "semicolon";
    case '\t': return "tab";
    case ' ': return "blank";
    default: return "separator";
  }
}

/// Of one column of names that are separated by something else.
void refuse_one_column(const CsvRecord& header, const CsvRecord& row, const CsvFields& fields,
                       const CsvFormat& format) {
  if (fields.count() > 1) return;
  for (const char c : {';', '\t', ' '}) {
    if (fields[0].text.find(c) != std::string_view::npos && row.text.find(c) != std::string::npos) {
      header.fail(0, "names separated by commas",
                  quoted_field(fields[0].text) + (format.choose ? " (see --separator)" : ""));
    }
  }
}

bool is_comment(const std::string& text) {
  return text.starts_with('#') || text.starts_with('%') || text.starts_with("//");
}

/// A first line that begins as a comment is a header if numbers follow, in as many fields.
void refuse_comment_as_header(const CsvRecord& header, const CsvRecord& row, const CsvHeader& found,
                              const CsvFields& fields) {
  if (!is_comment(header.text)) return;
  CsvFields of_row;
  of_row.split(row.text, found.separator, most_columns);  // which is empty if there is none
  bool has_number = false;
  for (std::size_t j = 0; j < of_row.size(); ++j) {
    double ignored = 0;
    has_number = has_number || read_csv_number(of_row[j].text, '.', ignored);
  }
  if (has_number && fields.count() > 1 && fields.count() == of_row.count()) return;
  refuse_comment(header, "a header with the names of the columns");
}

/// R's write.table: the first field of each row is its name, for which the header has no place.
bool only_rows_have_names(const CsvRecord& row, const CsvHeader& found) {
  if (!found.has_row || found.columns.back().name.empty()) return false;
  const std::size_t fields_of_row = found.columns.size() + 1;
  CsvFields fields;
  fields.split(row.text, found.separator, fields_of_row);
  double ignored = 0;
  return fields.count() == fields_of_row && fields.size() == fields_of_row &&
         !fields[fields_of_row - 1].text.empty() &&
         (fields[0].quoted || !read_csv_number(fields[0].text, '.', ignored));
}

void choose_columns(CsvHeader& found, const CsvFormat& format) {
  std::vector<std::string> names;
  for (const CsvColumn& column : found.columns) names.push_back(column.name);
  std::vector<CsvUse> uses(names.size(), CsvUse::read);
  if (format.choose) uses = format.choose(names);
  std::unordered_set<std::string> seen;
  for (std::size_t j = 0; j < found.columns.size(); ++j) {
    CsvColumn& column = found.columns[j];
    column.use = uses[j];
    if (column.name.empty()) {
      column.has_to_be_empty = j > 0 && column.use != CsvUse::none;
      column.use = CsvUse::none;
      continue;
    }
    found.fewest_fields = j + 1;
    if (column.use != CsvUse::none && !seen.insert(column.name).second) {
      throw std::runtime_error(
          fmt::format("{}: expected different names of columns, found '{}' "
                      "twice",
                      column.place, column.name));
    }
  }
}

}  // namespace

void split(const CsvRecord& record, char separator, std::size_t most, CsvFields& fields) {
  const std::size_t wrong = fields.split(record.text, separator, most);
  if (wrong == std::string_view::npos) return;
  if (fields.lacks_quote()) record.fail(wrong, "a closing quote", "none");
  record.fail(wrong, fmt::format("a {} behind the closing quote", name_of(separator)),
              quoted_field(record.text.substr(wrong, 1)));
}

void refuse_comment(const CsvRecord& record, const std::string& expected) {
  if (!is_comment(record.text)) return;
  record.fail(
      0, expected,
      fmt::format("a comment, {}: remove the lines that begin with {}", quoted_field(record.text),
                  record.text[0] == '/' ? "//" : record.text.substr(0, 1)));
}

CsvHeader read_csv_header(CsvLines& lines, CsvRecord& row, const CsvFormat& format) {
  CsvRecord header;
  CsvHeader found;
  bool any = lines.next(header);
  bool is_said = format.separator != '\0';
  if (is_said) found.separator = format.separator;
  if (any && header.text.size() == 5 && header.text.starts_with("sep=")) {  // as Excel writes it
    if (!is_said) found.separator = header.text[4];
    is_said = true;
    any = lines.next(header);
  }
  if (!any) header.fail(0, "a header with the names of the columns", "an empty file");
  found.bytes = lines.bytes();
  found.has_row = lines.next(row);
  if (!is_said) found.separator = recognise_separator(header.text, row.text);
  lines.set_separators(found.separator == ' ' ? " \t" : std::string_view(&found.separator, 1));

  CsvFields fields;
  split(header, found.separator, most_columns, fields);
  if (fields.count() > most_columns) {
    header.fail(0, fmt::format("at most {} columns", most_columns),
                fmt::format("{}", fields.count()));
  }
  refuse_comment_as_header(header, row, found, fields);
  refuse_one_column(header, row, fields, format);
  bool only_numbers = true;
  for (std::size_t j = 0; j < fields.size(); ++j) {
    double ignored = 0;
    only_numbers = only_numbers && (read_csv_number(fields[j].text, '.', ignored) ||
                                    read_csv_number(fields[j].text, ',', ignored));
    found.columns.push_back({csv_name(std::string(fields[j].text)), header.place(fields[j].at)});
  }
  if (only_numbers) header.fail(0, "a header with the names of the columns", "numbers");
  if (only_rows_have_names(row, found)) found.columns.insert(found.columns.begin(), CsvColumn{});
  if (std::all_of(found.columns.begin(), found.columns.end(),
                  [](const CsvColumn& column) { return column.name.empty(); })) {
    const bool is_blank = found.columns.size() == 1;
    header.fail(0, "a header with the names of the columns", is_blank ? "a blank line" : "no name");
  }
  choose_columns(found, format);
  return found;
}

}  // namespace scalelab
