#include "drivers/common/journal/journal.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "drivers/common/run/command_line.hpp"
#include "drivers/common/run/resume.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/journal/journals.hpp"
#include "tests/drivers/programs/folder.hpp"
#include "tests/drivers/timed/team.hpp"

using namespace scalelab;
using namespace scalelab::test;
using Kind = Schedule::Kind;
namespace fs = std::filesystem;

TEST_CASE("journal: its file is what its header describes, byte for byte") {
  const Folder folder;
  Journal journal(folder.path(), identity, 12);
  for (const Range& range : some_ranges) journal.add(range);
  const std::size_t written = journal.flush(all_values(), width);
  const std::string expected = journal_of_some();
  CHECK(content(folder.file("worker-12.1.journal")) == expected);
  CHECK(written == expected.size() - first_line.size());
}

TEST_CASE("journal: what several writers wrote in turns is read, each value in its place") {
  const Folder folder;
  CHECK_FALSE(holds_journals(folder.path()));
  const std::vector<double> values = all_values();
  std::deque<Journal> journals;
  for (std::size_t w = 0; w < 3; ++w) journals.emplace_back(folder.path(), identity, w);
  CHECK(holds_journals(folder.path()));
  for (std::size_t task = 0; task < tasks; ++task) {
    Journal& journal = journals[task * task % 3];
    journal.add({task, task + 1});
    if (task % 5 == 0) journal.flush(values, width);
  }
  for (Journal& journal : journals) journal.flush(values, width);
  const Read result = read(folder.path());
  CHECK((result.warnings.empty() && result.wrong == 0));
  std::vector<int> times(tasks, 0);
  for (const Range& range : result.entries) {
    for (std::size_t task = range.first; task < range.last; ++task) ++times[task];
  }
  CHECK(std::count(times.begin(), times.end(), 1) == tasks);
}

TEST_CASE("journal: neighbours become one entry, and what was flushed is not written again") {
  const Folder folder;
  const std::vector<double> values = all_values();
  Journal journal(folder.path(), identity, 0);
  for (const std::size_t task : {3UL, 4UL, 5UL, 9UL, 10UL}) journal.add({task, task + 1});
  journal.flush(values, width);
  CHECK(journal.flush(values, width) == 0);
  journal.add({11, 12});
  journal.flush(values, width);
  CHECK(read(folder.path()).entries == std::vector<Range>{{3, 6}, {9, 11}, {11, 12}});
}

TEST_CASE("journal: it is due when something has waited, or when it is much") {
  const Folder folder;
  const auto begin = Journal::Clock::now();
  Journal journal(folder.path(), identity, 0);
  const auto later = begin + std::chrono::seconds(10);
  CHECK_FALSE(journal.due(later));  // there is nothing to be written
  journal.add({0, 1});
  CHECK((!journal.due(begin) && journal.due(later)));
  journal.flush(all_values(), width);
  CHECK_FALSE(journal.due(later));
  for (std::size_t i = 0; i < 100'000; ++i) journal.add({2 * i, 2 * i + 1});
  CHECK(journal.due(begin));
}

TEST_CASE("journal: a worker that comes again writes a file of its own") {
  const Folder folder;
  for (int life = 1; life <= 3; ++life) {
    Journal journal(folder.path(), identity, 4);
    CHECK(fs::exists(folder.file("worker-4." + std::to_string(life) + ".journal")));
  }
}

TEST_CASE("journal: cut off anywhere, its whole entries are read and nothing else") {
  const std::string whole = journal_of_some();
  std::vector<std::size_t> ends{first_line.size()};
  for (const Range& range : some_ranges)
    ends.push_back(ends.back() + 32 + 8 * width * range.size());
  REQUIRE(ends.back() == whole.size());
  const Folder folder;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    CAPTURE(length);
    write_file(folder.file("worker-0.1.journal"), whole.substr(0, length));
    const auto entries = std::max<std::ptrdiff_t>(
        0, std::upper_bound(ends.begin(), ends.end(), length) - ends.begin() - 1);
    const Read result = read(folder.path());
    REQUIRE(result.wrong == 0);
    REQUIRE(result.entries ==
            std::vector<Range>(some_ranges.begin(), some_ranges.begin() + entries));
    const bool torn =
        length > first_line.size() && std::find(ends.begin(), ends.end(), length) == ends.end();
    const bool cut = torn || (length > 0 && length < first_line.size());
    REQUIRE(result.warnings.size() == (cut ? 1 : 0));
    if (torn) REQUIRE(contains(result.warnings[0], "worker-0.1.journal: an entry is torn"));
  }
}

