#pragma once

#include <filesystem>
#include <string>

#include "drivers/common/machine/machine.hpp"
#include "tests/drivers/programs/folder.hpp"

namespace scalelab {

/// A /proc and /sys of another machine.
class SystemTree {
 public:
  const std::string& root() const { return folder_.path(); }
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = folder_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    write_file(file, text);
  }
  void cpu(int number, const std::string& name, const std::string& text) const {
    write("/sys/devices/system/cpu/cpu" + std::to_string(number) + "/" + name, text);
  }
  void cache(int cpu_number, int index, const std::string& level, const std::string& size) const {
    const std::string name = "cache/index" + std::to_string(index);
    cpu(cpu_number, name + "/level", level + "\n");
    cpu(cpu_number, name + "/size", size + "\n");
  }
  /// In units of 1024 bytes.
  void memory(const std::string& total, const std::string& available) const {
    write("/proc/meminfo", "MemTotal:       " + total +
                               " kB\nMemFree:         5 kB\nMemAvailable:   " + available +
                               " kB\nHugePages_Total:       0\n");
  }
  Machine machine() const { return read_machine(root()); }

 private:
  Folder folder_;
};

}  // namespace scalelab
