#include "drivers/common/output/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include "results/record/write_json.hpp"

namespace scalelab {

namespace {

constexpr std::size_t most_events = 500'000;  // in the whole file
constexpr std::size_t bytes_per_event = 160;

struct Host {
  std::size_t number;
  std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();  ///< of its first event [ns]
};

std::map<std::string, Host> hosts_of(Board& board) {
  std::map<std::string, Host> hosts;
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    const std::string name = board.facts(worker).host.data();
    Host& host = hosts.try_emplace(name, Host{hosts.size()}).first->second;
    for (const Event& event : board.events(worker).events()) {
      host.begin = std::min(host.begin, event.begin);
    }
  }
  return hosts;
}

std::string tasks_text(const Event& event) {
  if (event.last - event.first == 1) return fmt::format("task {}", event.first);
  return fmt::format("tasks {} to {}", event.first, event.last - 1);
}

}  // namespace

std::size_t most_events_of(std::size_t workers) {
  return std::max<std::size_t>(16, most_events / workers);
}

TraceFile::TraceFile(const std::string& path, const BoardShape& shape)
    : file_("--trace", path,
            std::min(shape.chunks.count() + 2 * shape.workers, most_events) * bytes_per_event) {
  if (file_.is_stream()) file_.write(" ");  // allowed there, and shows whether it can be written
}

void TraceFile::write(Board& board, const std::string& title) {
  fmt::memory_buffer text;
  const auto pass_on = [&] {
    file_.write({text.data(), text.size()});
    text.clear();
  };
  auto hosts = hosts_of(board);
  std::uint64_t stride = 1;
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    stride = std::max(stride, board.events(worker).state().stride);
  }
  const auto out = [&] { return std::back_inserter(text); };
  fmt::format_to(out(),
                 "{{\"displayTimeUnit\":\"ms\",\"otherData\":{{\"title\":{},"
                 "\"one_of_so_many_chunks\":{}}},\"traceEvents\":[",
                 text_of(OrderedJson(title)), stride);
  const char* comma = "\n";
  const auto begin_event = [&] {
    text.append(std::string_view(comma));
    comma = ",\n";
  };
  for (const auto& [name, host] : hosts) {
    begin_event();
    fmt::format_to(
        out(),
        "{{\"ph\":\"M\",\"pid\":{},\"tid\":0,\"name\":\"process_name\",\"args\":{{\"name\":{}}}}}",
        host.number, text_of(OrderedJson(name)));
  }
  for (std::size_t worker = 0; worker < board.shape().workers; ++worker) {
    const Host& host = hosts.at(board.facts(worker).host.data());
    begin_event();
    fmt::format_to(out(),
                   "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_name\",\"args\":{{"
                   "\"name\":\"worker {}\"}}}}",
                   host.number, worker, worker);
    for (const Event& event : board.events(worker).events()) {
      begin_event();
      const double begin = static_cast<double>(event.begin - host.begin) * 1e-3;  // [µs]
      const double length = static_cast<double>(event.end - event.begin) * 1e-3;
      const auto head = [&](const char* phase, const std::string& name) {
        fmt::format_to(out(), "{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{:.3f},\"name\":\"{}\"",
                       phase, host.number, worker, begin, name);
      };
      switch (event.kind) {
        case Event::Kind::tasks:
          head("X", tasks_text(event));
          fmt::format_to(out(), ",\"dur\":{:.3f},\"args\":{{\"first\":{},\"tasks\":{}}}}}", length,
                         event.first, event.last - event.first);
          break;
        case Event::Kind::journal:
          head("X", "journal");
          fmt::format_to(out(), ",\"dur\":{:.3f},\"args\":{{\"bytes\":{}}}}}", length, event.last);
          break;
        case Event::Kind::restart:
          head("i", event.last > event.first ? "died in " + tasks_text(event) : "died");
          text.append(std::string_view(",\"s\":\"t\"}"));
          break;
      }
      if (text.size() > (1 << 16)) pass_on();
    }
  }
  text.append(std::string_view("\n]}\n"));
  pass_on();
  file_.finish();
}

}  // namespace scalelab
