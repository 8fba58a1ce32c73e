#include "tests/simulation/ground/disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace nova::simulation {

/// What one open file holds of the locks of SQLite.
struct Locks {
  int level = SQLITE_LOCK_NONE;
  unsigned shared = 0, exclusive = 0;  ///< of the shared memory, a bit for each
};

struct DiskFile {
  struct Write {
    std::size_t offset = 0;
    std::vector<char> before;
    std::size_t size = 0, size_before = 0;
  };
  std::vector<char> bytes;
  std::vector<Write> unsynced;
  std::vector<std::unique_ptr<char[]>> shared_memory;
  std::vector<std::unique_ptr<char[]>> dead_memory;  ///< connections of a killed process still point into it
  std::set<Locks*> open;
};

namespace {

constexpr std::size_t sector = 512;
constexpr int shm_locks = 8;

std::map<std::string, Disk*>& disks() {
  static std::map<std::string, Disk*> all;
  return all;
}

struct File {
  sqlite3_file base;
  Disk* disk;
  std::shared_ptr<DiskFile>* data;
  Locks* locks;
  std::uint64_t generation;
  bool lives() const { return disk->lives(generation); }
};

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
DiskFile& data_of(sqlite3_file* file) { return **of(file)->data; }

int close_file(sqlite3_file* file) {
  auto& data = data_of(file);
  // The last to close takes the index of the write-ahead log along, so that who opens next reads the log itself.
  if (data.open.erase(of(file)->locks) > 0 && data.open.empty()) data.shared_memory.clear();
  delete of(file)->locks;
  delete of(file)->data;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  if (!of(file)->lives()) return SQLITE_IOERR_READ;
  const auto& bytes = data_of(file).bytes;
  const auto from = std::min(std::size_t(offset), bytes.size());
  const auto there = std::min(std::size_t(size), bytes.size() - from);
  std::memcpy(to, bytes.data() + from, there);
  if (there == std::size_t(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, std::size_t(size) - there);
  return SQLITE_IOERR_SHORT_READ;
}

void put(DiskFile& data, const void* from, std::size_t size, std::size_t offset) {
  DiskFile::Write write{offset, {}, size, data.bytes.size()};
  if (offset < data.bytes.size())
    write.before.assign(data.bytes.begin() + std::ptrdiff_t(offset),
                        data.bytes.begin() + std::ptrdiff_t(std::min(offset + size, data.bytes.size())));
  if (data.bytes.size() < offset + size) data.bytes.resize(offset + size);
  std::memcpy(data.bytes.data() + offset, from, size);
  data.unsynced.push_back(std::move(write));
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  auto* opened = of(file);
  if (!opened->lives()) return SQLITE_IOERR_WRITE;
  if (opened->disk->full()) return SQLITE_FULL;
  const bool whole = opened->disk->may_write();
  // The write during which a machine dies may have begun. A sector is written whole or not at all, so the log's header
  // of 32 bytes never is half of one log's and half of another's.
  const auto half = (std::size_t(offset) + std::size_t(size) / 2) / sector * sector;
  const auto begun = half > std::size_t(offset) ? half - std::size_t(offset) : 0;
  put(data_of(file), from, whole ? std::size_t(size) : begun, std::size_t(offset));
  return whole ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!of(file)->lives() || !of(file)->disk->may_write()) return SQLITE_IOERR_TRUNCATE;
  auto& data = data_of(file);
  data.bytes.resize(std::size_t(size));
  // A journaling file system orders this; writes beyond the end are gone with it.
  std::erase_if(data.unsynced, [&](const auto& write) { return write.offset + write.size > std::size_t(size); });
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  if (!of(file)->lives() || !of(file)->disk->may_sync()) return SQLITE_IOERR_FSYNC;
  data_of(file).unsynced.clear();
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  if (!of(file)->lives()) return SQLITE_IOERR_FSTAT;
  *size = sqlite3_int64(data_of(file).bytes.size());
  return SQLITE_OK;
}

bool others(sqlite3_file* file, bool (*hold)(const Locks&, unsigned), unsigned what) {
  const auto& open = data_of(file).open;
  return std::any_of(open.begin(), open.end(),
                     [&](const Locks* locks) { return locks != of(file)->locks && hold(*locks, what); });
}

int lock_file(sqlite3_file* file, int level) {
  if (!of(file)->lives()) return SQLITE_IOERR_LOCK;
  const unsigned hindered_from = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                                 : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                                 : SQLITE_LOCK_SHARED;
  if (others(
          file, [](const Locks& locks, unsigned from) { return unsigned(locks.level) >= from; }, hindered_from))
    return SQLITE_BUSY;
  of(file)->locks->level = std::max(of(file)->locks->level, level);
  return SQLITE_OK;
}
int unlock_file(sqlite3_file* file, int level) {
  of(file)->locks->level = std::min(of(file)->locks->level, level);
  return SQLITE_OK;
}
int reserved(sqlite3_file* file, int* taken) {
  *taken = others(
      file, [](const Locks& locks, unsigned from) { return unsigned(locks.level) >= from; }, SQLITE_LOCK_RESERVED);
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return int(sector); }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
  if (!of(file)->lives()) return SQLITE_IOERR_SHMMAP;
  auto& pages = data_of(file).shared_memory;
  while (extend && pages.size() <= std::size_t(page)) pages.push_back(std::make_unique<char[]>(std::size_t(size)));
  *to = std::size_t(page) < pages.size() ? pages[std::size_t(page)].get() : nullptr;
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int first, int count, int flags) {
  if (!of(file)->lives()) return SQLITE_IOERR_SHMLOCK;
  const unsigned mask = ((1U << count) - 1U) << first;
  auto& own = *of(file)->locks;
  if (flags & SQLITE_SHM_UNLOCK) {
    own.shared &= ~mask;
    own.exclusive &= ~mask;
    return SQLITE_OK;
  }
  const auto hindered =
      (flags & SQLITE_SHM_SHARED)
          ? [](const Locks& locks, unsigned bits) { return (locks.exclusive & bits) != 0; }
          : [](const Locks& locks, unsigned bits) { return ((locks.exclusive | locks.shared) & bits) != 0; };
  if (others(file, hindered, mask)) return SQLITE_BUSY;
  ((flags & SQLITE_SHM_SHARED) ? own.shared : own.exclusive) |= mask;
  return SQLITE_OK;
}
void shm_barrier(sqlite3_file*) {}
int shm_unmap(sqlite3_file* file, int) {
  of(file)->locks->shared = of(file)->locks->exclusive = 0;
  return SQLITE_OK;
}

