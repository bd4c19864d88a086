#include "drivers/mpi/world.hpp"

#include <algorithm>

#include "drivers/common/timed/failure.hpp"
#include "drivers/mpi/gather.hpp"
#include "drivers/mpi/groups.hpp"
#include "drivers/mpi/launcher.hpp"

namespace scalelab::mpi {

MpiWorld::MpiWorld(double init_seconds)
    : init_seconds_(init_seconds),
      ranks_(Communicator::copy_of(MPI_COMM_WORLD)),
      machine_(Communicator::of_machine(ranks_)),
      node_(node_of(machine_)),
      leaders_(Communicator::split(ranks_, node_.rank() == 0 ? 0 : MPI_UNDEFINED)) {}

std::size_t MpiWorld::workers_here(std::size_t workers) const {
  return static_cast<std::size_t>(machine_.size()) *
         (workers / static_cast<std::size_t>(ranks_.size()));
}

std::string MpiWorld::standard_stream(int number) const { return stream_of_launcher(number); }
std::size_t MpiWorld::processes_here() const { return static_cast<std::size_t>(machine_.size()); }

std::size_t MpiWorld::copies_here(std::uint64_t bytes) const {
  const auto ranks = static_cast<std::size_t>(machine_.size());
  const auto on_a_node = static_cast<std::size_t>(node_.size());
  return on_a_node > 1 && !has_room(bytes) ? ranks : (ranks + on_a_node - 1) / on_a_node;
}

void MpiWorld::broadcast(std::span<std::byte> bytes) { mpi::broadcast(ranks_, bytes); }

World::Shared MpiWorld::share(std::shared_ptr<const double[]> values, std::size_t count) {
  if (count == 0 || ranks_.size() == 1) return {std::move(values)};
  const Groups groups = groups_with_room(ranks_, node_, count * sizeof(double), "the data");
  Shared shared{nullptr, static_cast<std::size_t>(groups.count)};
  if (groups.own.size() > 1) {
    data_ = std::make_unique<SharedWindow>(groups.own, count * sizeof(double));
    // The window belongs to the world, since giving it back is collective.
    shared.values = {reinterpret_cast<const double*>(data_->get()), [](const double*) {}};
    if (reports()) std::copy_n(values.get(), count, reinterpret_cast<double*>(data_->get()));
  } else {
    shared.values = reports() ? values : std::make_shared_for_overwrite<double[]>(count);
  }
  if (groups.leads()) {
    auto* writable = const_cast<double*>(shared.values.get());
    mpi::broadcast(groups.leaders, std::as_writable_bytes(std::span(writable, count)));
  }
  barrier(groups.own);
  return shared;
}

std::vector<std::string> MpiWorld::gather(const std::function<std::string()>& own) {
  if (!leaders_.exists()) return {};
  return gather_texts(leaders_, own());
}

void MpiWorld::end_if_any_failed(const std::string& failure) {
  int first = failure.empty() ? ranks_.size() : ranks_.rank();
  check(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, ranks_.get()));
  if (first < ranks_.size()) throw Ended{1, first == ranks_.rank() ? failure : "", false};
}

Stop MpiWorld::asked_for(Stop why) const { return asked_by_launcher(why); }

void MpiWorld::abandon() { MPI_Abort(MPI_COMM_WORLD, 1); }

}  // namespace scalelab::mpi
