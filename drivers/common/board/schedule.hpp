#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/options.hpp"
#include "kernels/range.hpp"

namespace scalelab {

/// How tasks are given to workers; the same meaning in every driver.
struct Schedule {
  enum class Kind {
    fixed,    ///< "static": known before the run
    dynamic,  ///< a worker that is free takes the next chunk
    guided    ///< the same, and chunks shrink towards the end
  };

  Kind kind = Kind::fixed;
  std::size_t chunk = 0;  ///< tasks handed out at once; 0: not given

  std::string name() const;
  bool is_fixed() const { return kind == Kind::fixed; }
};

/// From --schedule and --chunk.
Schedule schedule_of(const OptionValues& options);

/// The tasks of a run, cut into the chunks that a schedule hands out, and numbered in that order.
/// With N tasks, P workers and a --chunk of K:
///
///     static       P chunks; the first N mod P of them are one task longer than the others
///     static, K    chunks of K tasks
///     dynamic, K   chunks of K tasks (1 if not given)
///     guided, K    each of max(K, ceil(rest / 2P)) tasks, where rest are those not yet handed out
///
/// The last chunk may be shorter. `static` gives worker w the chunks w, w + P, w + 2P, ...; under
/// the others whoever is free takes the next. Source for guided: Polychronopoulos and Kuck, "Guided
/// self-scheduling", IEEE Transactions on Computers 36, 1987; halved as in factoring (Hummel,
/// Schonberg, Flynn 1992), so that the first chunk cannot hold up all others.
class Chunks {
 public:
  /// @throws UsageError if there are more chunks than a queue can number
  Chunks(const Schedule& schedule, std::size_t tasks, std::size_t workers);

  std::size_t count() const { return count_; }
  Range operator[](std::size_t number) const;
  /// The number of the chunk that holds a task.
  std::size_t holding(std::size_t task) const;

 private:
  std::size_t tasks_;
  std::size_t count_;
  std::size_t step_ = 0;    ///< of chunks that are equally long; 0: blocks, or guided
  std::size_t length_ = 0;  ///< of blocks: this, and one task more for the first longer_
  std::size_t longer_ = 0;
  std::shared_ptr<const std::vector<std::size_t>> begins_;  ///< guided: the first task of each
};

}  // namespace scalelab
