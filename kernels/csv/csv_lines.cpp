#include "kernels/csv/csv_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <stdexcept>

#include "kernels/csv/csv_numbers.hpp"
#include "kernels/printable.hpp"

namespace scalelab {

namespace {

constexpr std::size_t chunk = 1 << 16;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Where quotes open and close, line by line.
class Quotes {
 public:
  explicit Quotes(const std::string& separators) : separators_(separators) {}

  void read(std::string_view text, std::size_t offset) {
    if (!open_ && text.find('"') == std::string_view::npos) return;
    bool begins = true;  // a field
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (open_) {
        if (c != '"') continue;
        if (i + 1 < text.size() && text[i + 1] == '"') {
          ++i;
        } else {
          open_ = begins = false;
        }
      } else if (c == '"' && begins) {
        open_ = true;
        opened_at_ = offset + i;
      } else {
        begins = separators_.find(c) != std::string::npos || (begins && is_blank(c));
      }
    }
  }

  bool open() const { return open_; }
  std::size_t opened_at() const { return opened_at_; }

 private:
  const std::string& separators_;
  bool open_ = false;
  std::size_t opened_at_ = 0;
};

}  // namespace

std::size_t CsvFields::split(std::string_view record, char separator, std::size_t most) {
  const bool any_blanks = separator == ' ';
  const auto separates = [&](std::size_t i) {
    return record[i] == separator || (any_blanks && record[i] == '\t');
  };
  const auto blank = [&](std::size_t i) { return is_blank(record[i]) && !separates(i); };
  fields_.clear();
  count_ = 0;
  has_beyond_ = lacks_quote_ = false;
  unescaped_.clear();
  unescaped_.reserve(record.size());  // views of it stay valid

  const auto skip_blanks = [&](std::size_t& i) {
    while (i < record.size() && is_blank(record[i])) ++i;
  };
  std::size_t at = 0;
  if (any_blanks) skip_blanks(at);
  for (;;) {
    while (at < record.size() && blank(at)) ++at;
    CsvField field{{}, at, false};
    if (at < record.size() && record[at] == '"') {
      field.quoted = true;
      const std::size_t begin = unescaped_.size();
      for (++at; at < record.size(); ++at) {
        if (record[at] == '"') {
          if (at + 1 == record.size() || record[at + 1] != '"') break;
          ++at;  // two quotes stand for one
        }
        unescaped_ += record[at];
      }
      lacks_quote_ = at == record.size();
      if (lacks_quote_) return field.at;
      for (++at; at < record.size() && blank(at);) ++at;
      if (at < record.size() && !separates(at)) return at;
      field.text = std::string_view(unescaped_).substr(begin);
    } else {
      const std::size_t begin = at;
      while (at < record.size() && !separates(at)) ++at;
      std::size_t end = at;
      while (end > begin && blank(end - 1)) --end;
      field.text = record.substr(begin, end - begin);
    }
    ++count_;
    if (fields_.size() < most) {
      fields_.push_back(field);
    } else if (!has_beyond_ && !field.text.empty()) {
      beyond_ = field;
      has_beyond_ = true;
    }
    if (any_blanks) skip_blanks(at);
    if (at == record.size()) return std::string_view::npos;
    if (!any_blanks) ++at;  // the separator
  }
}

bool CsvFields::all_empty() const {
  return !has_beyond_ && std::all_of(fields_.begin(), fields_.end(),
                                     [](const CsvField& field) { return field.text.empty(); });
}

bool CsvLines::fill() {
  buffer_.resize(chunk);
  input_.read(buffer_.data(), static_cast<std::streamsize>(chunk));
  buffer_.resize(static_cast<std::size_t>(input_.gcount()));
  at_ = 0;
  if (input_.bad()) {
    throw std::runtime_error(name_ + ": expected a file that can be read, found a read error");
  }
  return !buffer_.empty();
}

std::string_view CsvLines::beginning() {
  fill();
  if (buffer_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  return buffer_;
}

bool CsvLines::append_line(CsvRecord& record) {
  bool any = false;
  for (bool whole = false; !whole;) {
    if (at_ == buffer_.size() && !fill()) break;
    any = true;
    const std::size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
    if (record.text.size() + (end - at_) > longest) {
      record.fail(0, fmt::format("lines of at most {} MB", longest / 1'000'000), "a longer one");
    }
    record.text.append(buffer_, at_, end - at_);
    whole = end < buffer_.size();
    bytes_ += end - at_ + (whole ? 1 : 0);
    at_ = end + (whole ? 1 : 0);
  }
  if (any && !record.text.empty() && record.text.back() == '\r') record.text.pop_back();
  lines_ += any ? 1 : 0;
  return any;
}

bool CsvLines::next(CsvRecord& record) {
  record.text.clear();
  record.name = name_;
  record.line = lines_ + 1;
  record.seen = record.breaks = record.last_line = 0;
  if (!append_line(record)) return false;
  Quotes quotes(separators_);
  quotes.read(record.text, 0);
  while (quotes.open()) {
    const std::size_t begin = record.text.size() + 1;
    record.text += '\n';
    // Where nobody closes it, the rest of the file is one field.
    if (begin > longest / 2 || !append_line(record)) {
      record.fail(quotes.opened_at(), "a closing quote", "none");
    }
    quotes.read(std::string_view(record.text).substr(begin), begin);
  }
  return true;
}

std::string CsvRecord::place(std::size_t at) const {
  if (at < seen) seen = breaks = last_line = 0;
  for (; seen < std::min(at, text.size()); ++seen) {
    if (text[seen] != '\n') continue;
    ++breaks;
    last_line = seen + 1;
  }
  return fmt::format("{}:{}:{}", name, line + breaks, at - last_line + 1);
}

void CsvRecord::fail(std::size_t at, const std::string& expected, const std::string& found) const {
  throw std::runtime_error(fmt::format("{}: expected {}, found {}", place(at), expected, found));
}

char recognise_separator(std::string_view header, std::string_view row) {
  CsvFields fields;
  char best = ',';
  double most = -1;
  for (const char separator : {',', ';', '\t', '|', ' '}) {
    constexpr std::size_t enough = 1000;
    if (fields.split(header, separator, enough) != std::string_view::npos) continue;
    const std::size_t names = fields.count();
    if (names < 2 || fields.split(row, separator, enough) != std::string_view::npos) continue;
    const std::size_t there = fields.count();
    std::size_t numbers = 0;
    for (std::size_t j = 0; j < fields.size(); ++j) {
      double ignored = 0;
      numbers += read_csv_number(fields[j].text, '.', ignored) ||
                         read_csv_number(fields[j].text, ',', ignored) || is_missing(fields[j].text)
                     ? 1
                     : 0;
    }
    if (separator == ' ') {
      const bool is_table = there == names || there == names + 1;
      if (most < 0 && is_table && numbers + (there - names) >= fields.size()) best = separator;
      continue;
    }
    // A row may have one more, its name; or have nothing behind its last separators.
    const double like = there == names ? 2 : there == names + 1 ? 1 : there > 1 ? 0 : -2;
    const double score = like + static_cast<double>(numbers) / static_cast<double>(fields.size());
    if (score > most) {
      most = score;
      best = separator;
    }
  }
  return best;
}

std::string quoted_field(std::string_view text) {
  return text.empty() ? "an empty field" : fmt::format("'{}'", printable(text, 40));
}

}  // namespace scalelab