TEST_CASE("journal: a damaged byte is never a wrong value, and never goes unnoticed") {
  const std::string whole = journal_of_some();
  const Folder folder;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      CAPTURE(at, flip);
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      write_file(folder.file("worker-0.1.journal"), damaged);
      if (at < first_line.size() - 1) {
        REQUIRE(complaint_about(folder.path()) != "no complaint");
        continue;
      }
      Read result;
      bool refused = false;
      try {
        result = read(folder.path());
      } catch (const std::runtime_error&) {
        refused = true;
      }
      REQUIRE(result.wrong == 0);
      REQUIRE((refused || result.warnings.size() == 1));
      if (at < first_line.size()) continue;
      std::size_t end = first_line.size();
      std::size_t good = 0;  // entries before the damage
      for (const Range& range : some_ranges) {
        end += 32 + 8 * width * range.size();
        good += end <= at ? 1 : 0;
      }
      REQUIRE(result.entries.size() == good);
    }
  }
}

TEST_CASE("journal: entries that are whole but make no sense here are not believed") {
  const Folder folder;
  for (const Range& range :
       {Range{99, 101}, {5, 5}, {6, 5}, {1UL << 60, (1UL << 60) + 1}, {0, ~std::size_t{0}}}) {
    std::string bytes = first_line + entry_of({1, 2});
    if (range.size() < 10) {
      bytes += entry_of(range);
    } else {
      const std::string head = bytes_of(range.first) + bytes_of(range.last);
      bytes += "sclentry" + head + bytes_of(fnv1a(head));
    }
    write_file(folder.file("worker-0.1.journal"), bytes);
    const Read result = read(folder.path());
    CHECK((result.entries == std::vector<Range>{{1, 2}} && result.warnings.size() == 1));
  }
}

TEST_CASE("journal: other files are left alone, an empty one holds nothing, garbage is refused") {
  const Folder folder;
  write_file(folder.file("notes.txt"), "something else\n");
  CHECK_FALSE(holds_journals(folder.path()));
  CHECK((read(folder.path()).entries.empty() && read(folder.path()).warnings.empty()));
  write_file(folder.file("worker-0.1.journal"), "");
  CHECK((read(folder.path()).entries.empty() && read(folder.path()).warnings.empty()));
  CHECK(holds_journals(folder.path()));
  for (const std::string& garbage :
       {std::string("\n"), std::string("hello\nworld\n"), std::string("\0\0\0\n\0", 5),
        "scalelab journal 2 {}\n" + identity}) {
    write_file(folder.file("worker-1.1.journal"), garbage);
    CHECK(contains(complaint_about(folder.path()),
                   "worker-1.1.journal: expected a journal of this version of scalelab"));
  }
  for (const char* garbage : {"hello world without an end", "scalelab journal 1 {\"other\""}) {
    write_file(folder.file("worker-1.1.journal"), garbage);
    CHECK(read(folder.path()).warnings.size() == 1);
  }
}

TEST_CASE("journal: that of another run is refused, and the difference named") {
  const Folder folder;
  { const Journal journal(folder.path(), identity, 0); }
  for (
      const auto& [other, expected] : std::map<std::string, std::string>{
          {R"({"kernel":"cubes","options":{"rows":"10","seed":"1"},"tasks":100})",
           R"(kernel is "squares" there and "cubes" here)"},
          {R"({"kernel":"squares","options":{"rows":"10","seed":"2"},"tasks":100})",
           R"(options.seed is "1" there and "2" here)"},
          {R"({"kernel":"squares","options":{"seed":"1"},"tasks":100})",
           R"(options.rows is "10" there and missing here)"},
          {R"({"data":{"rows":3},"kernel":"squares","options":{"rows":"10","seed":"1"},"tasks":100})",
           "data.rows is missing there and 3 here"},
          {R"({"kernel":"squares","options":{"rows":"10","seed":"1"},"tasks":101})",
           "tasks is 100 there and 101 here"}}) {
    CHECK(complaint_about(folder.path(), other) ==
          "--resume: " + folder.file("worker-0.1.journal") + " is of another run: " + expected);
  }
  write_file(folder.file("worker-0.1.journal"), "scalelab journal 1 {\"kernel\":\n");
  CHECK(contains(complaint_about(folder.path()), "its first line is damaged"));
}

TEST_CASE("journal: no room for its first line is an error, by the file's name") {
  const Folder folder;
  const LengthLimit limit(10);
  std::string message;
  try {
    const Journal journal(folder.path(), identity, 3);
  } catch (const std::system_error& error) {
    message = error.what();
  }
  CHECK(contains(message, "--journal: " + folder.file("worker-3.1.journal")));
}

