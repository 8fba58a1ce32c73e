#include "store/backup/reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace nova::store::backup {
namespace {

constexpr std::uint64_t sealed_bytes = chunk_bytes + tag_bytes;
constexpr auto remedy_of_damage =
    "take another copy of this archive; those before it in its chain are not touched by this";

struct Opened {
  int descriptor;
  std::uint64_t size;
  Header header;
};

core::Error placed(core::Error error, const std::string& file) {
  error.message = "`" + file + "` is no good: " + error.message;
  if (error.remedy.empty())
    error.remedy = error.code == "backup.newer_format" ? "use the version that made it, or a later one"
                   : error.code == "backup.damaged"    ? remedy_of_damage
                                                       : "name an archive that `novactl backup create` made";
  return error;
}

core::Result<Opened> open_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    const int error = fd < 0 ? errno : EINVAL;
    if (fd >= 0) ::close(fd);
    auto missing =
        core::refusal("backup.not_found", "there is no archive `" + file + "` to be read: " + std::strerror(error));
    return std::move(missing).fix("name the file of an archive");
  }
  std::string head(header_bytes, '\0');
  const auto size = ::pread(fd, head.data(), head.size(), 0);
  head.resize(size > 0 ? std::size_t(size) : 0);
  auto header = read_header(head);
  if (header) return Opened{fd, std::uint64_t(info.st_size), std::move(*header)};
  ::close(fd);
  return placed(std::move(header).error(), file);
}

}  // namespace

core::Result<Header> look_at(const std::string& file) {
  auto opened = open_file(file);
  if (!opened) return std::move(opened).error();
  ::close(opened->descriptor);
  return std::move(opened->header);
}

Reader::Reader(std::string file, int descriptor, std::uint64_t size, const Key& key, Header header)
    : file_(std::move(file)),
      descriptor_(descriptor),
      header_(std::move(header)),
      chunks_(key, header_),
      body_bytes_(size - header_bytes),
      chunk_count_((body_bytes_ + sealed_bytes - 1) / sealed_bytes) {
  const auto tags = chunk_count_ * tag_bytes + end_bytes;
  records_end_ = body_bytes_ > tags ? body_bytes_ - tags : 0;
}

Reader::~Reader() { ::close(descriptor_); }

core::Error Reader::damaged(const std::string& why) const {
  core::Error error = core::refusal("backup.damaged", why);
  error.status = 422;
  return placed(std::move(error), file_);
}

core::Result<std::unique_ptr<Reader>> Reader::open(const std::string& file, const Key& key) {
  auto opened = open_file(file);
  if (!opened) return std::move(opened).error();
  const bool right = opened->header.key_id == key_id_of(key);
  std::unique_ptr<Reader> reader(new Reader(file, opened->descriptor, opened->size, key, std::move(opened->header)));
  if (!right) {
    auto wrong = core::refusal("backup.wrong_key", "`" + file + "` was sealed with another key");
    wrong.status = 422;
    return std::move(wrong).fix("give the key file that it was made with");
  }
  if (reader->records_end_ == 0) return reader->damaged("it was cut short");
  return reader;
}

core::Result<std::string> Reader::read_chunk(std::uint64_t number) {
  std::string sealed(std::min(sealed_bytes, body_bytes_ - number * sealed_bytes), '\0');
  std::size_t got = 0;
  while (got < sealed.size()) {
    const auto size = ::pread(descriptor_, sealed.data() + got, sealed.size() - got,
                              off_t(header_bytes + number * sealed_bytes + got));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0)
      return damaged("byte " + std::to_string(header_bytes + number * sealed_bytes + got) + " cannot be read");
    got += std::size_t(size);
  }
  auto content = chunks_.open(sealed, number, number + 1 == chunk_count_);
  if (content) return std::move(*content);
  return damaged("it was changed or cut short near byte " + std::to_string(header_bytes + number * sealed_bytes));
}

core::Status Reader::need(std::size_t bytes) {
  // Moved to the front only with each chunk, not with each record.
  if (ahead_.size() - from_ < bytes) ahead_.erase(0, std::exchange(from_, 0));
  while (ahead_.size() - from_ < bytes) {
    if (next_chunk_ >= chunk_count_) return damaged("it ends within a record");
    auto chunk = read_chunk(next_chunk_++);
    if (!chunk) return std::move(chunk).error();
    ahead_ += *chunk;
  }
  return core::ok();
}

core::Status Reader::go_to(std::uint64_t content_at) {
  next_chunk_ = content_at / chunk_bytes;
  const auto skip = content_at % chunk_bytes;
  ahead_.clear();
  from_ = 0;
  at_ = content_at;
  if (auto there = need(skip); !there) return there;
  from_ = skip;
  return core::ok();
}

core::Status Reader::to_start() { return go_to(0); }

core::Status Reader::to_tail() {
  if (auto there = go_to(records_end_); !there) return there;
  if (auto there = need(end_bytes); !there) return there;
  const auto tail = number_of(std::string_view(ahead_).substr(from_, end_bytes));
  if (tail >= records_end_) return damaged("its tail is not where it should be");
  return go_to(tail);
}

core::Result<std::optional<Record>> Reader::next() {
  if (at_ == records_end_) return std::optional<Record>();
  if (auto there = need(record_head_bytes); !there) return std::move(there).error();
  const auto head = read_record_head(std::string_view(ahead_).substr(from_));
  if (!head || at_ + record_head_bytes + head->second > records_end_)
    return damaged("it holds no record where one should be");
  if (auto there = need(record_head_bytes + head->second); !there) return std::move(there).error();
  Record record{head->first, ahead_.substr(from_ + record_head_bytes, head->second)};
  from_ += record_head_bytes + head->second;
  at_ += record_head_bytes + head->second;
  return std::optional<Record>(std::move(record));
}

}  // namespace nova::store::backup
