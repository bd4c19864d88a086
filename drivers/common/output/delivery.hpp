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

  /// Waits until all that was printed since then has arrived, or until nothing more comes.
  /// @throws std::runtime_error  there is a reason to believe that it has not: the disk is full, or
  ///         the device
  void require() const;

 private:
  /// Of a file: how far the launcher has written. [bytes]
  std::optional<std::size_t> position() const;

  std::string stream_;
  std::size_t printed_before_;
  std::optional<std::size_t> begin_;  ///< none: it cannot be watched, or need not be
};

}  // namespace scalelab
