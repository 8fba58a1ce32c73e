// A file layer under SQLite whose disk fails when told: syncs that fail, a disk without space, and power that goes
// between two operations. What was written and not yet synced when the power went is destroyed, as kill -9 alone never
// shows it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace nova::testkit {

class FaultyFiles {
 public:
  FaultyFiles();
  ~FaultyFiles();  ///< no file may be open any more
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;

  /// The name by which SQLite knows the layer.
  const std::string& name() const;

  void fail_syncs(bool fail);
  void fill_disk(bool full);
  /// The disk holds so many bytes, all files beside the one that is written counted; 0: without end.
  void limit_disk(std::uint64_t bytes);
  /// The power goes with the `operations`-th write, sync or truncation from now; nothing works after it.
  void cut_power_after(std::uint64_t operations);
  bool power_is_cut() const;
  /// Destroys spans that were never synced, chosen by `seed`, and lets the files work again. All must be closed.
  void restore_power(std::uint32_t seed);
  std::uint64_t operations() const;  ///< so far

  struct Disk;

 private:
  std::unique_ptr<Disk> disk_;
};

}  // namespace nova::testkit
