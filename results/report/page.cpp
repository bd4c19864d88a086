#include "results/report/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "results/figures/driver_styles.hpp"
#include "results/report/markup.hpp"
#include "results/report/page_figures.hpp"
#include "results/report/page_origin.hpp"
#include "results/report/page_tables.hpp"
#include "results/report/page_text.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

std::string id_of_study(const std::string& name) { return "study-" + id_of(name); }
std::string id_of_granularity(const std::string& name) { return "granularity-" + id_of(name); }

class Page {
 public:
  Page(const Analysis& analysis, PageFigures& figures) : analysis_(analysis), figures_(figures) {}

  std::string markup();

 private:
  void head();
  void contents();
  void summary();
  void card(const Study& study);
  void card(const GranularityStudy& study);
  void study(const Study& study);
  void verdicts(const Study& study);
  void granularity(const GranularityStudy& study);
  void other_figures();
  void trust();
  void method();

  void notes(const std::vector<std::string>& notes);
  std::string sentence(const Study& study, const Verdict& verdict) const;
  bool has_warnings() const {
    return !warnings_.empty() || !analysis_.findings.empty() || !analysis_.notes.empty();
  }

  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
  }

  const Analysis& analysis_;
  PageFigures& figures_;
  const DriverStyles looks_{analysis_};
  const std::vector<Warnings::Item> warnings_ = analysis_.warnings.items();
  std::string text_;
};

