#include "results/analysis/causes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "results/analysis/bandwidth.hpp"
#include "results/text/phrases.hpp"

namespace scalelab {

namespace {

/// Something by which workers' time is lost, as a share of it.
struct Loss {
  const char* name;
  Estimate share;
  std::string text;
  int hundredths = 0;  ///< the same, rounded so that all of a point's time adds up to 100
};

/// The share of a loss in each run of a point, with its interval.
Estimate share_of(const Point& point, double Losses::*loss) {
  std::vector<double> shares;
  for (const Losses& losses : point.losses_of_runs) shares.push_back(losses.*loss);
  const Median share = median_of(shares);
  return {share.value, share.low, share.high};
}

/// The same of the slowdown, which is as unsure as the base's compute time is, too.
Estimate slowdown_of(const Curve& curve, const Point& point) {
  const Estimate share = share_of(point, &Losses::slowdown);
  const Median base = median_of(curve.base_compute);
  const double work = point.efficiency->value;  // the base's compute time, as a share of all
  return {share.value, share.low - work * (base.high / base.value - 1),
          share.high + work * (1 - base.low / base.value)};
}

/// The part of a curve's last slowdown that its driver has on 1 worker, too: the same compute time
/// beyond the base's, which weighs as much more as the efficiency is less.
Estimate slowdown_alone(const Curve& curve, const Point& last, const Estimate& slowdown) {
  const Point& first = curve.points.front();
  if (first.workers != 1 || first.losses_of_runs.empty() || !first.efficiency) return {};
  const double weight = last.efficiency->value / first.efficiency->value;
  const Estimate alone = slowdown_of(curve, first);
  // No more than there is.
  const auto part = [&](double share) {
    return std::clamp(share * weight, 0.0, std::max(0.0, slowdown.value));
  };
  return {part(alone.value), part(alone.low), part(alone.high)};
}

/// Why some workers have more to do than others, as far as the sizes of tasks tell.
std::string imbalance_of(const Point& point) {
  const auto workers = static_cast<double>(point.workers);
  const double share = point.sharing.share(workers);
  double more_tasks = 0;
  for (const Sample& run : point.runs) more_tasks = std::max(more_tasks, run.most_tasks - 1);
  constexpr double alike = 0.01;
  if (point.sharing.longest == 0 && more_tasks < alike) {
    return "some workers need more CPU time for as many tasks, and all others wait: slower cores, "
           "a "
           "lower clock, or a busy neighbour on the same core?";
  }
  const double unavoidable = 1 - 1 / (workers * share);
  constexpr double most = 0.8;
  if (!point.losses || unavoidable < most * point.losses->imbalance) {
    return "imbalance: some workers have more to do than others";
  }
  if (point.sharing.longest > 0) {
    return fmt::format("imbalance: the longest task is {} of the work, and nobody can share it",
                       percent(point.sharing.longest));
  }
  const auto fair = static_cast<double>(point.tasks) / workers;
  return fmt::format(
      "{} {}s do not divide evenly: some workers have {:.0f} tasks, others fewer, and "
      "wait",
      point.tasks, point.sharing.chunk > 1 ? "tasks in chunk" : "task",
      std::max(std::ceil(fair), share * static_cast<double>(point.tasks)));
}

std::vector<Loss> losses_of(const Study& study, const Curve& curve, const Point& last) {
  const Estimate slowdown = slowdown_of(curve, last);
  const Estimate alone = slowdown_alone(curve, last, slowdown);
  return {{"serial part", share_of(last, &Losses::serial),
           "all others wait while one worker does the serial part"},
          {"imbalance", share_of(last, &Losses::imbalance), imbalance_of(last)},
          {last.throttled ? "CPU limit" : "other programs", share_of(last, &Losses::preempted),
           last.throttled ? "a limit of CPUs (cgroup) stops the workers for part of the time"
                          : "other programs had the cores for part of the time"},
          {"slower compute",
           {slowdown.value - alone.value, slowdown.low - alone.high, slowdown.high - alone.low},
           slowed_by(study, curve, last)},
          {"the driver", alone, "the same work takes longer in this driver, on 1 worker, too"},
          {"the rest", share_of(last, &Losses::other),
           "all that is neither computing nor waiting for others who do: handing out, messages, "
           "waking up"}};
}

/// The work that is left to do, in hundredths of the workers' time, which is given to the losses as
/// well: all add up to 100. Nothing where the runs are so unlike that what most of them have in
/// common is less than half of their time; then each loss has its own share.
std::optional<int> divide_up(const Point& point, std::vector<Loss>& losses) {
  // What was gained side by side is part of that work.
  std::vector<double> shares{share_of(point, &Losses::work).value +
                             std::min(0.0, share_of(point, &Losses::slowdown).value)};
  for (const Loss& loss : losses) shares.push_back(loss.share.value);
  double all = 0;
  for (double& share : shares) all += share = std::max(0.0, share);
  constexpr double unlike = 0.5;
  if (!(all >= unlike)) {
    for (std::size_t i = 0; i < losses.size(); ++i) {
      losses[i].hundredths = static_cast<int>(std::lround(100 * shares[i + 1]));
    }
    return std::nullopt;
  }
  int left = 100;
  std::vector<int> hundredths;
  std::vector<std::pair<double, std::size_t>> cut;  // what rounding down has cut off, and of which
  for (const double share : shares) {
    const double exactly = 100 * share / all;
    hundredths.push_back(static_cast<int>(exactly));
    left -= hundredths.back();
    cut.emplace_back(exactly - hundredths.back(), cut.size());
  }
  std::sort(cut.rbegin(), cut.rend());
  for (std::size_t i = 0; i < cut.size() && left > 0; ++i, --left) ++hundredths[cut[i].second];
  for (std::size_t i = 0; i < losses.size(); ++i) losses[i].hundredths = hundredths[i + 1];
  return hundredths.front();
}

/// "work 70 %, other programs 30 %": what the workers' time went to; parts that round to nothing
/// are left out.
std::string all_in_all(int work, const std::vector<Loss>& losses) {
  std::vector<std::string> texts;
  const auto add = [&](const char* name, int hundredths) {
    if (hundredths > 0) texts.push_back(fmt::format("{} {} %", name, hundredths));
  };
  add("work", work);
  for (const Loss& loss : losses) add(loss.name, loss.hundredths);
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// Why a curve's last point within the cores is not p times as fast.
struct Cause {
  const Curve* curve;
  const Point* point;
  std::vector<Loss> losses;  ///< the largest, and others that may be, for all that the runs tell
  std::string all;           ///< that the time went to; empty: the runs are too unlike
};

/// One run has no interval.
bool has_intervals(const Curve& curve, const Point& point) {
  return point.losses_of_runs.size() > 1 && curve.base_compute.size() > 1;
}

/// The point with most workers that have a core each, if it tells where their time went.
const Point* last_with_losses(const Curve& curve) {
  const Point* last = last_with_like_cores(curve);
  const bool tells = last != nullptr && last->workers > 1 && last->efficiency.has_value() &&
                     !last->losses_of_runs.empty();
  return tells ? last : nullptr;
}

/// Whether the efficiency's interval leaves room for no loss worth telling.
bool may_lose_nothing(const Point& point) { return point.efficiency->high > 1 - worth_telling; }

/// Whether the efficiency itself looks as if much were lost.
bool seems_to_lose(const Point& point) { return point.efficiency->value <= 1 - 2 * worth_telling; }

/// Whether the accounts of the runs show a loss, however much their times scatter.
bool one_shows(const Curve& curve, const Point& point, const std::vector<Loss>& losses) {
  return has_intervals(curve, point) &&
         std::any_of(losses.begin(), losses.end(),
                     [](const Loss& loss) { return loss.share.low > worth_telling; });
}

std::optional<Cause> cause_of(const Study& study, const Curve& curve) {
  const Point* last = last_with_losses(curve);
  if (last == nullptr) return std::nullopt;
  std::vector<Loss> losses = losses_of(study, curve, *last);
  const bool shows = seems_to_lose(*last) && one_shows(curve, *last, losses);
  if (may_lose_nothing(*last) && !shows) return std::nullopt;
  const std::optional<int> work = divide_up(*last, losses);
  const std::string all = work ? all_in_all(*work, losses) : "";
  const auto largest =
      std::max_element(losses.begin(), losses.end(),
                       [](const Loss& a, const Loss& b) { return a.share.value < b.share.value; });
  std::iter_swap(losses.begin(), largest);
  const Estimate most = losses.front().share;
  const bool intervals = has_intervals(curve, *last);
  const auto is_less = [&](const Loss& loss) {
    return loss.share.value < worth_telling || (intervals && loss.share.high < most.low);
  };
  losses.erase(std::remove_if(losses.begin() + 1, losses.end(), is_less), losses.end());
  std::sort(losses.begin() + 1, losses.end(),
            [](const Loss& a, const Loss& b) { return a.share.value > b.share.value; });
  return Cause{&curve, last, losses, all};
}

/// Curves that look as if much were lost, though neither their times nor their accounts show it.
std::vector<Verdict> tell_unsure(const Study& study) {
  std::map<std::uint64_t, std::vector<std::string>> curves;  // by their number of workers
  for (const Curve& curve : study.curves) {
    const Point* last = last_with_losses(curve);
    if (last == nullptr || !may_lose_nothing(*last) || !seems_to_lose(*last)) continue;
    if (one_shows(curve, *last, losses_of(study, curve, *last))) continue;
    curves[last->workers].push_back(
        fmt::format("{} (efficiency {})", curve.name, percent(*last->efficiency)));
  }
  std::vector<Verdict> verdicts;
  for (const auto& [number, names] : curves) {
    verdicts.push_back({fmt::format("On {} the times of {} vary too much to show how much is "
                                    "lost: more runs may.",
                                    workers(number), fmt::join(names, ", ")),
                        "where"});
  }
  return verdicts;
}

bool are_alike(const Cause& a, const Cause& b) {
  const auto same_text = [](const Loss& x, const Loss& y) { return x.text == y.text; };
  return a.point->workers == b.point->workers &&
         std::equal(a.losses.begin(), a.losses.end(), b.losses.begin(), b.losses.end(), same_text);
}

/// "22 to 23 % of the workers' time is lost to this: imbalance"
std::string text_of(const std::vector<Cause>& group, std::size_t loss) {
  int least = 100;
  int most = 0;
  for (const Cause& cause : group) {
    least = std::min(least, cause.losses[loss].hundredths);
    most = std::max(most, cause.losses[loss].hundredths);
  }
  return fmt::format("{}{} % {} lost to this: {}", least,
                     least == most ? "" : fmt::format(" to {}", most),
                     loss == 0 ? "of the workers' time is" : "is", group.front().losses[loss].text);
}

}  // namespace

const Point* last_with_like_cores(const Curve& curve) {
  const Point* last = nullptr;
  for (const Point& point : curve.points) {
    if (point.has_like_cores()) last = &point;
  }
  return last;
}

/// Curves that stop for the same reason share a sentence.
std::vector<Verdict> tell_causes(const Study& study) {
  std::vector<std::vector<Cause>> groups;
  for (const Curve& curve : study.curves) {
    const auto cause = cause_of(study, curve);
    if (!cause) continue;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return are_alike(group.front(), *cause);
    });
    (same != groups.end() ? *same : groups.emplace_back()).push_back(*cause);
  }
  std::vector<Verdict> verdicts;
  for (const std::vector<Cause>& group : groups) {
    std::vector<std::string> names;
    std::vector<std::string> efficiencies;
    for (const Cause& cause : group) {
      names.push_back(cause.curve->name);
      efficiencies.push_back(percent(*cause.point->efficiency));
    }
    std::string text = fmt::format("{} on {}: efficiency {}. {}", fmt::join(names, ", "),
                                   workers(group.front().point->workers),
                                   fmt::join(efficiencies, ", "), text_of(group, 0));
    const std::size_t told = group.front().losses.size();
    for (std::size_t i = 1; i < told; ++i) text += fmt::format(", and {}", text_of(group, i));
    if (told > 1) text += "; which of them is most, the runs do not tell";
    std::vector<std::string> sums;
    std::vector<std::string> moved;
    for (const Cause& cause : group) {
      const std::string whose = group.size() > 1 ? cause.curve->name + ": " : "";
      if (!cause.all.empty()) sums.push_back(whose + cause.all);
      const std::string bytes = moved_by(study, *cause.curve, *cause.point);
      if (!bytes.empty() && cause.point->losses->slowdown > worth_telling) {
        moved.push_back(whose + bytes);
      }
    }
    if (!sums.empty()) text += fmt::format(". All of their time: {}", fmt::join(sums, "; "));
    if (!moved.empty()) text += fmt::format(". They move {}", fmt::join(moved, "; "));
    verdicts.push_back({text + ".", "where"});
  }
  for (Verdict& unsure : tell_unsure(study)) verdicts.push_back(std::move(unsure));
  return verdicts;
}

bool work_itself_takes_longer(const Curve& curve) {
  constexpr double nearly_all = 0.8;
  const Point* last = last_with_like_cores(curve);
  if (last == nullptr || !last->losses) return false;
  const Losses& losses = *last->losses;
  const double waits =
      std::max(0.0, losses.serial) + std::max(0.0, losses.imbalance) + std::max(0.0, losses.other);
  const double slower = std::max(0.0, losses.slowdown) + std::max(0.0, losses.preempted);
  return slower > nearly_all * (waits + slower);
}

}  // namespace scalelab
