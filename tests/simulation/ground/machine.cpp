// What production code asks of the machine, answered by the simulated one: randomness, the small files beside a store,
// how much room there is. Each stands alone in a source of the house, so the linker takes these instead.
#include "tests/simulation/ground/machine.hpp"
#include "core/ids.hpp"
#include "store/sqlite/disk/head_mark.hpp"
#include "store/sqlite/lock_file.hpp"
#include "store/sqlite/opening.hpp"
#include "store/witness.hpp"
#include "tests/simulation/ground/disk.hpp"

#include <cstdio>
#include <map>

namespace nova::simulation {
namespace {

std::uint64_t ids_made = 0;
std::map<std::string, store::Witness> witnesses;
std::map<std::string, store::sqlite::Marked> newest_commits;

}  // namespace

void reset_machine() {
  ids_made = 0;
  witnesses.clear();
  newest_commits.clear();
}

}  // namespace nova::simulation

namespace nova::core {

std::string new_uuid(Timestamp now) {
  char text[40];
  const auto number = ++simulation::ids_made;
  std::snprintf(text, sizeof text, "%08llx-%04llx-7000-8000-%012llx", static_cast<unsigned long long>(now.ms >> 16),
                static_cast<unsigned long long>(now.ms & 0xffff), static_cast<unsigned long long>(number));
  return text;
}

}  // namespace nova::core

namespace nova::store {

// The witness is written behind the commits and replaced whole, so a power cut leaves the old one or the new one.
core::Result<std::optional<Witness>> read_witness(const std::string& path) {
  const auto found = simulation::witnesses.find(path);
  return found == simulation::witnesses.end() ? std::optional<Witness>() : std::optional<Witness>(found->second);
}
bool write_witness(const std::string& path, const Witness& witness) {
  if (simulation::Disk::of_path(path).died() || simulation::Disk::of_path(path).full()) return false;
  simulation::witnesses[path] = witness;
  return true;
}

}  // namespace nova::store

namespace nova::store::sqlite {

core::Result<bool> exists_already(const std::string& file) {
  auto& disk = simulation::Disk::of_path(file);
  disk.file(file);  // made when there is none
  return disk.size(file) > 0 || disk.size(file + "-wal") > 0;
}

// Written behind each commit. That it is always kept, which a real disk does not promise, asks the most of the log.
HeadMark::~HeadMark() { static_cast<void>(file_); }
void HeadMark::write(const std::string& store_id, std::uint64_t position, const std::string& event_id) {
  simulation::newest_commits[path_] = {position, print_of(store_id, event_id)};
}
std::optional<Marked> read_mark(const std::string& path) {
  const auto found = simulation::newest_commits.find(path);
  return found == simulation::newest_commits.end() ? std::nullopt : std::optional<Marked>(found->second);
}
std::uint64_t print_of(const std::string& store_id, const std::string& event_id) {
  return std::hash<std::string>()(store_id + " " + event_id);
}

bool keep_reserve(const Place&) { return true; }
void lengthen_log(const Place&) {}                   // it spares real file systems a wait; nobody waits here
std::uint64_t log_bytes(const Place&) { return 0; }  // its disk is full or not, whatever lies on it
bool free_reserve(const Place&) { return false; }
std::uint64_t free_bytes(const std::string& file) {
  return simulation::Disk::of_path(file).full() ? 0 : std::uint64_t(1) << 40;
}

// The simulated machine runs one process on a disk at a time; the real lock has its own tests.
core::Result<std::unique_ptr<LockFile>> LockFile::take(const std::string&, const std::string&) {
  return std::unique_ptr<LockFile>(new LockFile(-1));
}
LockFile::~LockFile() { static_cast<void>(fd_); }

}  // namespace nova::store::sqlite

// The janitor gives memory back to the kernel after a burst; thousands of small worlds in one process need none of
// that.
extern "C" int malloc_trim(std::size_t) { return 0; }
