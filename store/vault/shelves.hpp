// For tests: a shelf in memory.
#pragma once
#include "store/shelf.hpp"

#include <memory>

namespace nova::store::vault {

std::unique_ptr<Shelf> make_memory_shelf();

}  // namespace nova::store::vault
