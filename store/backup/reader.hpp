// Reads one archive, forwards or its tail alone. Every byte that comes out was authenticated. One thread; memory: two
// chunks and a record.
#pragma once
#include "core/result.hpp"
#include "store/backup/chunks.hpp"

#include <memory>
#include <optional>
#include <string>

namespace nova::store::backup {

/// The header alone, which needs no key: `backup.not_found`, `backup.not_an_archive`, `backup.newer_format`,
/// `backup.damaged`.
core::Result<Header> look_at(const std::string& file);

class Reader {
 public:
  /// Also `backup.wrong_key`.
  static core::Result<std::unique_ptr<Reader>> open(const std::string& file, const Key& key);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// The next record; none after the last. `backup.damaged` names the place.
  core::Result<std::optional<Record>> next();
  core::Status to_start();
  core::Status to_tail();

  const Header& header() const { return header_; }
  const std::string& file() const { return file_; }
  core::Error damaged(const std::string& why) const;

 private:
  Reader(std::string file, int descriptor, std::uint64_t size, const Key& key, Header header);
  core::Status go_to(std::uint64_t content_at);
  core::Result<std::string> read_chunk(std::uint64_t number);
  core::Status need(std::size_t bytes);  ///< so that they lie in `ahead_` after `from_`

  const std::string file_;
  const int descriptor_;
  const Header header_;
  Chunks chunks_;
  std::uint64_t body_bytes_ = 0, chunk_count_ = 0, records_end_ = 0;
  std::uint64_t next_chunk_ = 0, at_ = 0;  ///< `at_`: of the content, what lies at `from_`
  std::string ahead_;
  std::size_t from_ = 0;
};

}  // namespace nova::store::backup
