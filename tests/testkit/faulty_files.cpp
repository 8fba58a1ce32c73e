#include "tests/testkit/faulty_files.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <vector>

namespace nova::testkit {

struct Span {
  sqlite3_int64 offset;
  int size;
};

struct FaultyFiles::Disk {
  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::mutex mutex;
  std::map<std::string, std::vector<Span>> unsynced;
  bool syncs_fail = false, full = false, dark = false;
  std::uint64_t operations = 0, cut_at = UINT64_MAX, bytes_max = 0;

  /// Called with the mutex held: counts, and says whether the power is still there.
  bool powered() {
    ++operations;
    if (operations >= cut_at) dark = true;
    return !dark;
  }
};

namespace {

using Disk = FaultyFiles::Disk;

struct File {
  sqlite3_file base;
  Disk* disk;
  std::string* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

int close_file(sqlite3_file* file) {
  auto* real = of(file)->real();
  delete of(file)->path;
  return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

int read_file(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  {
    std::lock_guard lock(of(file)->disk->mutex);
    if (of(file)->disk->dark) return SQLITE_IOERR_READ;
  }
  auto* real = of(file)->real();
  return real->pMethods->xRead(real, bytes, size, offset);
}

bool fits(const Disk& disk, const std::string& path, sqlite3_int64 end) {
  if (disk.bytes_max == 0) return true;
  std::uint64_t used = 0;
  // The store renames the witness meanwhile: a name that is gone counts nothing.
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
    if (const auto size = entry.file_size(gone); !gone) used += size;
  const auto own = std::filesystem::file_size(path);
  const auto grown = static_cast<std::uint64_t>(end);
  return grown <= own || used + (grown - own) <= disk.bytes_max;
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  auto& disk = *of(file)->disk;
  std::lock_guard lock(disk.mutex);
  if (!disk.powered()) return SQLITE_IOERR_WRITE;
  if (disk.full || !fits(disk, *of(file)->path, offset + size)) return SQLITE_FULL;
  disk.unsynced[*of(file)->path].push_back({offset, size});
  auto* real = of(file)->real();
  return real->pMethods->xWrite(real, bytes, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  auto& disk = *of(file)->disk;
  std::lock_guard lock(disk.mutex);
  if (!disk.powered()) return SQLITE_IOERR_TRUNCATE;
  auto* real = of(file)->real();
  return real->pMethods->xTruncate(real, size);
}

int sync_file(sqlite3_file* file, int flags) {
  auto& disk = *of(file)->disk;
  std::lock_guard lock(disk.mutex);
  if (!disk.powered() || disk.syncs_fail) return SQLITE_IOERR_FSYNC;
  auto* real = of(file)->real();
  const int code = real->pMethods->xSync(real, flags);
  if (code == SQLITE_OK) disk.unsynced.erase(*of(file)->path);
  return code;
}

// The rest is handed on as it is.
template <auto Member, class... Values>
int hand_on(sqlite3_file* file, Values... values) {
  auto* real = of(file)->real();
  return (real->pMethods->*Member)(real, values...);
}
void barrier(sqlite3_file* file) { of(file)->real()->pMethods->xShmBarrier(of(file)->real()); }

const sqlite3_io_methods methods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    hand_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    hand_on<&sqlite3_io_methods::xLock, int>,
    hand_on<&sqlite3_io_methods::xUnlock, int>,
    hand_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
    hand_on<&sqlite3_io_methods::xFileControl, int, void*>,
    hand_on<&sqlite3_io_methods::xSectorSize>,
    hand_on<&sqlite3_io_methods::xDeviceCharacteristics>,
    hand_on<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    hand_on<&sqlite3_io_methods::xShmLock, int, int, int>,
    barrier,
    hand_on<&sqlite3_io_methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* disk = static_cast<Disk*>(vfs->pAppData);
  auto* opened = of(file);
  opened->base.pMethods = nullptr;
  opened->real()->pMethods = nullptr;
  const int code = disk->real->xOpen(disk->real, name, opened->real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened->disk = disk;
  opened->path = new std::string(name ? name : "");
  opened->base.pMethods = &methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync) {
  auto* disk = static_cast<Disk*>(vfs->pAppData);
  std::lock_guard lock(disk->mutex);
  if (!disk->powered()) return SQLITE_IOERR_DELETE;
  disk->unsynced.erase(name);
  return disk->real->xDelete(disk->real, name, sync);
}

void destroy(const std::string& path, const std::vector<Span>& spans, std::mt19937& random) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  for (const auto& span : spans) {
    if (random() % 2 == 0) continue;  // this one happened to reach the disk
    std::vector<char> garbage(static_cast<std::size_t>(span.size));
    for (auto& byte : garbage) byte = static_cast<char>(random());
    if (pwrite(fd, garbage.data(), garbage.size(), span.offset) < 0) throw std::runtime_error("cannot destroy " + path);
  }
  close(fd);
}

}  // namespace

FaultyFiles::FaultyFiles() : disk_(std::make_unique<Disk>()) {
  static std::atomic<int> made = 0;
  disk_->name = "faulty-" + std::to_string(++made);
  disk_->real = sqlite3_vfs_find(nullptr);
  disk_->vfs = *disk_->real;
  disk_->vfs.iVersion = 1;
  disk_->vfs.zName = disk_->name.c_str();
  disk_->vfs.pNext = nullptr;
  disk_->vfs.pAppData = disk_.get();
  disk_->vfs.szOsFile = static_cast<int>(sizeof(File)) + disk_->real->szOsFile;
  disk_->vfs.xOpen = open_file;
  disk_->vfs.xDelete = delete_file;
  // These look at their own vfs only by name, so they get the real one's.
  disk_->vfs.xAccess = [](sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    auto* real = static_cast<Disk*>(vfs->pAppData)->real;
    return real->xAccess(real, name, flags, out);
  };
  disk_->vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* name, int size, char* out) {
    auto* real = static_cast<Disk*>(vfs->pAppData)->real;
    return real->xFullPathname(real, name, size, out);
  };
  sqlite3_vfs_register(&disk_->vfs, 0);
}

FaultyFiles::~FaultyFiles() { sqlite3_vfs_unregister(&disk_->vfs); }

const std::string& FaultyFiles::name() const { return disk_->name; }

void FaultyFiles::fail_syncs(bool fail) {
  std::lock_guard lock(disk_->mutex);
  disk_->syncs_fail = fail;
}

void FaultyFiles::limit_disk(std::uint64_t bytes) {
  std::lock_guard lock(disk_->mutex);
  disk_->bytes_max = bytes;
}

void FaultyFiles::fill_disk(bool full) {
  std::lock_guard lock(disk_->mutex);
  disk_->full = full;
}

void FaultyFiles::cut_power_after(std::uint64_t operations) {
  std::lock_guard lock(disk_->mutex);
  disk_->cut_at = disk_->operations + operations;
}

bool FaultyFiles::power_is_cut() const {
  std::lock_guard lock(disk_->mutex);
  return disk_->dark;
}

void FaultyFiles::restore_power(std::uint32_t seed) {
  std::lock_guard lock(disk_->mutex);
  std::mt19937 random(seed);
  for (const auto& [path, spans] : disk_->unsynced) destroy(path, spans, random);
  disk_->unsynced.clear();
  disk_->dark = false;
  disk_->cut_at = UINT64_MAX;
}

std::uint64_t FaultyFiles::operations() const {
  std::lock_guard lock(disk_->mutex);
  return disk_->operations;
}

}  // namespace nova::testkit
