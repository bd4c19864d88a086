#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kernels/file_descriptor.hpp"
#include "results/record/pipes.hpp"

namespace scalelab {

/// A file that is there whole or not at all: it is written beside its place, and takes that at the
/// end, in one step. Until then, and if it never comes to that, what is there stays; who reads it
/// reads all of the old or all of the new. If the program is killed, nothing is left of it where
/// the file system knows files without a name, as most of Linux do, but for the last moment; what
/// is left elsewhere, `remove_leftovers` removes.
///
/// Where it may not take that place (the folder cannot be written, the file is mounted by itself,
/// or it would get another owner or other access rights), it goes into what is there, from its
/// beginning. Devices and pipes are written as they are. Of a file with several names, one is
/// parted from the others.
class WholeFile {
 public:
  /// What becomes of a link to a file.
  enum class Links { are_followed, are_replaced };

  /// @param path     which may be new
  /// @param give_up  of a pipe: whether to wait no more until somebody reads it
  /// @throws std::system_error  it cannot be written, or is a folder; that was given up
  explicit WholeFile(const std::string& path, Links links = Links::are_replaced,
                     GiveUp give_up = {});
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile();

  /// Removes what killed programs of this user have left beside this path: files with names as they
  /// are given here, a day old, which nobody holds.
  static void remove_leftovers(const std::string& path) noexcept;

  /// Keeps room for what will be written. @throws std::system_error there is not so much
  void reserve(std::size_t bytes);
  /// Appends to what this object has written. @throws std::system_error
  void write(std::string_view text);
  /// Nothing follows: it takes its place. @throws std::system_error
  void finish();

  /// Whether it keeps nothing: a device or a pipe.
  bool is_stream() const { return stream_; }

 private:
  void open_beside(bool there_is_an_old_one);
  std::string beside() const;
  void remove_temporary();
  void take_place();
  void copy_into_place();

  std::string path_;
  std::string temporary_;  ///< the name that the new file has; empty: none
  std::string made_;       ///< what a link led to, and was not there; empty: nothing
  FileDescriptor file_;
  GiveUp give_up_;
  int no_follow_ = 0;  ///< O_NOFOLLOW where links are replaced
  bool stream_ = false;
  bool in_place_ = false;
  std::size_t written_ = 0;
};

}  // namespace scalelab
