// One machine's disk, in memory, as a file layer of SQLite: what a process wrote stays when the process is killed, and
// what it synced stays when the power goes. One thread.
#pragma once
#include "tests/testkit/random.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nova::simulation {

struct DiskFile;

class Disk {
 public:
  using Image = std::map<std::string, std::vector<char>>;  ///< contents by the end of the name, after the disk's own

  /// No two disks of one name at a time.
  Disk(std::string name, std::uint64_t seed);
  ~Disk();  ///< every connection to it must be closed
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// SQLite's name of the layer, and the path of the store on it.
  const std::string& vfs() const { return name_; }
  std::string store_file() const { return name_ + "/nova.db"; }

  /// The process that uses it ends now, or in the midst of the write or sync number `operations` from now. With
  /// `power`, what was never synced is kept, undone or torn. Until `revive` every call fails.
  void die(bool power);
  void die_after(std::uint64_t operations, bool power);
  void die_in_sync(bool power);  ///< the next one: all is written, nothing is sure
  bool died() const { return died_; }
  bool died_by_power() const { return died_ && die_by_power_; }
  void live_on() { die_at_ = UINT64_MAX, die_in_sync_ = false; }  ///< takes back `die_after`
  std::function<void()> on_death;                                 ///< called within the write
  /// The machine is there again; what the process had open stays dead.
  void revive();

  void fail_syncs(std::uint64_t count) { failing_syncs_ = count; }
  void fill(bool full) { full_ = full; }
  bool is_full() const { return full_; }

  Image image() const;
  void load(const Image& image);
  bool exists(const std::string& path) const;

  // For the file layer and for the small files beside the store.
  bool lives(std::uint64_t generation) const { return generation == generation_ && !died_; }
  std::uint64_t generation() const { return generation_; }
  bool may_write();  ///< counts towards `die_after`
  bool may_sync();
  bool full() const { return full_; }
  std::shared_ptr<DiskFile> file(const std::string& path);
  std::size_t size(const std::string& path);
  void remove(const std::string& path) { files_.erase(path); }
  std::uint64_t operations() const { return operations_; }

  static Disk& of_path(const std::string& path);

 private:
  struct Layer;
  void forget_processes();

  std::string name_;
  std::unique_ptr<Layer> layer_;
  testkit::Random random_;
  std::map<std::string, std::shared_ptr<DiskFile>> files_;
  std::uint64_t generation_ = 1, operations_ = 0, die_at_ = UINT64_MAX, failing_syncs_ = 0;
  bool die_in_sync_ = false, die_by_power_ = false, died_ = false, full_ = false;
};

}  // namespace nova::simulation
