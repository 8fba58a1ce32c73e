#include "store/read_scope.hpp"

namespace nova::store {
namespace {

thread_local const Readable* innermost = nullptr;

}  // namespace

ReadScope::ReadScope(const Readable& readable) : before_(innermost) {
  innermost = readable.everything ? nullptr : &readable;
}
ReadScope::~ReadScope() { innermost = before_; }

const Readable* ReadScope::limits() { return innermost; }

}  // namespace nova::store
