#include "results/report/page_origin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "results/report/markup.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

std::string size_of(const std::optional<std::uint64_t>& bytes) {
  return bytes ? text_of_bytes(*bytes) : "";
}

template <typename Number>
std::string number_of(const std::optional<Number>& value) {
  return value ? fmt::format("{:g}", static_cast<double>(*value)) : "";
}

std::string clock_of(const Machine& machine) {
  std::string text =
      machine.frequency_hz ? fmt::format("{:.2f} GHz", *machine.frequency_hz / 1e9) : "";
  if (machine.governor) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", escaped(*machine.governor));
  }
  return text;
}

std::string machines_table(const Analysis& analysis) {
  Table table;
  table.caption = "Machines, as they were before their first run";
  table.columns = {{"host"},         {"processor"},        {"cores", true}, {"logical CPUs", true},
                   {"memory", true}, {"last cache", true}, {"clock"},       {"CPU limit", true},
                   {"load", true},   {"virtual"},          {"system"}};
  table.groups.resize(1);
  for (const Machine& machine : analysis.machines) {
    table.groups[0].push_back(
        {{escaped(machine.host), escaped(machine.cpu.value_or("")), number_of(machine.cores),
          std::to_string(machine.cpus), size_of(machine.memory_bytes),
          size_of(machine.last_level_cache_bytes), clock_of(machine), number_of(machine.cpu_limit),
          number_of(machine.load), machine.virtual_machine.value_or(false) ? "yes" : "",
          escaped(machine.system.value_or(""))}});
  }
  return analysis.machines.empty() ? "" : markup_of(table);
}

/// Names and values; those without a value are left out.
std::string facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string text = "<dl class=\"facts\">\n";
  for (const auto& [name, value] : facts) {
    if (!value.empty())
      text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value));
  }
  return text + "</dl>\n";
}

std::string build_facts(const Build& build) {
  std::vector<std::string> libraries;
  for (const auto& [name, version] : build.libraries) libraries.push_back(name + " " + version);
  const char* dirty = build.dirty.value_or(false) ? ", changed since" : "";
  return facts({{"scalelab", build.version},
                {"commit", build.commit ? *build.commit + dirty : ""},
                {"compiler", build.compiler},
                {"build type", build.type},
                {"flags", build.flags},
                {"kernels' code", build.kernels_code},
                {"libraries", fmt::format("{}", fmt::join(libraries, ", "))}});
}

std::string job_facts(const Job& job) {
  return facts({{"job", job.id},
                {"cluster", job.cluster.value_or("")},
                {"partition", job.partition.value_or("")},
                {"nodes", job.nodes.value_or("")},
                {"CPUs", job.cpus ? std::to_string(*job.cpus) : ""},
                {"queued for", job.queue_seconds ? text_of_seconds(*job.queue_seconds) : ""}});
}

std::string shell_line(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_word(word));
  return fmt::format("{}", fmt::join(quoted, " "));
}

}  // namespace

std::string machines_section(const Analysis& analysis) {
  std::string text = fmt::format(
      "<section>\n<h2 id=\"machines\">Machine and build</h2>\n<div "
      "class=\"machines\">{}</div>\n<h3>Build</h3>\n{}",
      machines_table(analysis), build_facts(analysis.build));
  if (analysis.job) text += fmt::format("<h3>Slurm job</h3>\n{}", job_facts(*analysis.job));
  return text + "</section>\n";
}

std::string reproduce_section(const Analysis& analysis) {
  std::string text = fmt::format(
      "<section>\n<h2 id=\"reproduce\">How to reproduce</h2>\n<p>This report:</p>\n"
      "<pre>{}</pre>\n",
      escaped("./lab report " +
              shell_line(analysis.arguments.empty() ? analysis.paths : analysis.arguments)));
  for (const Study& study : analysis.studies) {
    if (study.commands.empty() && study.options.empty()) continue;
    text += fmt::format("<h3>{}</h3>\n", escaped(study.title));
    if (!study.commands.empty()) {
      text +=
          "<p>The first run of each curve. A sweep runs them with other numbers of workers, in a "
          "random order.</p>\n<pre>";
      for (const auto& command : study.commands) {
        text += fmt::format("{}\n", escaped(shell_line(command)));
      }
      text += "</pre>\n";
    }
    if (!study.options.empty()) text += facts({study.options.begin(), study.options.end()});
  }
  return text + "</section>\n";
}

}  // namespace scalelab
