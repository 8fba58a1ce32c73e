#include "store/postgres/connection/params.hpp"

namespace nova::store::postgres {
namespace {

/// Dimensions, flags, element type, length, lower bound.
constexpr std::size_t array_header_bytes = 20;

template <class Word>
void put(std::string& out, Word value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

void put_at(std::string& out, std::size_t at, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out[at++] = static_cast<char>(value >> shift);
}

}  // namespace

Column::Column(Of of) : of_(of) { clear(); }

void Column::clear() {
  bytes_.assign(array_header_bytes, '\0');
  rows_ = 0;
  nulls_ = false;
}

void Column::boolean(bool value) {
  put<std::uint32_t>(bytes_, 1);
  bytes_.push_back(value ? '\1' : '\0');
  ++rows_;
}

void Column::int4(std::int64_t value) {
  put<std::uint32_t>(bytes_, 4);
  put(bytes_, static_cast<std::uint32_t>(value));
  ++rows_;
}

void Column::int8(std::int64_t value) {
  put<std::uint32_t>(bytes_, 8);
  put(bytes_, static_cast<std::uint64_t>(value));
  ++rows_;
}

void Column::text(std::string_view value) {
  put(bytes_, static_cast<std::uint32_t>(value.size()));
  bytes_.append(value);
  ++rows_;
}

void Column::null() {
  put(bytes_, ~std::uint32_t{0});
  ++rows_;
  nulls_ = true;
}

const std::string& Column::bytes() {
  put_at(bytes_, 0, rows_ == 0 ? 0 : 1);
  put_at(bytes_, 4, nulls_ ? 1 : 0);
  put_at(bytes_, 8, static_cast<std::uint32_t>(of_));
  put_at(bytes_, 12, static_cast<std::uint32_t>(rows_));
  put_at(bytes_, 16, 1);
  if (rows_ == 0) bytes_.resize(12);  // an empty array has no dimension
  return bytes_;
}

Params& Params::int4(std::int32_t value) {
  std::string bytes;
  put(bytes, static_cast<std::uint32_t>(value));
  return text(bytes);
}

Params& Params::int8(std::int64_t value) {
  std::string bytes;
  put(bytes, static_cast<std::uint64_t>(value));
  return text(bytes);
}

}  // namespace nova::store::postgres