const sqlite3_io_methods methods = {2,           close_file,   read_file,       write_file,  truncate_file,
                                    sync_file,   size_of_file, lock_file,       unlock_file, reserved,
                                    control,     sector_size,  characteristics, shm_map,     shm_lock,
                                    shm_barrier, shm_unmap,    nullptr,         nullptr};

Disk* disk_of(sqlite3_vfs* vfs) { return static_cast<Disk*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* opened = of(file);
  opened->base.pMethods = nullptr;
  auto* disk = disk_of(vfs);
  if (disk->died() || !name) return SQLITE_CANTOPEN;
  if (!disk->exists(name) && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
  opened->disk = disk;
  opened->data = new std::shared_ptr<DiskFile>(disk->file(name));
  opened->generation = disk->generation();
  opened->locks = new Locks;
  data_of(file).open.insert(opened->locks);
  opened->base.pMethods = &methods;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int) {
  if (disk_of(vfs)->died()) return SQLITE_IOERR_DELETE;
  disk_of(vfs)->remove(name);
  return SQLITE_OK;
}
int access_file(sqlite3_vfs* vfs, const char* name, int, int* there) {
  *there = disk_of(vfs)->exists(name);
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* name, int size, char* to) {
  sqlite3_snprintf(size, to, "%s", name);
  return SQLITE_OK;
}

// What never reached the disk is kept, undone, or torn between two sectors; the last write first.
void lose_unsynced(DiskFile& file, testkit::Random& random) {
  while (!file.unsynced.empty()) {
    const auto write = std::move(file.unsynced.back());
    file.unsynced.pop_back();
    const auto fate = random.below(3);
    if (fate == 0) continue;
    const auto torn = fate == 1 ? 0 : random.below(write.size / sector + 1) * sector;  // so many bytes did arrive
    for (auto i = std::size_t(torn); i < write.size && write.offset + i < file.bytes.size(); ++i)
      file.bytes[write.offset + i] = i < write.before.size() ? write.before[i] : 0;
    if (torn == 0 && file.bytes.size() == write.offset + write.size)
      file.bytes.resize(std::max(write.size_before, std::size_t(0)));
  }
}

}  // namespace

struct Disk::Layer {
  sqlite3_vfs vfs{};
};

Disk::Disk(std::string name, std::uint64_t seed)
    : name_(std::move(name)), layer_(std::make_unique<Layer>()), random_(seed) {
  auto& vfs = layer_->vfs;
  vfs = *sqlite3_vfs_find(nullptr);  // time and dynamic libraries are not the disk's
  vfs.iVersion = 1;
  vfs.zName = name_.c_str();
  vfs.pNext = nullptr;
  vfs.pAppData = this;
  vfs.szOsFile = int(sizeof(File));
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs, 0);
  disks()[name_] = this;
}

Disk::~Disk() {
  disks().erase(name_);
  sqlite3_vfs_unregister(&layer_->vfs);
}

void Disk::forget_processes() {
  ++generation_;
  for (auto& [name, file] : files_) {
    for (auto& page : file->shared_memory) file->dead_memory.push_back(std::move(page));
    file->shared_memory.clear();
    file->open.clear();
  }
}

void Disk::die(bool power) {
  died_ = true;
  die_by_power_ = power;
}

void Disk::die_after(std::uint64_t operations, bool power) {
  die_at_ = operations_ + operations;
  die_by_power_ = power;
}

void Disk::die_in_sync(bool power) {
  die_in_sync_ = true;
  die_by_power_ = power;
}

void Disk::revive() {
  forget_processes();
  if (died_ && die_by_power_)
    for (auto& [name, file] : files_) lose_unsynced(*file, random_);
  died_ = false;
  live_on();
  failing_syncs_ = 0;
}

bool Disk::may_write() {
  if (++operations_ < die_at_) return !died_;
  if (!std::exchange(died_, true) && on_death) on_death();
  return false;
}

bool Disk::may_sync() {
  if (die_in_sync_) die_at_ = 0;
  if (!may_write()) return false;
  if (failing_syncs_ == 0) return true;
  --failing_syncs_;
  return false;
}

bool Disk::exists(const std::string& path) const { return files_.contains(path); }

std::shared_ptr<DiskFile> Disk::file(const std::string& path) {
  auto& file = files_[path];
  if (!file) file = std::make_shared<DiskFile>();
  return file;
}

std::size_t Disk::size(const std::string& path) { return exists(path) ? file(path)->bytes.size() : 0; }

Disk::Image Disk::image() const {
  Image image;
  for (const auto& [name, file] : files_) image[name.substr(name_.size())] = file->bytes;
  return image;
}

void Disk::load(const Image& image) {
  for (const auto& [name, bytes] : image) file(name_ + name)->bytes = bytes;
}

Disk& Disk::of_path(const std::string& path) { return *disks().at(path.substr(0, path.find('/'))); }

}  // namespace nova::simulation
