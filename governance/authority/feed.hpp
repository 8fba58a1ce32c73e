// Fills the book: from all documents at start, from this node's commits as they are made, and from the log for those of
// other nodes.
#pragma once
#include "core/result.hpp"
#include "governance/authority/book.hpp"
#include "store/store.hpp"

#include <algorithm>

namespace nova::authority {

/// `book` outlives the feed. Any thread.
class Feed {
 public:
  explicit Feed(Book& book) : book_(book) {}

  /// Reads the documents of all kinds of the authority state; some microseconds each.
  core::Status load(const store::EventStore& store);
  /// One document; of other kinds nothing is taken. Never throws: what cannot be read is left as it was.
  void take(const store::Document& document);
  /// Takes what the log has beyond what was seen: the commits of other nodes. Not by two threads at once.
  core::Status follow(const store::EventStore& store);
  /// Nobody else wrote anything up to `position`, so it need not be read.
  void skip_to(std::uint64_t position) { followed_ = std::max(followed_, position); }

 private:
  core::Status load(const store::EventStore& store, std::string_view kind, std::string_view status);

  Book& book_;
  std::uint64_t followed_ = 0;
};

}  // namespace nova::authority
