#include "store/sqlite/disk/checked_files.hpp"

#include "store/sqlite/disk/log_frames.hpp"
#include "store/sqlite/disk/page_sum.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace nova::store::sqlite {
namespace {

constexpr int page_min = 512, page_max = 65536;
/// Of the database's header, which is read before anything is known of the file; SQLite takes no data from there.
constexpr int header_bytes = 100, reserved_at = 20;
/// Pages in the first part of a file say whether it is checked, also when one of them is damaged.
constexpr int looked_at_bytes = 2 * page_max;
constexpr int ask_checked = 0x4e6f7661;  // ours, by SQLite's rule above 100

constexpr sqlite3_int64 nowhere = INT64_MAX;

thread_local std::optional<std::string> page_fault;

enum class Kind : unsigned char { other, database, log };
enum class State : unsigned char { unknown, plain, checked };

struct File {
  sqlite3_file base;
  Kind kind;
  State state;    ///< of a database
  int page_size;  ///< of a checked one
  // Of a log: where the header of a frame was last written, and from where on pages of a commit that is not yet
  // complete were written again, whose frames have no sums until it is. Only who writes them reads them.
  sqlite3_int64 last_header, unsummed_from;
  bool big_endian;  ///< the words of the log
  sqlite3_file* real;
};

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return of(file).real; }

bool is_page_size(int size) { return size >= page_min && size <= page_max && (size & (size - 1)) == 0; }

/// One page, for each thread that reads and writes.
char* scratch() {
  thread_local const std::unique_ptr<char[]> bytes(new char[page_max]);
  return bytes.get();
}

int damaged(const std::string& what) {
  page_fault = what;
  return SQLITE_IOERR_DATA;
}

/// A page of this size that carries its checksum.
bool any_checked_page(const std::vector<char>& bytes, std::size_t size) {
  for (std::size_t at = 0; at + size <= bytes.size(); at += size)
    if (page_sum_matches(bytes.data() + at, size, at / size + 1)) return true;
  return false;
}

// Not by the header, which may be what is damaged, or torn by a power cut while its page stands whole in the log.
void look_at(File& file) {
  sqlite3_int64 size = 0;
  if (file.real->pMethods->xFileSize(file.real, &size) != SQLITE_OK || size < page_min) return;
  std::vector<char> bytes(static_cast<std::size_t>(std::min<sqlite3_int64>(size, looked_at_bytes)));
  if (file.real->pMethods->xRead(file.real, bytes.data(), static_cast<int>(bytes.size()), 0) != SQLITE_OK) return;
  file.state = State::plain;
  // The usual sizes first.
  for (const int page_size : {8192, 4096, 65536, 32768, 16384, 2048, 1024, 512})
    if (any_checked_page(bytes, static_cast<std::size_t>(page_size))) {
      file.state = State::checked;
      file.page_size = page_size;
      return;
    }
}

int read_checked(File& file, char* to, int size, sqlite3_int64 offset) {
  const sqlite3_int64 page_size = file.page_size;
  auto* page = scratch();
  for (sqlite3_int64 at = offset - offset % page_size; at < offset + size; at += page_size) {
    const auto from = std::max(at, offset), until = std::min(at + page_size, offset + size);
    const bool whole = from == at && until == at + page_size;
    auto* into = whole ? to + (at - offset) : page;
    const int code = file.real->pMethods->xRead(file.real, into, file.page_size, at);
    // Beyond the end of the file: SQLite knows what that means.
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
    const auto number = static_cast<std::uint64_t>(at / page_size) + 1;
    if (code == SQLITE_OK && !page_sum_matches(into, static_cast<std::size_t>(page_size), number))
      return damaged("page " + std::to_string(number) + " does not match its checksum");
    if (!whole) std::memcpy(to + (from - offset), page + (from - at), static_cast<std::size_t>(until - from));
    if (code != SQLITE_OK) {
      std::memset(to + (until - offset), 0, static_cast<std::size_t>(offset + size - until));
      return code;
    }
  }
  return SQLITE_OK;
}

int read_database(File& file, char* to, int size, sqlite3_int64 offset) {
  if (file.state == State::unknown) look_at(file);
  if (file.state != State::checked || offset + size <= header_bytes)
    return file.real->pMethods->xRead(file.real, to, size, offset);
  return read_checked(file, to, size, offset);
}

