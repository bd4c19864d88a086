#include "drivers/common/run/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <sstream>
#include <vector>

#include "drivers/common/run/common_options.hpp"
#include "kernels/printable.hpp"
#include "kernels/registry.hpp"
#include "results/text/text_file.hpp"

namespace scalelab {

namespace po = boost::program_options;

namespace {

using Kind = Option::Kind;

const Option* find(const std::vector<Option>& options, const std::string& name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

po::options_description as_boost(const std::vector<Option>& options) {
  po::options_description description;
  for (const Option& option : options) {
    if (option.kind == Kind::flag) {
      description.add_options()(option.name.c_str(), po::bool_switch(), option.help.c_str());
    } else {
      description.add_options()(option.name.c_str(), po::value<std::string>(), option.help.c_str());
    }
  }
  return description;
}

std::vector<Option> every_option(const DriverDescription& driver) {
  std::vector<Option> all = common_options();
  all.insert(all.end(), driver.options.begin(), driver.options.end());
  for (const KernelDescription& kernel : all_kernels()) {
    for (const Option& option : kernel.options) {
      if (find(common_options(), option.name) != nullptr ||
          find(driver.options, option.name) != nullptr) {
        throw std::logic_error("kernel " + kernel.name + " declares --" + option.name +
                               ", an option of all kernels");
      }
      if (find(all, option.name) == nullptr) all.push_back(option);
    }
  }
  return all;
}

/// Boost's own words become one line in the kit's.
[[noreturn]] void refuse(const po::error& error) {
  if (const auto* e = dynamic_cast<const po::unknown_option*>(&error)) {
    std::string name = e->get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    throw UsageError("--" + printable(name, 200) + ": unknown option, see --help");
  }
  if (const auto* e = dynamic_cast<const po::multiple_occurrences*>(&error)) {
    const std::string name = e->get_option_name();
    throw UsageError((name.starts_with("--") ? "" : "--") + printable(name, 200) +
                     ": given more than once");
  }
  if (const auto* e = dynamic_cast<const po::invalid_command_line_syntax*>(&error)) {
    const bool missing = e->kind() == po::invalid_command_line_syntax::missing_parameter ||
                         e->kind() == po::invalid_command_line_syntax::empty_adjacent_parameter;
    throw UsageError(printable(e->get_option_name(), 200) +
                     (missing ? ": expected a value behind it" : ": expected no value"));
  }
  throw UsageError(error.what());
}

using Given = std::map<std::string, std::string>;

void collect(const po::parsed_options& parsed, const std::vector<Option>& all, Given& given) {
  po::variables_map map;
  po::store(parsed, map);
  for (const auto& [name, value] : map) {
    if (value.defaulted()) continue;
    const Option* option = find(all, name);
    given.emplace(name, option->kind == Kind::flag ? (value.as<bool>() ? "yes" : "no")
                                                   : value.as<std::string>());
  }
}

/// -h, where it is no option's value, is --help.
std::vector<std::string> with_long_help(int argc, const char* const* argv,
                                        const std::vector<Option>& all) {
  std::vector<std::string> words(argv + 1, argv + std::max(argc, 1));
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-h") words[i] = "--help";
    const Option* option = words[i].starts_with("--") ? find(all, words[i].substr(2)) : nullptr;
    if (option != nullptr && option->kind != Kind::flag) ++i;  // its value
  }
  return words;
}

void read_arguments(int argc, const char* const* argv, const std::vector<Option>& all,
                    Given& given) {
  const po::options_description description = as_boost(all);
  po::positional_options_description nothing;
  const int style = po::command_line_style::unix_style ^ po::command_line_style::allow_guessing ^
                    po::command_line_style::allow_short;
  const std::vector<std::string> words = with_long_help(argc, argv, all);
  try {
    const po::parsed_options parsed =
        po::command_line_parser(words).options(description).positional(nothing).style(style).run();
    collect(parsed, all, given);
  } catch (const po::too_many_positional_options_error&) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& argument = words[i];
      if (argument.starts_with("--")) {
        const Option* option = find(all, argument.substr(2));
        if (option != nullptr && option->kind != Kind::flag) ++i;
      } else {
        throw UsageError("'" + printable(argument, 200) + "': expected an option, --name value");
      }
    }
    throw UsageError("expected options only, --name value");
  } catch (const po::error& error) {
    refuse(error);
  }
}

