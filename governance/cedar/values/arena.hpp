// Memory that is given back all at once: what a policy set, an entity store or one evaluation builds lives in an arena.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nova::cedar {

/// A bump allocator for trivially destructible things. One thread at a time; what it gave stays put until clear() or
/// its end, also when the arena is moved. Allocation is a few instructions; a new block is the only call of the heap.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::move(other.blocks_);
    next_ = std::exchange(other.next_, nullptr);
    end_ = std::exchange(other.end_, nullptr);
    current_ = std::exchange(other.current_, 0);
    return *this;
  }

  void* take(std::size_t bytes, std::size_t align) {
    const auto gap = (align - reinterpret_cast<std::uintptr_t>(next_) % align) % align;
    if (static_cast<std::size_t>(end_ - next_) < bytes + gap || next_ == nullptr) return take_from_new(bytes);
    char* const place = next_ + gap;
    next_ = place + bytes;
    return place;
  }

  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (take(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  /// `count` value-initialised elements.
  template <class T>
  std::span<T> list(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* const first = static_cast<T*>(take(sizeof(T) * count, alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T{};
    return {first, count};
  }

  template <class T>
  std::span<const T> copy(const std::vector<T>& items) {
    const auto made = list<T>(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) made[i] = items[i];
    return made;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* const place = static_cast<char*>(take(text.size(), 1));
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  /// Forgets everything and keeps the blocks for what comes next.
  void clear() {
    current_ = 0;
    if (blocks_.empty()) return;
    next_ = blocks_[0].memory.get();
    end_ = next_ + blocks_[0].size;
  }

 private:
  static constexpr std::size_t block_size_min = 4096;
  static constexpr std::size_t block_size_max = 1024 * 1024;
  static constexpr std::size_t block_align = alignof(std::max_align_t);

  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
  };

  void* take_from_new(std::size_t bytes) {
    // A block begins aligned for everything, so no gap is needed there.
    const std::size_t from = next_ == nullptr ? 0 : current_ + 1;
    for (std::size_t i = from; i < blocks_.size(); ++i) {
      if (blocks_[i].size < bytes) continue;
      std::swap(blocks_[i], blocks_[from]);
      return start(from, bytes);
    }
    std::size_t size = blocks_.empty() ? block_size_min : blocks_.back().size * 2;
    if (size > block_size_max) size = block_size_max;
    if (size < bytes) size = bytes;
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(from), Block{std::make_unique<char[]>(size), size});
    return start(from, bytes);
  }

  void* start(std::size_t block, std::size_t bytes) {
    current_ = block;
    char* const place = blocks_[block].memory.get();
    next_ = place + bytes;
    end_ = place + blocks_[block].size;
    return place;
  }

  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace nova::cedar
