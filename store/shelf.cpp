#include "store/shelf.hpp"

namespace nova::store {

namespace {

core::Result<std::uint64_t> copy_rows(const Shelf& from, Shelf& into) {
  auto mark = from.mark();
  if (!mark) return std::move(mark).error();
  if (*mark)
    if (auto put = into.put_mark(**mark); !put) return std::move(put).error();
  std::uint64_t differing = 0;
  const auto note = [&](const core::Result<std::optional<Shelf::Row>>& there, const Shelf::Row& row) -> core::Status {
    if (!there) return there.error();
    if (!*there || (**there).number != row.number || (**there).sealed != row.sealed) ++differing;
    return core::ok();
  };
  auto secrets = from.each_secret([&](const std::string& path, const Shelf::Row& row) -> core::Status {
    auto added = into.add(path, row);
    if (!added) return std::move(added).error();
    return *added ? core::ok() : note(into.version(path, row.number), row);
  });
  if (!secrets) return std::move(secrets).error();
  auto subjects = from.each_subject([&](const std::string& name, const Shelf::Row& row) -> core::Status {
    auto added = into.add_subject(name, row);
    if (!added) return std::move(added).error();
    return *added ? core::ok() : note(into.subject(name), row);
  });
  if (!subjects) return std::move(subjects).error();
  return differing;
}

}  // namespace

core::Result<std::uint64_t> copy_shelf(const Shelf& from, Shelf& into) {
  core::Result<std::uint64_t> differing(0);
  auto copied = into.in_one([&]() -> core::Status {
    differing = copy_rows(from, into);
    return differing ? core::ok() : core::Status(differing.error());
  });
  if (!copied) return std::move(copied).error();
  return differing;
}

}  // namespace nova::store
