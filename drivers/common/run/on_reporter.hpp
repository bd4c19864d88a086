#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/run/command_line.hpp"
#include "drivers/common/timed/failure.hpp"
#include "drivers/common/world.hpp"
#include "kernels/data_set.hpp"

namespace scalelab {

/// Collective. What the reporter holds is copied to the others.
void share(World& world, std::string& text);
void share(World& world, Request& request);
void share(World& world, std::vector<Range>& ranges);
/// All of a data set but its values.
void share_description(World& world, DataSet& data);
/// The values, afterwards. They lie in memory as few times as can be.
/// @returns how many times that is, all machines together
std::size_t share_values(World& world, DataSet& data);

/// Collective. Does something on the reporter only. @throws Ended everywhere if that fails
template <class Action>
void on_reporter(World& world, const Action& action) {
  Ended end{0, "", false};
  if (world.reports()) {
    try {
      action();
    } catch (const Ended& ended) {
      end = ended;
    } catch (const UsageError& error) {
      end = {2, error.what(), false};
    } catch (...) {
      end = {1, what_is_thrown(), false};
    }
  }
  world.broadcast(std::as_writable_bytes(std::span(&end.status, 1)));
  if (end.status != 0) throw end;
}

}  // namespace scalelab
