#include "store/backup/format.hpp"

#include "core/ids.hpp"

#include <openssl/evp.h>

#include <array>

namespace nova::store::backup {
namespace {

constexpr std::string_view magic = "NOVABACK";
constexpr std::size_t version_at = 8, chunk_at = 12, salt_at = 16, key_id_at = 48, id_at = 64, base_at = 100,
                      created_at = 136, sum_at = 144;
static_assert(sum_at + 16 == header_bytes);

// Tells a flipped bit of the header from a wrong key; who changes it on purpose is found by the chunks.
std::string checksum(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), header_bytes - sum_at};
}

const transfer::Table& entry_table() {
  using C = transfer::Cell;
  static const transfer::Table table = {"files",
                                        {{"path", C::text},
                                         {"type", C::number},
                                         {"mode", C::number},
                                         {"size", C::number},
                                         {"changed", C::number},
                                         {"digest", C::bytes}}};
  return table;
}

core::Error error_of(const char* code, std::string message) {
  auto error = core::refusal(code, std::move(message));
  error.status = 422;
  return error;
}

}  // namespace

std::string number_bytes(std::uint64_t value) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

std::string write_header(const Header& header) {
  std::string out(magic);
  out += number_bytes(format_version).substr(0, 4);
  out += number_bytes(chunk_bytes).substr(0, 4);
  out += header.salt + header.key_id + header.id;
  out += header.base.empty() ? std::string(id_bytes, '\0') : header.base;
  out += number_bytes(static_cast<std::uint64_t>(header.created_ms));
  return out + checksum(out);
}

core::Result<Header> read_header(std::string_view bytes) {
  if (bytes.size() < magic.size() || bytes.substr(0, magic.size()) != magic)
    return error_of("backup.not_an_archive", "it does not begin as a backup archive");
  if (bytes.size() < header_bytes) return error_of("backup.damaged", "it ends within its header");
  bytes = bytes.substr(0, header_bytes);
  if (bytes.substr(sum_at) != checksum(bytes.substr(0, sum_at)))
    return error_of("backup.damaged", "its header was changed");
  const auto version = number_of(bytes.substr(version_at, 4));
  if (version > std::uint64_t{format_version})
    return error_of("backup.newer_format", "it has format " + std::to_string(version) + ", and this version knows " +
                                               std::to_string(format_version));
  if (version == 0 || number_of(bytes.substr(chunk_at, 4)) != chunk_bytes)
    return error_of("backup.damaged", "its header makes no sense");
  Header header;
  header.salt = bytes.substr(salt_at, salt_bytes);
  header.key_id = bytes.substr(key_id_at, key_id_bytes);
  header.id = bytes.substr(id_at, id_bytes);
  header.base = bytes.substr(base_at, id_bytes);
  if (header.base == std::string(id_bytes, '\0')) header.base.clear();
  header.created_ms = static_cast<std::int64_t>(number_of(bytes.substr(created_at, 8)));
  if (!core::is_uuid(header.id) || !(header.base.empty() || core::is_uuid(header.base)))
    return error_of("backup.damaged", "its header makes no sense");
  return header;
}

std::string record_head(char type, std::size_t size) { return type + number_bytes(size).substr(0, 4); }

std::optional<std::pair<char, std::size_t>> read_record_head(std::string_view bytes) {
  constexpr std::string_view types = "TRFDIS";
  if (bytes.size() < record_head_bytes || types.find(bytes[0]) == std::string_view::npos) return std::nullopt;
  const auto size = number_of(bytes.substr(1, 4));
  if (size > record_bytes_max) return std::nullopt;
  return std::pair(bytes[0], std::size_t(size));
}

bool is_inside(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  for (std::size_t from = 0; from <= path.size();) {
    const auto end = std::min(path.find('/', from), path.size());
    const auto part = path.substr(from, end - from);
    if (part.empty() || part == "." || part == "..") return false;
    from = end + 1;
  }
  return true;
}

std::string write_entry(const FileEntry& entry) {
  return transfer::encode({entry.path, std::int64_t(entry.type), std::int64_t{entry.mode},
                           static_cast<std::int64_t>(entry.size), entry.changed_ns, entry.digest});
}

std::optional<FileEntry> read_entry(std::string_view bytes) {
  const auto row = transfer::decode(entry_table(), bytes);
  if (!row) return std::nullopt;
  const auto number = [&](std::size_t at) { return std::get<std::int64_t>((*row)[at]); };
  FileEntry entry;
  entry.path = std::get<std::string>((*row)[0]);
  if (!is_inside(entry.path) || number(1) < 0 || number(1) > std::int64_t(FileType::link)) return std::nullopt;
  entry.type = FileType(number(1));
  entry.mode = static_cast<std::uint32_t>(number(2)) & 07777;
  entry.size = static_cast<std::uint64_t>(number(3));
  entry.changed_ns = number(4);
  entry.digest = std::get<std::string>((*row)[5]);
  return entry;
}

}  // namespace nova::store::backup
