#include "store/backup/restore.hpp"

#include "store/backup/files.hpp"

namespace nova::store::backup {
namespace {

constexpr std::uint64_t rows_between_words = 10'000;

/// Of the rows of each whole table, as the newest part that has it gives them.
using TableDigests = std::map<std::string, std::unique_ptr<FileDigest>>;

class Part {
 public:
  Part(Link& link, transfer::Import& into, NewFolder& folder, TableDigests& digests, Restored& restored,
       const transfer::Progress& progress)
      : reader_(*link.reader),
        into_(into),
        folder_(folder),
        digests_(digests),
        restored_(restored),
        progress_(progress) {}

  core::Status run() {
    if (auto there = reader_.to_start(); !there) return there;
    for (;;) {
      auto record = reader_.next();
      if (!record) return std::move(record).error();
      if (!*record) return folder_.end_file();
      if (auto taken = take(**record); !taken) return taken;
    }
  }

 private:
  core::Status take(const Record& record) {
    switch (record.type) {
      case 'T':
        return begin_table(record.body);
      case 'R':
        return put_row(record.body);
      case 'F':
        in_file_ = true;
        if (!is_inside(record.body)) return reader_.damaged("a path of a file leaves the folder");
        return folder_.begin_file(record.body);
      case 'D':
        return in_file_ ? folder_.add(record.body) : reader_.damaged("bytes of a file come before its name");
      default:
        // The tail was read before.
        return core::ok();
    }
  }

  core::Status begin_table(const std::string& name) {
    table_ = transfer::find_table(name);
    if (!table_) return reader_.damaged("it names a table `" + core::printable(name) + "` that there is not");
    if (table_->by_position) return core::ok();
    digests_[name] = std::make_unique<FileDigest>();
    return into_.clear(*table_);
  }

  core::Status put_row(const std::string& bytes) {
    const auto row = table_ ? transfer::decode(*table_, bytes) : std::nullopt;
    if (!row) return reader_.damaged("a row makes no sense");
    const std::string name(table_->name);
    if (!table_->by_position) digests_[name]->add(bytes);
    auto& rows = restored_.rows[name];
    if (++rows % rows_between_words == 0) progress_(table_->name, rows);
    return into_.put(*table_, *row);
  }

  Reader& reader_;
  transfer::Import& into_;
  NewFolder& folder_;
  TableDigests& digests_;
  Restored& restored_;
  const transfer::Progress& progress_;
  const transfer::Table* table_ = nullptr;
  bool in_file_ = false;
};

core::Status compare_tables(const Link& last, TableDigests& digests) {
  for (const auto& [table, wanted] : last.tail.summary.tables) {
    const auto found = digests.find(table);
    if (found == digests.end() || hex(std::move(*found->second).bytes()) != wanted)
      return last.reader->damaged("the rows of `" + core::printable(table) + "` are not those that were recorded");
  }
  return core::ok();
}

}  // namespace

core::Result<Restored> restore(std::vector<Link>& chain, transfer::Import& into, const std::filesystem::path& folder,
                               const transfer::Progress& progress) {
  Restored restored;
  NewFolder files(folder);
  TableDigests tables;
  for (auto& link : chain) {
    progress(std::filesystem::path(link.tail.file).filename().string(), 0);
    if (auto done = Part(link, into, files, tables, restored, progress).run(); !done) return std::move(done).error();
  }
  if (auto same = compare_tables(chain.back(), tables); !same) return std::move(same).error();
  std::vector<FileEntry> entries;
  for (const auto& [path, entry] : chain.back().tail.entries) entries.push_back(entry);
  if (auto placed = files.finish(entries); !placed) return std::move(placed).error();
  restored.files = entries.size();
  progress("digests", 0);
  auto digests = into.digests();
  if (!digests) return std::move(digests).error();
  if (auto same = transfer::compare(chain.back().tail.summary.digests, *digests); !same) return std::move(same).error();
  restored.digests = std::move(*digests);
  return restored;
}

}  // namespace nova::store::backup
