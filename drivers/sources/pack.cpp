#include "drivers/sources/archive.hpp"
#include "drivers/sources/digest.hpp"
#include "drivers/sources/sources.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace nova::sources {
namespace {

namespace fs = std::filesystem;

struct Free {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

core::Error refuse(std::string code, const fs::path& path, const std::string& why) {
  return core::refusal(std::move(code), "`" + core::printable(path.string()) + "` " + why);
}

bool left_out(const fs::path& name) { return name == ".git" || name == "__pycache__"; }

core::Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error), end;
  for (; !error && at != end; at.increment(error)) {
    const auto status = at->symlink_status();
    if (fs::is_directory(status)) {
      if (left_out(at->path().filename())) at.disable_recursion_pending();
      continue;
    }
    if (!fs::is_regular_file(status))
      return refuse("source.unsafe_path", at->path(), "is neither a file nor a folder: links are not taken");
    const auto relative = at->path().lexically_relative(folder);
    if (!is_safe_path(relative.generic_string())) return refuse("source.unsafe_path", at->path(), "is no plain path");
    if (files.size() >= files_max) return refuse("source.too_large", folder, "holds more than 20000 files");
    files.push_back(relative);
  }
  if (error) return refuse("source.not_a_folder", folder, "cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

la_ssize_t append(archive*, void* to, const void* data, std::size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
  return la_ssize_t(size);
}

core::Status add(archive* writer, const fs::path& folder, const fs::path& file, std::uint64_t& total) {
  std::error_code ignored;
  total += fs::file_size(folder / file, ignored);
  if (total > archive_bytes_max) return refuse("source.too_large", folder, "holds more than 64 MiB");
  std::ifstream in(folder / file, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in && !in.eof()) return refuse("source.not_a_folder", folder / file, "cannot be read");
  const auto mode = fs::status(folder / file, ignored).permissions();
  const bool executable = (mode & fs::perms::owner_exec) != fs::perms::none;
  std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), file.generic_string().c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), executable ? 0755 : 0644);
  archive_entry_set_size(entry.get(), la_int64_t(content.size()));
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (archive_write_header(writer, entry.get()) != ARCHIVE_OK ||
      archive_write_data(writer, content.data(), content.size()) != la_ssize_t(content.size()))
    return refuse("source.damaged", file, "cannot be packed");
  return core::ok();
}

}  // namespace

core::Result<Packed> pack_folder(const fs::path& given) {
  // A trailing slash or dot would make the names below differ.
  const auto folder = fs::path(given).lexically_normal();
  std::error_code error;
  if (!fs::is_directory(folder, error)) return refuse("source.not_a_folder", given, "is no folder");
  auto files = files_below(folder);
  if (!files) return files.error();
  if (files->empty()) return refuse("source.not_a_folder", given, "holds no file");
  Packed packed;
  packed.files = files->size();
  {
    std::unique_ptr<archive, Free> writer(archive_write_new());
    archive_write_set_format_pax_restricted(writer.get());
    // Names as the bytes they are: translated, they would depend on the locale of whoever packs.
    archive_write_set_options(writer.get(), "hdrcharset=BINARY");
    archive_write_set_bytes_per_block(writer.get(), 512);
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    archive_write_open(writer.get(), &packed.bytes, nullptr, append, nullptr);
    std::uint64_t total = 0;
    for (const auto& file : *files)
      if (auto added = add(writer.get(), folder, file, total); !added) return added.error();
    archive_write_close(writer.get());
  }
  if (packed.bytes.size() > archive_bytes_max) return refuse("source.too_large", given, "packs to more than 64 MiB");
  packed.digest = digest_of(packed.bytes);
  return packed;
}

}  // namespace nova::sources
