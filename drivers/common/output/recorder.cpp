#include "drivers/common/output/recorder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <random>
#include <system_error>

#include "drivers/common/board/ending.hpp"
#include "drivers/common/output/say.hpp"

namespace scalelab {

namespace {

using System = std::chrono::system_clock;

/// RFC 3339, to the millisecond.
std::string text_of(System::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(System::to_time_t(whole)), rest);
}

/// One that no other run has; it begins with the time, so that names sort by it.
std::string new_id(System::time_point now) {
  std::random_device dice;
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{:08x}{:04x}", fmt::gmtime(System::to_time_t(now)), dice(),
                     dice() & 0xFFFF);
}

}  // namespace

Recorder::Recorder(const std::string& driver, const std::string& path, bool json) : json_(json) {
  const System::time_point now = System::now();
  run_.id = new_id(now);
  run_.started = text_of(now);
  run_.driver = driver;
  if (path.empty()) return;
  attempt([&] {
    file_.emplace(path, run_,
                  [this] { return begun_ ? grace_is_over() : asked_to_end() != Stop::none; });
  });
}

void Recorder::attempt(const std::function<void()>& action) const {
  try {
    action();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::operation_canceled) throw;
    end_unwritten(begun_ ? "all of --record" : "--record, a pipe that nobody reads,");
  }
}

double Recorder::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void Recorder::warn(const std::string& text) {
  (begun_ ? late_warnings_ : run_.warnings).push_back(text);
}

std::vector<std::string> Recorder::warnings() const {
  std::vector<std::string> all = run_.warnings;
  all.insert(all.end(), late_warnings_.begin(), late_warnings_.end());
  return all;
}

void Recorder::begin() {
  begun_ = true;
  write(to_json(run_));
}

void Recorder::add(Repetition repetition) {
  repetition.run = run_.id;
  write(to_json(repetition));
  tally_.add(repetition);
}

void Recorder::add(Cost cost) {
  cost.run = run_.id;
  write(to_json(cost));
}

void Recorder::end(int exit, const std::string& status, const std::string& reason) {
  if (ended_) return;
  if (!begun_) begin();
  ended_ = true;
  write(to_json(End{.run = run_.id,
                    .status = status,
                    .exit = static_cast<std::uint64_t>(exit),
                    .reason = reason,
                    .ended = text_of(System::now()),
                    .warnings = late_warnings_}));
}

void Recorder::write(const std::string& line) {
  if (file_) attempt([&] { file_->write(line); });
  if (json_) print(line + "\n");
}

}  // namespace scalelab
