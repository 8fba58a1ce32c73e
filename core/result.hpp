// A value or the reason why there is none. C++20 on our compiler has no std::expected.
#pragma once
#include "core/error.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace nova::core {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return assert(ok()), std::get<0>(held_); }
  const T& value() const& { return assert(ok()), std::get<0>(held_); }
  T&& value() && { return assert(ok()), std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return assert(!ok()), std::get<1>(held_); }
  const Error& error() const& { return assert(!ok()), std::get<1>(held_); }
  Error&& error() && { return assert(!ok()), std::get<1>(std::move(held_)); }

 private:
  std::variant<T, Error> held_;
};

struct Done {};

/// Success without a value, or the error: `return core::ok();`
using Status = Result<Done>;
inline Status ok() { return Status(Done{}); }

}  // namespace nova::core
