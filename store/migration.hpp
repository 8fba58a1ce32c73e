// One step of a store's schema. Steps only run forward, and a released one never changes.
#pragma once
#include <vector>

namespace nova::store {

struct Migration {
  int number = 0;
  const char* name = "";
  const char* sql = "";
};

}  // namespace nova::store