int write_database(File& file, const char* from, int size, sqlite3_int64 offset) {
  if (file.state == State::unknown) look_at(file);
  // The first page says what the others will be.
  if (file.state != State::checked && offset == 0 && is_page_size(size) && from[reserved_at] == checksum_bytes) {
    file.state = State::checked;
    file.page_size = size;
  }
  if (file.state != State::checked) return file.real->pMethods->xWrite(file.real, from, size, offset);
  if (size != file.page_size || offset % size != 0) return SQLITE_IOERR_WRITE;
  auto* page = scratch();
  std::memcpy(page, from, static_cast<std::size_t>(size));
  put_page_sum(page, static_cast<std::size_t>(size), static_cast<std::uint64_t>(offset / size) + 1);
  return file.real->pMethods->xWrite(file.real, page, size, offset);
}

bool read_at(sqlite3_file* file, unsigned char* to, int size, sqlite3_int64 offset, int& code) {
  code = file->pMethods->xRead(file, to, size, offset);
  return code == SQLITE_OK;
}

// SQLite reads the page of a frame by itself, without the frame's header; recovery reads both and compares.
int read_log(File& file, char* to, int size, sqlite3_int64 offset) {
  auto* real = file.real;
  int code = real->pMethods->xRead(real, to, size, offset);
  if (code != SQLITE_OK || !is_page_size(size) || offset < log_header_bytes + frame_header_bytes) return code;
  const auto frame = sqlite3_int64(size) + frame_header_bytes;
  const auto before = offset - frame_header_bytes - log_header_bytes;
  if (before % frame != 0 || offset >= file.unsummed_from) return code;
  unsigned char own[frame_header_bytes], last[8], head[4];
  // The sum goes on from the frame before, or from the header of the log.
  const auto last_at = before == 0 ? log_header_bytes - 8 : offset - frame - 8;
  if (!read_at(real, own, int(sizeof own), offset - frame_header_bytes, code) ||
      !read_at(real, last, int(sizeof last), last_at, code))
    return code;
  const auto matches = [&] {
    return frame_sum(file.big_endian, sum_at(last), own, to, std::size_t(size)) == sum_at(own + 16);
  };
  if (matches()) return SQLITE_OK;
  // Each log says in which order its words are added; another one may stand here since.
  if (!read_at(real, head, int(sizeof head), 0, code)) return code;
  const bool other = is_big_endian_log(head) != std::exchange(file.big_endian, is_big_endian_log(head));
  if (other && matches()) return SQLITE_OK;
  return damaged("frame " + std::to_string(before / frame + 1) + " of the write-ahead log does not match its checksum");
}

void note_log_write(File& file, int size, sqlite3_int64 offset) {
  if (size == frame_header_bytes) {
    file.last_header = offset;
    if (offset + frame_header_bytes == file.unsummed_from) file.unsummed_from = nowhere;
  } else if (is_page_size(size) && offset != file.last_header + frame_header_bytes) {
    file.unsummed_from = std::min(file.unsummed_from, offset);
  }
}

int close_file(sqlite3_file* file) {
  auto* real = real_of(file);
  const int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
  ::operator delete(real);
  return code;
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  auto* bytes = static_cast<char*>(to);
  switch (of(file).kind) {
    case Kind::database:
      return read_database(of(file), bytes, size, offset);
    case Kind::log:
      return read_log(of(file), bytes, size, offset);
    default:
      return real_of(file)->pMethods->xRead(real_of(file), to, size, offset);
  }
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (of(file).kind == Kind::database) return write_database(of(file), static_cast<const char*>(from), size, offset);
  if (of(file).kind == Kind::log) note_log_write(of(file), size, offset);
  return real_of(file)->pMethods->xWrite(real_of(file), from, size, offset);
}
int control(sqlite3_file* file, int what, void* value) {
  if (what != ask_checked) return real_of(file)->pMethods->xFileControl(real_of(file), what, value);
  if (of(file).state == State::unknown) look_at(of(file));
  *static_cast<bool*>(value) = of(file).state == State::checked;
  return SQLITE_OK;
}
int characteristics(sqlite3_file* file) {
  constexpr int reads_parts_of_pages = 0x8000;  // SQLITE_IOCAP_SUBPAGE_READ, since 3.48
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)) & ~reads_parts_of_pages;
}

