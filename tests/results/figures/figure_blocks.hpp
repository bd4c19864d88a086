#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "results/figures/figure_data.hpp"
#include "tests/catch.hpp"

namespace scalelab::test {

/// A block of a data file: its head, and rows of numbers.
struct Block {
  std::vector<std::string> head;
  std::vector<std::vector<double>> rows;
};

inline std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; std::getline(stream, word, '\t');) words.push_back(word);
  return words;
}

inline std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> blocks;
  bool begins = true;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      begins = true;
    } else if (begins) {
      blocks.push_back({words_of(line), {}});
      begins = false;
    } else {
      std::vector<double> row;
      for (const std::string& word : words_of(line)) row.push_back(std::stod(word));
      blocks.back().rows.push_back(row);
    }
  }
  return blocks;
}

inline const FigureData& of_kind(const std::vector<FigureData>& figures, const std::string& kind) {
  const auto figure = std::find_if(figures.begin(), figures.end(),
                                   [&](const FigureData& one) { return one.kind == kind; });
  REQUIRE(figure != figures.end());
  return *figure;
}

inline std::vector<Block> blocks_of(const FigureData& figure, const std::string& ending = "") {
  for (const auto& [name, text] : figure.files) {
    if (name == ending) return blocks_of(text);
  }
  FAIL(figure.name << " has no data " << ending);
  return {};
}

/// As a driver's --trace writes it. @param slices  worker, begin, length [us]
inline std::string trace_of(const std::vector<std::array<double, 3>>& slices) {
  std::string text = R"({"displayTimeUnit":"ms","traceEvents":[)";
  text += R"({"ph":"M","pid":0,"tid":0,"name":"thread_name","args":{"name":"worker 0"}})";
  for (const auto& [worker, begin, length] : slices) {
    text += fmt::format(R"(,{{"ph":"X","pid":0,"tid":{},"ts":{:.3f},"dur":{:.3f},"name":"t"}})",
                        worker, begin, length);
  }
  return text + "]}";
}

}  // namespace scalelab::test
