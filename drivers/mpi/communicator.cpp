#include "drivers/mpi/communicator.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "drivers/common/board/polite_wait.hpp"
#include "drivers/common/machine/host.hpp"
#include "drivers/common/machine/shared_memory.hpp"

namespace scalelab::mpi {

void check(int code, const char* file, int line) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw std::runtime_error(fmt::format("{} ({}:{})", text.data(), file, line));
}

namespace {

/// All that the library says of itself, in several lines.
std::string library_text() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length));
  return text.data();
}

}  // namespace

std::string library_version() {
  std::string version = library_text();
  version.resize(std::min(version.size(), version.find_first_of(",\n")));
  const std::string mpich = "MPICH Version:\t";
  if (version.starts_with(mpich)) version.replace(0, mpich.size(), "MPICH ");
  return version;
}

void wait_politely(MPI_Request& request) {
  int done = 0;
  for (PoliteWait wait;; wait.pause()) {
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done != 0) return;
  }
}

void need_shared_memory() {
#ifdef MPICH_NUMVERSION
  const std::uint64_t needed = std::uint64_t{1} << 20;
  if (free_shared_memory().value_or(needed) >= needed) return;
  throw std::runtime_error(fmt::format("/dev/shm has no room: MPICH needs {} MiB of it on {}",
                                       needed >> 20, host_name().data()));
#endif
}

void finalize(int status, bool other_machines) {
#if defined(MPICH_NUMVERSION) && MPICH_NUMVERSION < 40200000
  if (other_machines && library_text().find("ch4:ucx") != std::string::npos) {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(MPI_COMM_WORLD, &request));
    wait_politely(request);
    // The last to come may need some more answers.
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    for (PoliteWait wait; std::chrono::steady_clock::now() < end; wait.pause()) {
      int arrived = 0;
      check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &arrived, MPI_STATUS_IGNORE));
    }
    std::fflush(nullptr);
    _exit(status);
  }
#endif
  static_cast<void>(status);
  static_cast<void>(other_machines);
  MPI_Finalize();
}

Communicator::Communicator(MPI_Comm handle) : handle_(handle) {
  if (!exists()) return;
  check(MPI_Comm_rank(handle_, &rank_));
  check(MPI_Comm_size(handle_, &size_));
}

Communicator Communicator::copy_of(MPI_Comm original) {
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(original, &copy));
  check(MPI_Comm_set_errhandler(copy, MPI_ERRORS_RETURN));
  return Communicator(copy);
}

Communicator Communicator::of_machine(const Communicator& parent) {
  MPI_Comm node = MPI_COMM_NULL;
  check(
      MPI_Comm_split_type(parent.get(), MPI_COMM_TYPE_SHARED, parent.rank(), MPI_INFO_NULL, &node));
  return Communicator(node);
}

Communicator Communicator::split(const Communicator& parent, int colour) {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(parent.get(), colour, parent.rank(), &part));
  return Communicator(part);
}

SharedWindow::SharedWindow(const Communicator& node, std::size_t bytes) {
  void* own = nullptr;
  check(MPI_Win_allocate_shared(node.rank() == 0 ? static_cast<MPI_Aint>(bytes) : 0, 1,
                                MPI_INFO_NULL, node.get(), &own, &window_));
  MPI_Aint size = 0;
  int unit = 0;
  void* first = nullptr;
  check(MPI_Win_shared_query(window_, 0, &size, &unit, &first));
  check(MPI_Win_lock_all(MPI_MODE_NOCHECK, window_));
  memory_ = static_cast<std::byte*>(first);
}

SharedWindow::~SharedWindow() {
  MPI_Win_unlock_all(window_);
  MPI_Win_free(&window_);
}

void barrier(const Communicator& ranks) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(ranks.get(), &request));
  wait_politely(request);
}

void broadcast(const Communicator& ranks, std::span<std::byte> bytes, std::size_t most) {
  for (std::size_t at = 0; at < bytes.size(); at += most) {
    const auto part = bytes.subspan(at, std::min(most, bytes.size() - at));
    MPI_Request request = MPI_REQUEST_NULL;
    check(
        MPI_Ibcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, 0, ranks.get(), &request));
    wait_politely(request);
  }
}

void send(const Communicator& to, int rank, int tag, const void* bytes, std::size_t size) {
  check(MPI_Send(bytes, static_cast<int>(size), MPI_BYTE, rank, tag, to.get()));
}

void receive(const Communicator& from, int rank, int tag, void* bytes, std::size_t size) {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Irecv(bytes, static_cast<int>(size), MPI_BYTE, rank, tag, from.get(), &request));
  wait_politely(request);
}

}  // namespace scalelab::mpi
