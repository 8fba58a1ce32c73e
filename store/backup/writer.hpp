// Writes one archive: under a temporary name, which becomes the real one when everything is on disk. One thread;
// memory: two chunks.
#pragma once
#include "core/result.hpp"
#include "store/backup/chunks.hpp"

#include <memory>
#include <string>

namespace nova::store::backup {

class Writer {
 public:
  /// `backup.exists` unless `force`, `backup.busy` (another process writes it), `backup.cannot_write`.
  static core::Result<std::unique_ptr<Writer>> open(const std::string& file, const Key& key, Header header, bool force);
  /// What was not finished is removed.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// `backup.disk_full`, `backup.cannot_write`. After an error nothing more may be put.
  core::Status put(char type, std::string_view body);
  void begin_tail() { tail_at_ = content_; }
  /// Synced, then renamed.
  core::Status finish();

  const Header& header() const { return header_; }
  std::uint64_t bytes() const { return written_; }  ///< of the file

 private:
  Writer(std::string file, int descriptor, const Key& key, Header header, bool force);
  core::Status add(std::string_view bytes);
  core::Status write_chunk(std::string_view content, bool last);
  core::Status write(std::string_view bytes);
  core::Error failed(int error) const;

  const std::string file_, part_;
  int descriptor_;
  const Header header_;
  const bool force_;
  Chunks chunks_;
  std::string waiting_;
  std::uint64_t number_ = 0, content_ = 0, tail_at_ = 0, written_ = 0;
};

/// Removes what killed writers left in a folder of archives: parts that nobody has held for an hour.
void remove_stale_parts(const std::string& folder);

}  // namespace nova::store::backup
