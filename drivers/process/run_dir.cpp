#include "drivers/process/run_dir.hpp"

#include "drivers/process/keeper/record.hpp"
#include "drivers/process/keeper_link.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <map>

namespace nova::process {
namespace {

namespace fs = std::filesystem;

using Lines = std::map<std::string, std::string, std::less<>>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const auto space = line.find(' ');
    if (space != line.npos) lines.emplace(line.substr(0, space), line.substr(space + 1));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string text_in(const Lines& lines, std::string_view name) {
  const auto found = lines.find(name);
  return found == lines.end() ? std::string() : found->second;
}

std::int64_t number_in(const Lines& lines, std::string_view name, std::int64_t otherwise = 0) {
  const auto found = lines.find(name);
  if (found == lines.end()) return otherwise;
  std::int64_t number = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

void put(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ' ';
  for (const char c : value) out += c == '\n' || c == '\0' ? ' ' : c;
  out += '\n';
}

void put(std::string& out, std::string_view name, std::int64_t value) { put(out, name, std::to_string(value)); }

// FNV-1a. Names collide only when somebody makes them, and then the next salt is taken: `find_dir` compares the whole
// name.
std::string digest_of(std::string_view text, unsigned salt) {
  std::uint64_t hash = 14695981039346656037ull + salt;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
  return hex;
}

constexpr unsigned salts_max = 16;

}  // namespace

std::optional<std::string> read_small_file(const fs::path& path, std::size_t size_max) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string text(size_max, '\0');
  std::size_t size = 0;
  ssize_t got;
  while (size < size_max && (got = ::read(file, text.data() + size, size_max - size)) > 0) size += std::size_t(got);
  ::close(file);
  text.resize(size);
  return text;
}

bool replace_file(const fs::path& path, std::string_view text) {
  const fs::path fresh = path.string() + ".new";
  if (const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); file) {
    if (::write(file.get(), text.data(), text.size()) == ssize_t(text.size()) &&
        ::ftruncate(file.get(), off_t(text.size())) == 0)
      return keeper::put_in_place(fresh.c_str(), path.c_str());
    ::unlink(fresh.c_str());
  }
  // A full disk still takes what fits into the blocks that the old text has.
  const Fd old(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return old && ::write(old.get(), text.data(), text.size()) == ssize_t(text.size()) &&
         ::ftruncate(old.get(), off_t(text.size())) == 0;
}

std::optional<KeeperRecord> InstanceDir::record() const {
  const auto text = read_small_file(path_ / "state");
  if (!text) return std::nullopt;
  const Lines lines = lines_of(*text);
  KeeperRecord r;
  r.phase = text_in(lines, "phase");
  r.boot = text_in(lines, "boot");
  r.run = text_in(lines, "run");
  r.note = text_in(lines, "note");
  r.keeper = pid_t(number_in(lines, "keeper"));
  r.service = pid_t(number_in(lines, "service"));
  r.keeper_start = std::uint64_t(number_in(lines, "keeper_start"));
  r.service_start = std::uint64_t(number_in(lines, "service_start"));
  r.started_ms = number_in(lines, "started");
  r.ended_ms = number_in(lines, "ended");
  r.code = int(number_in(lines, "code", -1));
  r.signal = int(number_in(lines, "signal"));
  r.oom = number_in(lines, "oom") != 0;
  r.leftovers = int(number_in(lines, "leftovers"));
  return r;
}

std::optional<Memory> InstanceDir::memory() const {
  const auto text = read_small_file(path_ / "memory");
  if (!text) return std::nullopt;
  const Lines lines = lines_of(*text);
  Memory m;
  m.tenant = text_in(lines, "tenant");
  m.key = text_in(lines, "key");
  m.report_to = {text_in(lines, "to_tenant"), text_in(lines, "to_kind"), text_in(lines, "to_id")};
  m.attempt = std::uint64_t(number_in(lines, "attempt"));
  m.rest = text_in(lines, "rest");
  m.admitted = number_in(lines, "admitted") != 0;
  m.stop_ms = number_in(lines, "stop_ms", 10000);
  m.fingerprint = text_in(lines, "fingerprint");
  m.run = text_in(lines, "run");
  m.reported_run = text_in(lines, "reported_run");
  Observation& o = m.last;
  o.sequence = std::uint64_t(number_in(lines, "sequence"));
  o.phase = text_in(lines, "phase");
  o.code = text_in(lines, "reason");
  o.message = text_in(lines, "message");
  o.at.ms = number_in(lines, "at");
  o.facts.pid = number_in(lines, "pid");
  o.facts.keeper_pid = number_in(lines, "keeper_pid");
  o.facts.port = std::uint32_t(number_in(lines, "port"));
  o.facts.restarts = std::uint32_t(number_in(lines, "restarts"));
  o.facts.exit_code = number_in(lines, "exit_code", -1);
  o.facts.exit_signal = number_in(lines, "exit_signal");
  o.facts.attempt = std::uint64_t(number_in(lines, "of_attempt"));
  o.facts.log_path = text_in(lines, "log_path");
  if (lines.contains("next_start")) o.facts.next_start = core::Timestamp{number_in(lines, "next_start")};
  return m;
}

bool InstanceDir::remember(const Memory& m) const {
  std::string out;
  put(out, "tenant", m.tenant);
  put(out, "key", m.key);
  put(out, "to_tenant", m.report_to.tenant);
  put(out, "to_kind", m.report_to.kind);
  put(out, "to_id", m.report_to.id);
  put(out, "attempt", std::int64_t(m.attempt));
  put(out, "rest", m.rest);
  put(out, "admitted", m.admitted);
  put(out, "stop_ms", m.stop_ms);
  put(out, "fingerprint", m.fingerprint);
  put(out, "run", m.run);
  put(out, "reported_run", m.reported_run);
  const Observation& o = m.last;
  put(out, "sequence", std::int64_t(o.sequence));
  put(out, "phase", o.phase);
  put(out, "reason", o.code);
  put(out, "message", o.message);
  put(out, "at", o.at.ms);
  put(out, "pid", o.facts.pid);
  put(out, "keeper_pid", o.facts.keeper_pid);
  put(out, "port", o.facts.port);
  put(out, "restarts", o.facts.restarts);
  put(out, "exit_code", o.facts.exit_code);
  put(out, "exit_signal", o.facts.exit_signal);
  put(out, "of_attempt", std::int64_t(o.facts.attempt));
  put(out, "log_path", o.facts.log_path);
  if (o.facts.next_start) put(out, "next_start", o.facts.next_start->ms);
  return replace_file(path_ / "memory", out);
}

std::optional<InstanceDir> find_dir(const fs::path& run_dir, std::string_view tenant, std::string_view key,
                                    bool create) {
  const std::string whole = std::string(tenant) + "\n" + std::string(key) + "\n";
  for (unsigned salt = 0; salt < salts_max; ++salt) {
    const fs::path path = run_dir / digest_of(whole, salt);
    const auto name = read_small_file(path / "name");
    if (name && *name == whole) return InstanceDir(path);
    if (name) continue;
    if (!create) return std::nullopt;
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return std::nullopt;
    if (!replace_file(path / "name", whole)) return std::nullopt;
    return InstanceDir(path);
  }
  return std::nullopt;
}

std::vector<InstanceDir> all_dirs(const fs::path& run_dir) {
  std::vector<InstanceDir> dirs;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(run_dir, failed)) {
    if (fs::exists(entry.path() / "name", failed)) dirs.emplace_back(entry.path());
  }
  return dirs;
}

}  // namespace nova::process
