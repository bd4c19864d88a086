#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace scalelab {

/// Whether what this program prints arrives. The launcher of ranks takes it, passes it on, and says
/// nothing if that fails, as on a full disk: the file that it writes to has to be watched.
class Delivery {
 public:
  /// @param stream  of World::standard_stream(1): where it ends
  explicit Delivery(std::string stream);

  /// Waits until all that was printed since then has arrived, a second or two at the most.
  /// @throws std::runtime_error  it has not, or cannot
  void require() const;

 private:
  /// Of a file: how far the launcher has written. [bytes]
  std::optional<std::size_t> position() const;

  std::string stream_;
  std::size_t printed_before_;
  std::optional<std::size_t> begin_;  ///< none: it cannot be watched, or need not be
};

}  // namespace scalelab
