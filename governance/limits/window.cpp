#include "governance/limits/window.hpp"

#include <algorithm>

namespace nova::limits {
namespace {

constexpr int count_bits = 24;
constexpr std::uint64_t count_max = (std::uint64_t{1} << count_bits) - 1;

Millis time_of(std::uint64_t slot) { return Millis(slot >> count_bits); }
std::uint32_t count_of(std::uint64_t slot) { return std::uint32_t(slot & count_max); }
std::uint64_t pack(Millis at, std::uint64_t count) { return std::uint64_t(at) << count_bits | count; }

// A slot is counted as if all of it had come at its end.
Millis slot_end(Span span, Millis now) {
  if (span.max <= exact_max) return now;
  const Millis width = std::max<Millis>(span.window / slots_of_window, 1);
  return (now + width - 1) / width * width;
}

}  // namespace

void Window::forget(Span span, Millis now) {
  while (first_ < slots_.size() && time_of(slots_[first_]) + span.window <= now) used_ -= count_of(slots_[first_++]);
  if (first_ == slots_.size()) clear();
}

void Window::push(Millis at, std::uint32_t count) {
  if (first_ < slots_.size()) {
    at = std::max(at, time_of(slots_.back()));
    if (at == time_of(slots_.back())) {
      const auto sum = std::min<std::uint64_t>(std::uint64_t{count_of(slots_.back())} + count, count_max);
      used_ += std::uint32_t(sum) - count_of(slots_.back());
      slots_.back() = pack(at, sum);
      return;
    }
  }
  // What has left makes room before memory is asked for.
  if (first_ > 0 && slots_.size() == slots_.capacity()) {
    slots_.erase(slots_.begin(), slots_.begin() + std::ptrdiff_t(first_));
    first_ = 0;
  }
  count = std::uint32_t(std::min<std::uint64_t>(count, count_max));
  slots_.push_back(pack(at, count));
  used_ += count;
}

std::uint32_t Window::used(Span span, Millis now) {
  forget(span, now);
  return used_;
}

void Window::add(Span span, Millis now, std::uint32_t count) {
  forget(span, now);
  if (count > 0) push(slot_end(span, now), count);
}

void Window::take_back() {
  if (first_ == slots_.size()) return;
  --used_;
  if (count_of(slots_.back()) > 1)
    --slots_.back();
  else
    slots_.pop_back();
}

Millis Window::passes_at(Span span, Millis now) {
  forget(span, now);
  // Nothing ever passes a limit of none; its window is as good an answer as any.
  if (span.max == 0) return now + span.window;
  auto left = used_;
  for (auto i = first_; left >= span.max && i < slots_.size(); ++i) {
    left -= count_of(slots_[i]);
    if (left < span.max) return time_of(slots_[i]) + span.window;
  }
  return now;
}

Millis Window::empty_at(Span span, Millis now) {
  forget(span, now);
  return first_ == slots_.size() ? now : time_of(slots_.back()) + span.window;
}

void Window::clear() {
  slots_.clear();
  first_ = 0;
  used_ = 0;
}

}  // namespace nova::limits