std::istringstream text_of_config(const std::string& path) {
  constexpr std::size_t most = 1 << 20;
  std::string text;
  try {
    text = read_text(path, most);
  } catch (const std::runtime_error& error) {
    const std::string why = std::string(error.what()).substr(path.size() + 2);
    throw std::runtime_error(fmt::format("{}: expected a file of options, but it {}", path, why));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // as some editors begin a text
  const std::size_t zero = text.find('\0');
  if (zero == std::string::npos) return std::istringstream(text);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") || zero < 2) {
    throw UsageError(
        fmt::format("{}: expected a file of options in UTF-8, got UTF-16 or UTF-32: iconv -f "
                    "UTF-16 -t UTF-8 '{}' > new",
                    path, path));
  }
  throw UsageError(fmt::format(
      "{}: expected a file of options, name=value, found a zero as byte {}", path, zero + 1));
}

void read_config(const std::string& path, const std::vector<Option>& all, Given& given) {
  std::istringstream text = text_of_config(path);
  try {
    Given in_file;
    collect(po::parse_config_file(text, as_boost(all)), all, in_file);
    if (in_file.contains("config")) throw UsageError("--config: not allowed in a file");
    given.merge(in_file);  // the command line wins
  } catch (const po::error& error) {
    try {
      refuse(error);
    } catch (const UsageError& e) {
      throw UsageError(path + ": " + e.what());
    }
  } catch (const UsageError& e) {
    throw UsageError(path + ": " + e.what());
  }
}

std::string option_lines(const std::vector<Option>& options) {
  std::string lines;
  for (const Option& option : options) {
    const std::string head = "--" + option.name + (option.kind == Kind::flag ? "" : " X");
    const bool mention = option.kind != Kind::flag && !option.fallback.empty();
    lines += fmt::format("  {:<19} {}{}\n", head, option.help,
                         mention ? " [" + option.fallback + "]" : "");
  }
  return lines;
}

std::string kernel_lines() {
  std::string lines;
  for (const KernelDescription& kernel : all_kernels()) {
    lines += fmt::format("{:<13} {}\n", kernel.name, kernel.summary);
  }
  return lines;
}

std::string help(const DriverDescription& driver, const KernelDescription* kernel) {
  std::string text =
      fmt::format("usage: {} --kernel NAME [OPTION]...\n\nOptions of every kernel [default]:\n{}",
                  driver.name, option_lines(common_options()));
  if (!driver.options.empty()) {
    text +=
        fmt::format("\nOptions of {} [default]:\n{}", driver.name, option_lines(driver.options));
  }
  if (kernel == nullptr) {
    text += "\nKernels:\n";
    std::istringstream lines(kernel_lines());
    for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
    return text;
  }
  return text +
         fmt::format("\nOptions of {} [default]:\n{}", kernel->name, option_lines(kernel->options));
}

/// --kernel is needed, and the options of other kernels are not allowed.
OptionValues resolve(const Given& given, const DriverDescription& driver,
                     const KernelDescription& kernel) {
  OptionValues options;
  const auto declare = [&](const Option& option) {
    const auto found = given.find(option.name);
    const bool chosen = found != given.end();
    options.set(option.name, chosen ? found->second : option.fallback, chosen);
    if (chosen && found->second.empty()) {
      throw UsageError("--" + option.name + ": expected a value, got an empty one");
    }
    if (chosen && found->second.starts_with("--")) {
      throw UsageError("--" + option.name + ": expected a value behind it, got '" +
                       printable(found->second, 200) + "'");
    }
  };
  const auto lists = {&common_options(), &driver.options, &kernel.options};
  for (const auto* list : lists) std::for_each(list->begin(), list->end(), declare);
  for (const auto& [name, value] : given) {
    if (std::any_of(lists.begin(), lists.end(),
                    [&, &name = name](const auto* list) { return find(*list, name) != nullptr; })) {
      continue;
    }
    std::vector<std::string> owners;
    for (const KernelDescription& other : all_kernels()) {
      if (find(other.options, name) != nullptr) owners.push_back(other.name);
    }
    throw UsageError(fmt::format("--{}: not an option of kernel {}, only of {}", name, kernel.name,
                                 fmt::join(owners, ", ")));
  }
  return options;
}

}  // namespace

