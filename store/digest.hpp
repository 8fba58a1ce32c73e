// One SHA-256 over rows, the same in every store: each field is preceded by its length, so that no two contents share a
// text.
#pragma once
#include "store/store.hpp"

#include <memory>
#include <string>

namespace nova::store {

class RowDigest {
 public:
  RowDigest();
  ~RowDigest();
  RowDigest(const RowDigest&) = delete;
  RowDigest& operator=(const RowDigest&) = delete;

  void add(const core::StoredEvent& event);  ///< in order of position
  void add(const Document& document);        ///< in order of (kind, tenant, id)
  std::string hex() &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nova::store
