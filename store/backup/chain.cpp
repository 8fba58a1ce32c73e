#include "store/backup/chain.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace nova::store::backup {
namespace {

namespace fs = std::filesystem;

/// Headers of all archives of a folder; what is none is passed over.
std::map<std::string, Header> headers_of(const fs::path& folder) {
  std::map<std::string, Header> found;
  std::error_code error;
  for (fs::directory_iterator it(folder.empty() ? "." : folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".part") continue;
    if (auto header = look_at(it->path().string())) found.emplace(it->path().string(), std::move(*header));
  }
  return found;
}

core::Result<Link> open_link(const std::string& file, const Key& key) {
  auto reader = Reader::open(file, key);
  if (!reader) return std::move(reader).error();
  auto tail = read_tail(**reader);
  if (!tail) return std::move(tail).error();
  return Link{std::move(*reader), std::move(*tail)};
}

core::Error missing_base(const Link& link) {
  auto missing = core::refusal("backup.missing_base", "`" + link.tail.file + "` goes on from archive " +
                                                          link.tail.header.base + ", which is not beside it");
  missing.status = 422;
  return std::move(missing)
      .fix("put `" + core::printable(link.tail.summary.base_file) + "` into the same folder")
      .with("base", link.tail.header.base)
      .with("base_file", link.tail.summary.base_file);
}

}  // namespace

core::Result<std::vector<Link>> open_chain(const std::string& file, const Key& key) {
  std::vector<Link> links;
  auto newest = open_link(file, key);
  if (!newest) return std::move(newest).error();
  links.push_back(std::move(*newest));
  std::map<std::string, Header> others;
  while (!links.back().tail.header.base.empty()) {
    if (others.empty()) others = headers_of(fs::path(file).parent_path());
    const auto& last = links.back();
    const auto base = std::find_if(others.begin(), others.end(),
                                   [&](const auto& other) { return other.second.id == last.tail.header.base; });
    if (base == others.end() || links.size() == chain_max) return missing_base(last);
    auto link = open_link(base->first, key);
    if (!link) return std::move(link).error();
    const auto& end = link->tail.summary.head;
    if (end.store_id != last.tail.summary.head.store_id || end.position != last.tail.summary.base_position) {
      auto broken = core::refusal("backup.broken_chain",
                                  "`" + last.tail.file + "` does not go on where `" + link->tail.file + "` ends");
      broken.status = 422;
      return broken;
    }
    links.push_back(std::move(*link));
  }
  std::reverse(links.begin(), links.end());
  return links;
}

std::string newest_in(const std::string& folder, const Key& key) {
  const auto mine = key_id_of(key);
  std::string newest;
  std::pair<std::int64_t, std::string> latest{INT64_MIN, ""};
  for (const auto& [file, header] : headers_of(folder)) {
    // Ids of one millisecond are in the order in which they were made.
    const std::pair made{header.created_ms, header.id};
    if (header.key_id != mine || made <= latest) continue;
    latest = made;
    newest = file;
  }
  return newest;
}

}  // namespace nova::store::backup
