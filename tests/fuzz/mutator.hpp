#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace scalelab {

inline std::string read_file(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, const std::string& text) {
  std::filesystem::remove(path);  // some file systems write to the disk at once what replaces old
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!(file << text << std::flush)) throw std::runtime_error(path + ": cannot be written");
}

/// The texts of all files of a folder.
inline std::vector<std::string> read_folder(const std::string& folder) {
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator{folder}, {});
  std::sort(paths.begin(), paths.end());  // so that a seed means the same everywhere
  std::vector<std::string> texts;
  for (const auto& path : paths) texts.push_back(read_file(path));
  if (texts.empty()) throw std::runtime_error(folder + ": expected files to begin with");
  return texts;
}

/// Changes text as accidents and attackers do.
class Mutator {
 public:
  Mutator(std::vector<std::string> corpus, std::uint64_t seed)
      : corpus_(std::move(corpus)), random_(seed) {}

  std::string next() {
    std::string text = pick(corpus_);
    const std::size_t changes = 1 + below(6);
    for (std::size_t i = 0; i < changes; ++i) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  void change(std::string& text) {
    static const std::vector<std::string> pieces = {"\n",
                                                    "\r\n",
                                                    "\r",
                                                    ",",
                                                    ";",
                                                    "\"",
                                                    "\"\"",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ":",
                                                    "null",
                                                    "true",
                                                    "NaN",
                                                    "-1",
                                                    "0",
                                                    "1e999",
                                                    "-1e-999",
                                                    "0.5",
                                                    "18446744073709551616",
                                                    "9007199254740993",
                                                    "\\u0000",
                                                    "\\ud800",
                                                    "\xFF",
                                                    "\xEF\xBB\xBF",
                                                    std::string(1, '\0'),
                                                    "\t",
                                                    " ",
                                                    "\"run\"",
                                                    "\"kind\"",
                                                    "\"schema\":2,",
                                                    "[[[[[[[[[[[[[[[[[[[[",
                                                    "{\"a\":{\"a\":{\"a\":{\"a\":"};
    const std::size_t at = below(text.size() + 1);
    const std::size_t some = below(std::min<std::size_t>(text.size() - at, 40) + 1);
    switch (below(8)) {
      case 0: text.resize(at); break;  // cut off
      case 1: text.erase(at, some); break;
      case 2: text.insert(at, pick(pieces)); break;
      case 3: text.replace(at, some, pick(pieces)); break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 5:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 6: {  // a piece of another file, or of this one
        const std::string& other = pick(corpus_);
        const std::size_t from = below(other.size() + 1);
        text.insert(at, other.substr(from, below(200)));
        break;
      }
      case 7: {  // two digits, or whatever they are, change places
        if (text.empty()) break;
        std::swap(text[below(text.size())], text[below(text.size())]);
        break;
      }
    }
  }

  std::vector<std::string> corpus_;
  std::mt19937_64 random_;
};

}  // namespace scalelab
