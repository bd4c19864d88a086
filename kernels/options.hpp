#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scalelab {

/// The user asked for something that does not exist. One line: which option, what is wrong, what is
/// allowed. Ends the program with exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option of a kernel, as data. `drivers/common` turns it into a real --name.
struct Option {
  enum class Kind { value, flag, file };  ///< file: a value that names a file to be read

  std::string name;      ///< as typed after "--"
  std::string fallback;  ///< used when the option is not given; empty: it has none
  std::string help;
  Kind kind = Kind::value;
};

/// Options as resolved: every declared option has its text, given or fallback. Ordered by name, so
/// that two equal sets print, travel and compare the same.
/// Every reader throws UsageError naming the option, its text and what is allowed.
class OptionValues {
 public:
  /// @param chosen  by the user; false: it is the fallback
  void set(const std::string& name, const std::string& text, bool chosen = true);

  bool chosen(const std::string& name) const { return chosen_.contains(name); }
  /// False if the option was not chosen and has no fallback.
  bool given(const std::string& name) const { return !text(name).empty(); }
  const std::string& text(const std::string& name) const;
  bool flag(const std::string& name) const;
  std::uint64_t whole(const std::string& name, std::uint64_t least = 1,
                      std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const;
  double real(const std::string& name, double least, double most) const;
  /// A number of at least 0 and less than 1.
  double fraction(const std::string& name) const;
  /// A time with a unit, as in 50us (or 50µs), 2ms, 1.5s. [s]
  double seconds(const std::string& name) const;
  /// A size with a unit, as in 64B, 100kB, 256MB, 64MiB, 1.5GB: kB, MB, GB and TB are powers of
  /// 1000, KiB, MiB, GiB and TiB of 1024. Rounded to a whole number. [bytes]
  std::uint64_t bytes(const std::string& name) const;
  /// The position of the option's text among the allowed ones.
  std::size_t choice(const std::string& name, const std::vector<std::string_view>& allowed) const;

  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, std::string> texts_;
  std::set<std::string> chosen_;
};

/// "a, b or c"
std::string any_of(const std::vector<std::string_view>& names);

/// Reads the whole text as a number, with a point whatever the locale; too large a number is read
/// as infinite, too small a one as 0. @returns false if it is none
bool read_number(std::string_view text, double& number);

}  // namespace scalelab
