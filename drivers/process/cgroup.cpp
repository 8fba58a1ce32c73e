// The node's own cgroup, handed over by a service manager.
#include "drivers/process/process.hpp"
#include "drivers/process/run_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace nova::process {
namespace {

namespace fs = std::filesystem;

constexpr long cgroup2_magic = 0x63677270;  // CGROUP2_SUPER_MAGIC, linux/magic.h

// Kernel files take one write and answer with it.
bool put(const fs::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool done = ::write(file, text.data(), text.size()) == ssize_t(text.size());
  ::close(file);
  return done;
}

/// The folder of this process's group in the unified hierarchy; empty: there is none.
fs::path own_group() {
  const auto groups = read_small_file("/proc/self/cgroup");
  if (!groups) return {};
  std::istringstream lines(*groups);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("0::", 0) != 0) continue;
    const fs::path folder = fs::path("/sys/fs/cgroup") / line.substr(4);
    struct statfs found {};
    // The root belongs to the machine, even where it can be written.
    if (line.size() <= 4 || ::statfs(folder.c_str(), &found) != 0 || found.f_type != cgroup2_magic) return {};
    return folder;
  }
  return {};
}

// systemd marks what it handed over (Delegate=yes). A terminal's group can often be written to as well and is not ours.
bool is_delegated(const fs::path& group) {
  char mark[8];
  for (const char* name : {"user.delegate", "trusted.delegate"}) {
    if (::getxattr(group.c_str(), name, mark, sizeof mark) > 0 && mark[0] == '1') return true;
  }
  return false;
}

constexpr std::string_view leaf = "node";

fs::path delegated(const fs::path& own) { return own.filename() == leaf ? own.parent_path() : own; }

}  // namespace

fs::path delegated_cgroup() {
  const fs::path own = own_group();
  if (own.empty()) return {};
  const fs::path group = delegated(own);
  if (!is_delegated(group) || ::access((group / "cgroup.subtree_control").c_str(), W_OK) != 0) return {};
  // Controllers can only be handed on by a group that holds no process itself.
  const fs::path node = group / leaf;
  if (::mkdir(node.c_str(), 0755) != 0 && errno != EEXIST) return {};
  if (!put(node / "cgroup.procs", std::to_string(::getpid()))) return {};
  if (put(group / "cgroup.subtree_control", "+memory +cpu +pids")) return group;
  put(group / "cgroup.procs", std::to_string(::getpid()));
  ::rmdir(node.c_str());
  return {};
}

void release_cgroup() {
  const fs::path own = own_group();
  if (!own.empty())
    put(delegated(own.filename() == ".control" ? own.parent_path() : own) / "cgroup.subtree_control",
        "-memory -cpu -pids");
}

}  // namespace nova::process