TEST_CASE("journal: no room for an entry stops the workers, and what was written is kept") {
  const Folder folder;
  const Squares kernel(10'000);
  // In turn, so that no worker has neighbouring chunks, which would be one large entry.
  Assignment assignment = assignment_of(kernel, {Kind::fixed, 10}, 2);
  assignment.journal = folder.path();
  assignment.journal_identity = identity;
  const auto board = Board::on_heap(assignment.shape);
  {
    const LengthLimit limit(5000);
    repeat(assignment, *board);
  }
  CHECK(board->gate().why_stopped() == Stop::failure);
  std::string message = text(board->report(0));
  if (message.empty()) message = text(board->report(1));
  CHECK(contains(message, "--journal: " + folder.file("worker-")));
  CHECK(contains(message, "File too large"));
  const auto next = Board::on_heap(assignment.shape);
  const Resumed resumed = read_into(*next, folder.path(), identity);
  CHECK(resumed.warnings.size() <= 2);  // at most one torn entry for each worker
  CHECK(resumed.tasks > 0);
  for (const Range& range : resumed.finished) {
    for (std::size_t task = range.first; task < range.last; ++task) {
      const auto x = static_cast<double>(task);
      CHECK((next->values()[2 * task] == x && next->values()[2 * task + 1] == x * x));
    }
  }
}

TEST_CASE("journal: a task that fails is told, not that its journal cannot be written either") {
  const Folder folder;
  const Squares kernel(30, [](std::size_t task) {
    if (task == 25) throw std::runtime_error("no luck");
  });
  Assignment assignment = assignment_of(kernel, {Kind::fixed, 0}, 1);
  assignment.journal = folder.path();
  assignment.journal_identity = identity;
  const auto board = Board::on_heap(assignment.shape);
  const LengthLimit limit(200);
  repeat(assignment, *board);
  CHECK(text(board->report(0)) == "task 25 failed: no luck");
}

TEST_CASE("journal: a run of several threads that was stopped is gone on with by others") {
  const std::size_t many = 3000;
  for (const Schedule& first : {Schedule{Kind::fixed, 0}, {Kind::dynamic, 7}, {Kind::guided, 0}}) {
    CAPTURE(first.name());
    const Folder folder;
    Board* running = nullptr;
    const Squares half(many, [&](std::size_t task) {
      if (task % 20 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
      const std::size_t both[] = {0, 1, 2};
      if (running->tasks_done(both) > many / 2) running->gate().stop(Stop::terminate);
    });
    Assignment assignment = assignment_of(half, first, 3);
    assignment.journal = folder.path();
    assignment.journal_identity = identity;
    const auto before = Board::on_heap(assignment.shape);
    running = before.get();
    repeat(assignment, *before);
    const std::uint64_t done = tasks_reported(*before);
    CHECK((done > many / 2 && done < many));

    const Squares whole(many);
    for (const Schedule& second : {Schedule{Kind::fixed, 11}, {Kind::guided, 0}}) {
      const Assignment rest = assignment_of(whole, second, 4);
      const auto board = Board::on_heap(rest.shape);
      std::ranges::fill(board->values(), -1.0);
      const Resumed resumed = read_into(*board, folder.path(), identity);
      CHECK((resumed.tasks == done && resumed.warnings.empty()));
      board->clear(resumed.finished);
      repeat(rest, *board);
      CHECK(wrong_squares(board->values()) == 0);
      CHECK(tasks_reported(*board) == many - done);
    }
  }
}

TEST_CASE("resume: entries that overlap or touch become as few ranges as there are gaps") {
  const Folder folder;
  const std::string first = first_line + entry_of({10, 20}) + entry_of({0, 3}) + entry_of({50, 51});
  const std::string second = first_line + entry_of({15, 25}) + entry_of({12, 14}) +
                             entry_of({25, 30}) + entry_of({50, 51}) + entry_of({52, 53});
  write_file(folder.file("worker-0.1.journal"), first);
  write_file(folder.file("worker-0.2.journal"), second);
  const auto board = Board::on_heap({tasks, width, 1, {}});
  std::ranges::fill(board->values(), -1.0);
  const Resumed resumed = read_into(*board, folder.path(), identity);
  CHECK(resumed.finished == std::vector<Range>{{0, 3}, {10, 30}, {50, 51}, {52, 53}});
  CHECK(resumed.tasks == 25);
  std::size_t wrong = 0;
  for (std::size_t task = 0; task < tasks; ++task) {
    const bool read = task < 3 || (task >= 10 && task < 30) || task == 50 || task == 52;
    if (board->values()[2 * task] != (read ? truth(2 * task) : -1.0)) ++wrong;
    if (board->values()[2 * task + 1] != (read ? truth(2 * task + 1) : -1.0)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("resume: a folder for a journal is made, and refused if it holds one or is too small") {
  const Folder folder;
  const BoardShape shape(100, 2, 1, {});
  const std::string path = folder.file("new/journal");
  const auto prepare = [](const std::string& in, bool resume, const std::string& of,
                          const BoardShape& board) {
    std::optional<FolderLock> lock;
    prepare_journal(in, resume, of, board, lock);
    CHECK(lock);
    std::optional<FolderLock> second;
    CHECK_THROWS_AS(prepare_journal(in, true, of, board, second), std::runtime_error);
  };
  prepare(path, false, identity, shape);
  CHECK(fs::is_directory(path));
  prepare(path, true, identity, shape);
  { const Journal journal(path, identity, 0); }
  CHECK_NOTHROW(prepare(path, true, identity, shape));
  CHECK_THROWS_AS(prepare(path, false, identity, shape), UsageError);
  write_file(folder.file("file"), "");
  CHECK_THROWS_AS(prepare(folder.file("file"), false, identity, shape), std::runtime_error);
  CHECK_THROWS_AS(prepare(folder.file("file/below"), false, identity, shape), std::runtime_error);
  const BoardShape vast(std::size_t{1} << 48, 2, 1, {});
  std::string message;
  try {
    prepare(folder.path(), false, identity, vast);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(contains(message, "has no room for 4.5e+09 MB"));
}

TEST_CASE(
    "journal: a folder with files of somebody else is not taken for one, and they are named") {
  const Folder folder;
  const auto refusal = [&](const std::string& path, bool resume) -> std::string {
    try {
      require_journal_folder(path, resume);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal(folder.path(), false).empty());
  CHECK(refusal(folder.file("new"), false).empty());
  const std::string expected = "--journal: " + folder.path() +
                               ": expected a new folder, or one with nothing but a journal, found ";
  for (const char* name : {"notes.txt", "diary.journal", "worker-1.journal", ".profile",
                           "worker-1.2.journal.gz", "worker-x.1.journal", "locks", "line\nbreak"}) {
    CAPTURE(name);
    write_file(folder.file(name), "mine");
    const std::string shown = name == std::string("line\nbreak") ? "line\\nbreak" : name;
    CHECK(refusal(folder.path(), false) == expected + shown);
    CHECK(refusal(folder.path(), true) == expected + shown);  // nothing to go on from
    fs::remove(folder.file(name));
  }
  for (const char* name : {"d", "a", "c", "b"}) fs::create_directory(folder.file(name));
  CHECK(refusal(folder.path(), false) == expected + "a, b, c and 1 more");
  for (const char* name : {"d", "a", "c", "b"}) fs::remove(folder.file(name));

  // What runs leave that were killed, at whatever moment.
  for (const char* name : {".lock", ".nfs000000000012f3a500000001", ".scalelab-123-0a1b2c3d.new"}) {
    write_file(folder.file(name), "");
    CHECK(refusal(folder.path(), false).empty());
    CHECK(refusal(folder.path(), true).empty());
  }
  write_file(folder.file("record.jsonl"), "");
  CHECK_FALSE(refusal(folder.path(), false).empty());
  CHECK(refusal(folder.path(), true).empty());
  // With a journal in it, it is the run's: what else has come there does not lose the work.
  { const Journal journal(folder.path(), identity, 0); }
  write_file(folder.file("notes.txt"), "mine");
  CHECK(refusal(folder.path(), true).empty());
}

TEST_CASE("journal: what a worker does not write is no journal, and not waited for") {
  const Folder folder;
  const auto refused = [&](const std::string& words) {
    for (const std::string& complaint : {complaint_about(folder.path()), [&]() -> std::string {
                                           try {
                                             holds_journals(folder.path());
                                           } catch (const std::runtime_error& error) {
                                             return error.what();
                                           }
                                           return words;
                                         }()}) {
      CHECK(contains(complaint, words));
    }
  };
  const std::string path = folder.file("worker-0.1.journal");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  refused("worker-0.1.journal: expected a file, as a worker writes it: remove it");
  fs::remove(path);
  fs::create_symlink("/dev/zero", path);
  refused("worker-0.1.journal: expected a file, as a worker writes it: remove it");
  fs::remove(path);
  write_file(path, "");
  fs::resize_file(path, std::uintmax_t{1} << 40);  // a hole of a terabyte
  refused("worker-0.1.journal: expected a journal of this version of scalelab");
}

TEST_CASE("journal: a task that is there a hundred thousand times is finished once") {
  const Folder folder;
  std::string text = first_line;
  const std::string entry = entry_of({7, 8});
  for (int i = 0; i < 100'000; ++i) text += entry;
  write_file(folder.file("worker-0.1.journal"), text + entry_of({8, 9}) + entry_of({0, 3}));
  const auto board = Board::on_heap(BoardShape(tasks, width, 1, {}));
  const Resumed resumed = read_into(*board, folder.path(), identity);
  CHECK(resumed.tasks == 5);
  CHECK(resumed.finished == std::vector<Range>{{0, 3}, {7, 9}});
  CHECK(resumed.warnings.empty());
}
