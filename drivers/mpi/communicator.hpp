#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

// The C interface only; Open MPI 4 would add its old C++ one.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

namespace scalelab::mpi {

/// @throws std::runtime_error with MPI's own words and the place of the call, unless `code` is
///         MPI_SUCCESS
/// (Compiler built-ins, since Clang 14 has no std::source_location.)
void check(int code, const char* file = __builtin_FILE(), int line = __builtin_LINE());

/// "Open MPI v4.1.4", "MPICH 4.0.2"
std::string library_version();

/// Waits until the request is done without burning the core.
void wait_politely(MPI_Request& request);

/// MPICH's ranks die in MPI_Init, with many words, where they find no room in /dev/shm.
/// To be called before it. @throws std::runtime_error
void need_shared_memory();

/// MPI_Finalize, but for MPICH before 4.2 over UCX between machines: some of its ranks would wait
/// in a barrier, deaf, and others for an answer of theirs (github.com/pmodels/mpich/pull/6596). So
/// there the program ends without, once all ranks have come here.
/// @param status  with which it then ends
void finalize(int status, bool other_machines);

/// A communicator of its own, or none. Freed collectively by all its ranks.
class Communicator {
 public:
  Communicator() = default;
  explicit Communicator(MPI_Comm handle);
  Communicator(Communicator&& other) noexcept { *this = std::move(other); }
  Communicator& operator=(Communicator&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(rank_, other.rank_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Communicator() {
    if (handle_ != MPI_COMM_NULL) MPI_Comm_free(&handle_);
  }

  /// A copy of `original` whose errors are returned, not fatal.
  static Communicator copy_of(MPI_Comm original);
  /// The ranks of `parent` that share memory. Collective.
  static Communicator of_machine(const Communicator& parent);
  /// Ranks of `parent` with the same colour, or none for MPI_UNDEFINED. Collective.
  static Communicator split(const Communicator& parent, int colour);

  MPI_Comm get() const { return handle_; }
  bool exists() const { return handle_ != MPI_COMM_NULL; }
  /// No calls of MPI, so any thread may ask.
  int rank() const { return rank_; }
  int size() const { return size_; }

 private:
  MPI_Comm handle_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 0;
};

/// Memory that all ranks of a communicator (of one node) share: an MPI window.
class SharedWindow {
 public:
  /// Collective. @param bytes  the same on all ranks
  SharedWindow(const Communicator& node, std::size_t bytes);
  SharedWindow(const SharedWindow&) = delete;
  SharedWindow& operator=(const SharedWindow&) = delete;
  ~SharedWindow();

  std::byte* get() const { return memory_; }

 private:
  MPI_Win window_ = MPI_WIN_NULL;
  std::byte* memory_ = nullptr;
};

/// Collective, and polite: no core is burnt while others are not there yet.
void barrier(const Communicator& ranks);

/// Collective. The bytes of rank 0 are copied to all. @param most  bytes in one call: MPI 3 counts
/// in int, so more than 2^31 - 1 have to go in pieces
void broadcast(const Communicator& ranks, std::span<std::byte> bytes,
               std::size_t most = std::size_t{1} << 30);

/// A message of plain bytes. Sending completes at once only for short ones.
void send(const Communicator& to, int rank, int tag, const void* bytes, std::size_t size);
/// Waits politely for a message of exactly `size` bytes.
void receive(const Communicator& from, int rank, int tag, void* bytes, std::size_t size);

}  // namespace scalelab::mpi