// The rest is handed on as it is.
template <auto Member, class... Values>
int hand_on(sqlite3_file* file, Values... values) {
  return (real_of(file)->pMethods->*Member)(real_of(file), values...);
}
void barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }

// Version 2: without the calls that map pages into memory, where nobody would compare them.
const sqlite3_io_methods methods = {
    2,
    close_file,
    read_file,
    write_file,
    hand_on<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    hand_on<&sqlite3_io_methods::xSync, int>,
    hand_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    hand_on<&sqlite3_io_methods::xLock, int>,
    hand_on<&sqlite3_io_methods::xUnlock, int>,
    hand_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
    control,
    hand_on<&sqlite3_io_methods::xSectorSize>,
    characteristics,
    hand_on<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    hand_on<&sqlite3_io_methods::xShmLock, int, int, int>,
    barrier,
    hand_on<&sqlite3_io_methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

struct Layer {
  std::string base, name;
  sqlite3_vfs vfs{};
  /// Asked anew each time: a layer of tests comes and goes.
  sqlite3_vfs* real() const { return sqlite3_vfs_find(base.empty() ? nullptr : base.c_str()); }
};

sqlite3_vfs* real_of(sqlite3_vfs* vfs) { return static_cast<Layer*>(vfs->pAppData)->real(); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* real = real_of(vfs);
  auto& opened = of(file);
  opened.base.pMethods = nullptr;
  if (!real) return SQLITE_CANTOPEN;
  auto* below = static_cast<sqlite3_file*>(::operator new(static_cast<std::size_t>(real->szOsFile), std::nothrow));
  if (!below) return SQLITE_NOMEM;
  below->pMethods = nullptr;
  const int code = real->xOpen(real, name, below, flags, out_flags);
  if (code != SQLITE_OK) {
    if (below->pMethods) below->pMethods->xClose(below);
    ::operator delete(below);
    return code;
  }
  opened.kind = flags & SQLITE_OPEN_MAIN_DB ? Kind::database : flags & SQLITE_OPEN_WAL ? Kind::log : Kind::other;
  opened.state = State::unknown;
  opened.page_size = 0;
  opened.last_header = 0;
  opened.big_endian = false;
  opened.unsummed_from = nowhere;
  opened.real = below;
  opened.base.pMethods = &methods;
  return SQLITE_OK;
}

std::unique_ptr<Layer> make_layer(const std::string& base) {
  auto layer = std::make_unique<Layer>();
  layer->base = base;
  layer->name = "nova-checked" + (base.empty() ? "" : ":" + base);
  auto& vfs = layer->vfs;
  vfs = *layer->real();
  vfs.iVersion = std::min(vfs.iVersion, 2);
  vfs.zName = layer->name.c_str();
  vfs.pNext = nullptr;
  vfs.pAppData = layer.get();
  vfs.szOsFile = static_cast<int>(sizeof(File));
  vfs.xOpen = open_file;
  // These may look at their own layer; the rest does not.
  vfs.xDelete = [](sqlite3_vfs* own, const char* name, int sync) {
    return real_of(own)->xDelete(real_of(own), name, sync);
  };
  vfs.xAccess = [](sqlite3_vfs* own, const char* name, int flags, int* out) {
    return real_of(own)->xAccess(real_of(own), name, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs* own, const char* name, int size, char* out) {
    return real_of(own)->xFullPathname(real_of(own), name, size, out);
  };
  sqlite3_vfs_register(&vfs, 0);
  return layer;
}

}  // namespace

const char* checked_layer(const std::string& base) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Layer>> layers;
  std::lock_guard lock(mutex);
  const auto known = layers.find(base);
  if (known != layers.end()) return known->second->name.c_str();
  if (!sqlite3_vfs_find(base.empty() ? nullptr : base.c_str())) return base.c_str();  // SQLite says that there is none
  return layers.emplace(base, make_layer(base)).first->second->name.c_str();
}

bool is_checked(sqlite3* db) {
  bool checked = false;
  sqlite3_file_control(db, "main", ask_checked, &checked);
  return checked;
}

std::optional<std::string> take_page_fault() { return std::exchange(page_fault, std::nullopt); }

}  // namespace nova::store::sqlite