std::string plural(std::size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// "Abacus 3000, 64 cores (node1 and 3 more)"
std::string machine_line(const Analysis& analysis) {
  if (analysis.machines.empty()) return "unknown machine";
  const Machine& first = analysis.machines.front();
  const std::size_t others = analysis.machines.size() - 1;
  const std::string more = others == 0 ? "" : fmt::format(" and {} more", others);
  return fmt::format("{}, {} ({}{})", first.cpu.value_or("unknown processor"),
                     plural(first.cores.value_or(first.cpus), "core", "cores"), first.host, more);
}

/// "2026-11-22", "2026-11-22 to 2026-11-23"; empty if unknown.
std::string date_of(const Analysis& analysis) {
  const std::string first = analysis.first_started.substr(0, 10);
  const std::string last = analysis.last_started.substr(0, 10);
  return first == last ? first : fmt::format("{} to {}", first, last);
}

void Page::head() {
  add("<!DOCTYPE html>\n"
      "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n<title>scalelab: how far does it scale?</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<style>{}</style>\n</head>\n<body>\n",
      report_style(looks_));
  add("<header>\n<h1>How far does it scale, and why does it stop?</h1>\n<p class=\"lead\">");
  const std::string date = date_of(analysis_);
  add("{} · {}{}{}, {}</p>\n", escaped(machine_line(analysis_)), escaped(date),
      date.empty() ? "" : " · ", plural(analysis_.runs, "run", "runs"),
      plural(analysis_.repetitions, "repetition", "repetitions"));
}

void Page::contents() {
  add("<nav aria-label=\"Contents\"><ul>\n");
  const auto link = [&](const std::string& id, const std::string& name) {
    add("<li><a href=\"#{}\">{}</a></li>\n", id, escaped(name));
  };
  for (const Study& study : analysis_.studies) link(id_of_study(study.name), study.name);
  for (const GranularityStudy& study : analysis_.granularity) {
    link(id_of_granularity(study.name), fmt::format("{}: how short may tasks be", study.name));
  }
  if (has_warnings()) link("trust", "Warnings");
  link("machines", "Machine and build");
  link("reproduce", "How to reproduce");
  link("method", "Method and words");
  add("</ul></nav>\n</header>\n<main>\n");
}

std::string Page::sentence(const Study& study, const Verdict& verdict) const {
  return escaped(verdict.text) + figures_.links_to(study, verdict.figure);
}

/// What a reader of one minute takes along: who won, and why it goes no further.
void Page::card(const Study& study) {
  add("<article class=\"card\">\n<div>\n<h3><a href=\"#{}\">{}</a></h3>\n", id_of_study(study.name),
      escaped(study.title));
  if (study.verdicts.empty()) {
    add("<p>Nothing can be said with these records.</p>\n");
  } else {
    add("<p{}>{}</p>\n", study.weak ? "" : " class=\"winner\"",
        sentence(study, study.verdicts.front()));
    const auto tell_first = [&](bool (*is_it)(const Verdict&)) {
      const auto rest = study.verdicts.begin() + 1;
      const auto verdict = std::find_if(rest, study.verdicts.end(), is_it);
      if (verdict != study.verdicts.end()) add("<p>{}</p>\n", sentence(study, *verdict));
    };
    tell_first([](const Verdict& verdict) { return verdict.figure == "karp-flatt"; });
    tell_first([](const Verdict& verdict) { return verdict.tells_cause; });
  }
  add("</div>\n{}</article>\n", best_of_drivers(study, looks_));
}

void Page::card(const GranularityStudy& study) {
  add("<article class=\"card\">\n<div>\n<h3><a href=\"#{}\">How short may tasks be? "
      "{}</a></h3>\n<ul>\n",
      id_of_granularity(study.name), escaped(study.title));
  for (const GranularityCurve& curve : study.curves) {
    if (curve.timers && curve.driver != sequential_driver) continue;
    const Metg most = metg_95_of(curve).value;
    add("<li>{}: half of the time is work in tasks of {}, 95 % {}</li>\n",
        colored(looks_.of(curve.driver), curve.driver), escaped(text_of(metg_of(curve, 0.5).value)),
        most.kind == Metg::Kind::never ? "never" : "in tasks of " + escaped(text_of(most)));
  }
  add("</ul>\n</div>\n</article>\n");
}

void Page::summary() {
  add("<section>\n<h2 class=\"summary\">In one minute</h2>\n");
  if (analysis_.studies.empty() && analysis_.granularity.empty()) {
    add("<p>There is nothing to tell: no run with a measured repetition was found.</p>\n");
  }
  for (const Study& study : analysis_.studies) card(study);
  for (const GranularityStudy& study : analysis_.granularity) card(study);
  if (has_warnings()) {
    add("<p><a href=\"#trust\">{}</a> on how far these numbers can be trusted.</p>\n",
        plural(warnings_.size() + analysis_.findings.size() + analysis_.notes.size(), "remark",
               "remarks"));
  }
  if (figures_.empty()) {
    add("<p class=\"note\">This report has no figures: they were not wanted, gnuplot was missing "
        "or "
        "failed, or there was nothing to draw. The tables hold the same numbers.</p>\n");
  }
  add("</section>\n");
}

void Page::notes(const std::vector<std::string>& notes) {
  if (notes.empty()) return;
  add("<ul class=\"note\">\n");
  for (const std::string& note : notes) add("<li>Note: {}</li>\n", escaped(note));
  add("</ul>\n");
}

void Page::verdicts(const Study& study) {
  if (study.verdicts.empty()) return;
  add("<ul class=\"verdicts\">\n");
  for (const Verdict& verdict : study.verdicts) add("<li>{}</li>\n", sentence(study, verdict));
  add("</ul>\n");
}

void Page::study(const Study& study) {
  add("<section>\n<h2 id=\"{}\">{}</h2>\n", id_of_study(study.name), escaped(study.title));
  verdicts(study);
  notes(study.notes);
  add("{}", figures_.of(study));
  add("<h3>Scaling</h3>\n");
  if (study.base) {
    add("<p>Speed-up over {}: {}.</p>\n", escaped(study.base->name),
        text_of_seconds(study.base->seconds.value));
  } else if (!study.own_base.empty()) {
    add("<p>Speed-up over each driver's own time {}.</p>\n", escaped(study.own_base));
  }
  add("<div class=\"full\">{}</div>\n", scaling_table(study, looks_));
  if (const std::string laws = laws_table(study, analysis_.target, looks_); !laws.empty()) {
    add("<h3>Laws</h3>\n{}", laws);
  }
  add("</section>\n");
}

void Page::granularity(const GranularityStudy& study) {
  add("<section>\n<h2 id=\"{}\">How short may tasks be? {}</h2>\n", id_of_granularity(study.name),
      escaped(study.title));
  add("<p>A unit of work takes {} in the sequential driver's longest tasks ({}). Half of METG(50 "
      "%) "
      "is what a task costs its worker. If your tasks are shorter than METG(95 %), hand out "
      "several at once.</p>\n",
      escaped(text_of_task_time(study.unit.seconds.value)), plural(study.unit.runs, "run", "runs"));
  add("{}", figures_.of(study));
  add("{}</section>\n", metg_table(study, looks_));
}

void Page::other_figures() {
  const std::string figures = figures_.of_no_study(analysis_);
  if (!figures.empty()) add("<section>\n<h2>All runs</h2>\n{}</section>\n", figures);
}

void Page::trust() {
  if (!has_warnings()) return;
  add("<section>\n<h2 id=\"trust\">How far can it be trusted?</h2>\n");
  if (!warnings_.empty()) {
    add("<h3>Warnings</h3>\n<ul>\n");
    for (const auto& [warning, whom] : warnings_) {
      add("<li>{} <span class=\"interval\">({})</span></li>\n", escaped(warning), escaped(whom));
    }
    add("</ul>\n");
  }
  notes(analysis_.notes);
  if (!analysis_.findings.empty()) add("<h3>In the files</h3>\n{}", findings_table(analysis_));
  add("</section>\n");
}

void Page::method() {
  add("<section>\n<h2 id=\"method\">Method and words</h2>\n"
      "<details><summary>How these numbers came about</summary>\n{}</details>\n"
      "<h3>Words</h3>\n<div class=\"words\">{}</div>\n</section>\n",
      method_markup, words_markup(looks_));
}

std::string Page::markup() {
  head();
  contents();
  summary();
  for (const Study& one : analysis_.studies) study(one);
  for (const GranularityStudy& one : analysis_.granularity) granularity(one);
  other_figures();
  trust();
  add("{}{}", machines_section(analysis_), reproduce_section(analysis_));
  method();
  add("</main>\n</body>\n</html>\n");
  return std::move(text_);
}

}  // namespace

std::string html_of(const Analysis& analysis, const std::vector<Figure>& figures,
                    const std::string& folder, std::vector<std::string>& failures) {
  PageFigures drawn(figures, folder, failures);
  return Page(analysis, drawn).markup();
}

}  // namespace scalelab
