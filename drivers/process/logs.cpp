#include "drivers/process/logs.hpp"

#include "drivers/process/keeper_link.hpp"
#include "drivers/process/run_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

namespace nova::process {
namespace {

namespace fs = std::filesystem;

/// What is on disk, as one row of bytes from `first` to `end`. Files stay open, so that rotation takes nothing away.
class Segments {
 public:
  explicit Segments(const fs::path& folder) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      const std::string name = entry.path().filename().string();
      std::uint64_t start = 0;
      const auto read = std::from_chars(name.data(), name.data() + name.size(), start);
      if (read.ec != std::errc() || read.ptr != name.data() + name.size()) continue;
      Fd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
      struct stat found {};
      if (!file || ::fstat(file.get(), &found) != 0) continue;
      files_.emplace(start, Part{std::move(file), std::uint64_t(found.st_size)});
    }
  }

  std::uint64_t first() const { return files_.empty() ? 0 : files_.begin()->first; }
  std::uint64_t end() const { return files_.empty() ? 0 : files_.rbegin()->first + files_.rbegin()->second.size; }

  std::string read(std::uint64_t from, std::uint64_t to) const {
    std::string bytes;
    auto at = files_.upper_bound(from);
    if (at != files_.begin()) --at;
    for (; at != files_.end() && at->first < to; ++at) {
      const auto& [start, part] = *at;
      const std::uint64_t begin = std::max(from, start), stop = std::min(to, start + part.size);
      if (begin >= stop) continue;
      const std::size_t had = bytes.size();
      bytes.resize(had + std::size_t(stop - begin));
      const ssize_t got = ::pread(part.file.get(), bytes.data() + had, std::size_t(stop - begin), off_t(begin - start));
      bytes.resize(had + std::size_t(std::max<ssize_t>(got, 0)));
    }
    return bytes;
  }

 private:
  struct Part {
    Fd file;
    std::uint64_t size = 0;
  };
  std::map<std::uint64_t, Part> files_;
};

// The length of the valid UTF-8 sequence that `text` begins with; 0: none.
std::size_t sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies beyond Unicode.
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;
  if (lead == 0xed && byte(1) > 0x9f) return 0;
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;
  return size;
}

void escape(std::string& out, unsigned code) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", code);
  out += text;
}

core::Error not_found(std::string_view key) {
  return core::refusal("log.not_found", "there is no log of `" + core::printable(key) + "` on this machine");
}

}  // namespace

std::string harmless(std::string_view line) {
  std::string safe;
  safe.reserve(line.size());
  while (!line.empty()) {
    const std::size_t size = sequence_size(line);
    const auto lead = static_cast<unsigned char>(line[0]);
    if (size == 0) {
      escape(safe, lead);
    } else if (lead == '\t') {
      safe += ' ';
    } else if (size == 1 && (lead < 0x20 || lead == 0x7f)) {
      escape(safe, lead);
    } else if (size == 2 && lead == 0xc2 && static_cast<unsigned char>(line[1]) < 0xa0) {
      // The second set of control characters: some terminals act on them as on ESC sequences.
      escape(safe, static_cast<unsigned char>(line[1]));
    } else {
      safe.append(line.substr(0, size));
    }
    line.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return safe;
}

core::Result<LogLines> LogReader::from(std::string_view tenant, std::string_view key, std::uint64_t position,
                                       std::size_t lines) const {
  const auto dir = find_dir(run_dir_, tenant, key, false);
  if (!dir) return not_found(key);
  const Segments segments(dir->log());
  LogLines found;
  found.gap = position < segments.first() || position > segments.end();
  const std::uint64_t start = found.gap ? segments.first() : position;
  const std::string bytes = segments.read(start, std::min(segments.end(), start + bytes_max));
  std::size_t used = 0;
  while (found.lines.size() < std::min(lines, lines_max)) {
    const auto end = bytes.find('\n', used);
    const std::size_t length = (end == bytes.npos ? bytes.size() : end) - used;
    if (length >= line_bytes_max) {
      found.lines.push_back(harmless(std::string_view(bytes).substr(used, line_bytes_max)));
      used += line_bytes_max;
      continue;
    }
    if (end == bytes.npos) break;
    found.lines.push_back(harmless(std::string_view(bytes).substr(used, length)));
    used = end + 1;
  }
  found.next = start + used;
  return found;
}

core::Result<LogLines> LogReader::last(std::string_view tenant, std::string_view key, std::size_t lines) const {
  const auto dir = find_dir(run_dir_, tenant, key, false);
  if (!dir) return not_found(key);
  const Segments segments(dir->log());
  const std::uint64_t end = segments.end();
  std::uint64_t start = std::max(segments.first(), end > bytes_max ? end - bytes_max : 0);
  const std::string bytes = segments.read(start, end);
  // Back over as many line ends as lines are wanted; one at the very end closes the last line and opens none.
  std::size_t begin = bytes.size(), left = std::min(lines, lines_max);
  if (begin > 0 && bytes[begin - 1] == '\n') --begin;
  while (left > 0 && begin > 0) {
    const auto before = bytes.rfind('\n', begin - 1);
    --left;
    begin = before == bytes.npos ? 0 : left == 0 ? before + 1 : before;
  }
  if (lines == 0) begin = bytes.size();
  LogLines found;
  found.gap = begin == 0 && start > 0;
  std::size_t used = begin;
  // The first piece of a line whose beginning is gone says less than nothing.
  if (found.gap) {
    const auto cut = bytes.find('\n');
    used = cut == bytes.npos ? 0 : cut + 1;
  }
  while (used < bytes.size()) {
    const auto stop = bytes.find('\n', used);
    const std::size_t length = std::min((stop == bytes.npos ? bytes.size() : stop) - used, line_bytes_max);
    found.lines.push_back(harmless(std::string_view(bytes).substr(used, length)));
    used += length;
    if (stop == used) ++used;
  }
  found.next = end;
  return found;
}

}  // namespace nova::process