Request read_command_line(int argc, const char* const* argv, const DriverDescription& driver) {
  const std::vector<Option> all = every_option(driver);
  Given given;
  read_arguments(argc, argv, all, given);
  if (given.contains("config") && given.at("config").empty()) {
    throw UsageError("--config: expected a value, got an empty one");
  }
  if (given.contains("config")) read_config(given.at("config"), all, given);

  Request request;
  const auto asked = [&](const char* flag) {
    return given.contains(flag) && given.at(flag) == "yes";
  };
  if (asked("help")) {
    request.answer =
        help(driver, given.contains("kernel") ? &kernel_named(given.at("kernel")) : nullptr);
  } else if (asked("list-kernels")) {
    request.answer = kernel_lines();
  } else if (asked("version")) {
    request.answer = fmt::format("scalelab {} {}{}{}\n", SCALELAB_VERSION, driver.name,
                                 driver.built_on.empty() ? "" : ", ", driver.built_on);
  } else {
    if (!given.contains("kernel")) kernel_named("");
    const KernelDescription& kernel = kernel_named(given.at("kernel"));
    request.kernel = kernel.name;
    request.options = resolve(given, driver, kernel);
  }
  return request;
}

RunOptions::RunOptions(const OptionValues& options)
    : tasks(options.whole("tasks", 1, most_tasks)),
      schedule(schedule_of(options)),
      bind(options.choice("bind", {"cores", "none"}) == 0),
      repetitions(stopping_rule_of(options.text("repetitions"))),
      warmup(options.whole("warmup", 0, 1000000)),
      json(options.flag("json")),
      quiet(options.flag("quiet")),
      progress(options.flag("progress")),
      dry_run(options.flag("dry-run")),
      costs(options.flag("costs")),
      accounting(!options.flag("no-accounting")),
      record_path(options.text("record")),
      values_path(options.text("values")),
      trace_path(options.text("trace")),
      journal(options.text("journal")),
      resume(options.flag("resume")) {
  if (options.given("workers")) workers = options.whole("workers", 1, most_workers);
  if (options.given("tasks-per-worker")) {
    if (options.chosen("tasks")) {
      throw UsageError("--tasks-per-worker: not allowed together with --tasks");
    }
    tasks_per_worker = options.whole("tasks-per-worker", 1, 1ULL << 32);
  }
  if (options.given("timeout")) {
    // Everybody else's time limits are plain seconds.
    const bool plain =
        std::isdigit(static_cast<unsigned char>(options.text("timeout").back())) != 0;
    timeout = plain ? options.real("timeout", 0, 1e8) : options.seconds("timeout");
    if (!(*timeout >= 1e-3 && *timeout <= 1e8)) {
      throw UsageError("--timeout: expected a time from 1ms to 100000000s");
    }
  }
  if (resume && journal.empty()) throw UsageError("--resume: expected --journal FOLDER with it");
  if (!journal.empty()) {
    // What a journal holds is one repetition; a warm-up would do the work twice.
    if (options.chosen("repetitions") && repetitions.most() > 1) {
      throw UsageError("--repetitions: expected 1 with --journal");
    }
    if (options.chosen("warmup") && warmup > 0) {
      throw UsageError("--warmup: expected 0 with --journal");
    }
    repetitions = stopping_rule_of("1");
    warmup = 0;
  }
  if (json && quiet) throw UsageError("--quiet: not allowed together with --json");
  if (record_path == "-") {
    throw UsageError("--record: expected a file or a folder, got -: --json prints the lines");
  }
  for (const auto& [name, path] :
       {std::pair{"values", values_path}, std::pair{"trace", trace_path}}) {
    if (json && path == "-") {
      throw UsageError(fmt::format("--{}: expected a file with --json, got -", name));
    }
  }
}

std::map<std::string, std::string> texts_of(const std::vector<Option>& options,
                                            const OptionValues& values) {
  std::map<std::string, std::string> texts;
  for (const Option& option : options) texts[option.name] = values.text(option.name);
  return texts;
}

std::map<std::string, std::string> own_options(const KernelDescription& kernel,
                                               const OptionValues& options) {
  auto own = texts_of(kernel.options, options);
  own["seed"] = options.text("seed");
  return own;
}

}  // namespace scalelab
