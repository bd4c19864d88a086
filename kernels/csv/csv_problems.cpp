#include "kernels/csv/csv_problems.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "kernels/csv/csv_names.hpp"
#include "kernels/csv/csv_numbers.hpp"
#include "kernels/printable.hpp"

namespace scalelab {

CsvProblems::Problem CsvProblems::problem(std::size_t column, const CsvField& field,
                                          const CsvRecord& row) const {
  return {row.place(field.at), row.line, std::string(field.text.substr(0, 100)),
          columns_[column].name};
}

void CsvProblems::add_word(std::size_t column, const CsvField& field, const CsvRecord& row) {
  Words& words = words_[column];
  if (!words.first) words.first = problem(column, field, row);
  ++words.count;
  failed_ = true;
}

void CsvProblems::add_missing(std::size_t column, const CsvField& field, const CsvRecord& row) {
  if (!missing_) missing_ = problem(column, field, row);
  failed_ = true;
}

void CsvProblems::add_empty_row(const std::string& place, bool is_blank) {
  if (!failed_) {
    empty_ = place;
    is_blank_ = is_blank;
  }
  failed_ = true;
}

void CsvProblems::add_comma(std::size_t column, const CsvField& field, const CsvRecord& row) {
  if (!comma_) comma_ = problem(column, field, row);
  certain_comma_ = certain_comma_ || is_certainly_decimal(field.text, ',');
}

void CsvProblems::add_point(const CsvField& field) {
  has_point_ = true;
  certain_point_ = certain_point_ || is_certainly_decimal(field.text, '.');
}

void CsvProblems::fail(const Problem& problem, const std::string& advice) const {
  throw std::runtime_error(fmt::format("{}: expected a finite number in column '{}', found {}{}",
                                       problem.place, problem.column, quoted_field(problem.text),
                                       advise_ ? advice : ""));
}

void CsvProblems::tell() const {
  if (empty_) {  // it has come before all else
    throw std::runtime_error(fmt::format("{}: expected a row of numbers, found {}{}", *empty_,
                                         is_blank_ ? "a blank line" : "no value in it",
                                         advise_ ? ": --na drop leaves out such rows" : ""));
  }
  tell_words();
  if (missing_) {
    fail(*missing_, ", a missing value: --na drop leaves out the rows that lack one");
  }
  tell_marks();
}

/// Commas are decimal ones where they cannot be anything else, and nothing contradicts.
void CsvProblems::tell_marks() const {
  if (!comma_) return;
  if (has_point_ && certain_comma_ && certain_point_) {
    fail(*comma_, ": other numbers have a decimal point");
  }
  if (has_point_ && certain_comma_) {
    fail(*comma_, ": other numbers have a point: --decimal comma reads it between thousands");
  }
  if (has_point_ && certain_point_) {
    fail(*comma_,
         ": other numbers have a decimal point: --decimal point reads a comma between thousands");
  }
  if (has_point_) {
    fail(*comma_, ": other numbers have a point: --decimal says which of them is the decimal mark");
  }
  if (!certain_comma_) {
    fail(*comma_,
         ", which may be a thousand and more: --decimal comma says that it is not, --decimal point "
         "that it is");
  }
}

/// Of what people read as a number, and the kit does not.
std::string CsvProblems::advice_on_number(const std::string& text) const {
  double number = 0;
  const auto reads = [&](char decimal) {
    return read_csv_number(text, decimal, number) && std::isfinite(number);
  };
  if (decimal_ != '\0') {
    const bool comma = decimal_ == ',';
    if (reads(comma ? '.' : ',')) {
      return comma ? ": a decimal point, where --decimal says comma"
                   : ": a decimal comma, where --decimal says point";
    }
  } else if (read_grouped_number(text, ',', number)) {
    return ": --decimal comma reads points between thousands";
  } else if (read_grouped_number(text, '.', number)) {
    return reads(',')
               ? ": --decimal point reads commas between thousands, --decimal comma reads 1,5"
               : ": --decimal point reads commas between thousands";
  } else if (reads(',')) {
    return ": --decimal comma reads it";
  }
  if (!is_number_for_people(text)) return "";
  return ": of separators in numbers, points or commas between thousands are read, if --decimal "
         "says which";
}

void CsvProblems::tell_words() const {
  std::vector<std::string> categories;
  const Problem* first = nullptr;
  const Problem* first_category = nullptr;
  const auto take_earlier = [](const Problem*& of, const Problem& other) {
    if (of == nullptr || other.line < of->line) of = &other;
  };
  for (std::size_t j = 0; j < words_.size(); ++j) {
    const Words& words = words_[j];
    if (!words.first) continue;
    take_earlier(first, *words.first);
    if (words.count < numbers_[j]) continue;  // a slip
    take_earlier(first_category, *words.first);
    if (columns_[j].use == CsvUse::read) categories.push_back(columns_[j].name);
  }
  if (first == nullptr) return;
  if (first_category == nullptr) {
    if (missing_ && missing_->line < first->line) return;
    fail(*first, advice_on_number(first->text));
  }
  if (const std::string advice = advice_on_number(first_category->text); !advice.empty()) {
    fail(*first_category, advice);
  }
  std::string advice = ": categories (words, dates) are not fitted";
  if (!categories.empty()) {
    const std::string list = as_csv_list(categories);
    advice += list.size() > 500
                  ? fmt::format("; {} columns have them ({}): --columns chooses others",
                                categories.size(), some_of(categories))
                  : fmt::format("; --without {} leaves {} out", list,
                                categories.size() == 1 ? "it" : "them");
    if (missing_) advice += ", and --na drop the rows that lack a value";
  }
  fail(*first_category, advice);
}

}  // namespace scalelab
