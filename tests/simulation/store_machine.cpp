#include "tests/simulation/store_machine.hpp"

#include "tests/simulation/ground/machine.hpp"
#include "tests/simulation/ground/marks.hpp"

#include <stdexcept>

namespace nova::simulation {
namespace {

constexpr auto look_every = 250ms;  // as the writer's own thread does while it cannot write
constexpr auto open_again_after = 500ms;

store::SqliteOptions options_for(const Disk& disk, core::Clock& clock, store::SqliteLoops& loops) {
  store::SqliteOptions options;
  options.file = disk.store_file();
  options.vfs = disk.vfs();
  options.clock = &clock;
  options.readers = 1;
  options.reserve_bytes = 0;
  options.loops = &loops;
  return options;
}

// Making the tables costs more than a whole run; all runs begin with a copy of one empty store.
const Disk::Image& empty_store() {
  static const Disk::Image image = [] {
    Disk disk("empty", 1);
    store::SqliteLoops loops;
    {
      auto opened = store::open_sqlite_store(options_for(disk, core::system_clock(), loops));
      if (!opened) throw std::runtime_error("the empty store could not be made: " + core::to_line(opened.error()));
      (*opened)->close();
    }
    return disk.image();
  }();
  return image;
}

}  // namespace

StoreMachine::StoreMachine(Schedule& schedule, Faults& faults, core::Clock& clock, std::uint64_t seed)
    : schedule_(schedule), faults_(faults), clock_(clock), disk_("disk", seed) {
  disk_.load(empty_store());
}

StoreMachine::~StoreMachine() {
  disk_.die(false);
  store_.reset();
  dead_.clear();
}

void StoreMachine::start() {
  disk_.revive();
  open();
}

void StoreMachine::open() {
  if (is_up()) return;
  auto opened = store::open_sqlite_store(options_for(disk_, clock_, loops_));
  if (!opened) {
    reached("store.cannot_open");
    if (disk_.died()) return on_died ? on_died() : void();
    schedule_.note(opened.error().code);
    // A damaged store must not be healed by trying again: the invariants would never hear of it.
    if (opened.error().code != "store.disk_full" && opened.error().code != "store.unavailable")
      throw std::runtime_error("the store does not open: " + core::to_line(opened.error()));
    return schedule_.after(open_again_after, [this, life = life_] {
      if (life == life_) open();
    });
  }
  store_ = std::move(*opened);
  ++life_;
  write_is_due_ = false;
  look_after();
  if (on_up) on_up();
}

void StoreMachine::die(bool power) {
  if (!disk_.died()) disk_.die(power);
  ++life_;
  if (!store_) return;
  // Its completions belong to a process that is gone; they are cut off by those who gave them.
  dead_.push_back(std::move(store_));
}

microseconds StoreMachine::disk_delay() {
  if (faults_.strikes(Fault::slow_disk)) return milliseconds(schedule_.random().between(20, 400));
  return microseconds(schedule_.random().between(50, 4000));
}

void StoreMachine::poke() {
  if (!is_up() || write_is_due_) return;
  write_is_due_ = true;
  schedule_.after(disk_delay(), [this, life = life_] {
    if (life == life_) write();
  });
}

void StoreMachine::write() {
  write_is_due_ = false;
  loops_.write();
  schedule_.note(std::to_string(store_->head()));
  if (disk_.died() && on_died) return on_died();
  if (is_up() && store_->health().queued > 0) poke();
}

void StoreMachine::flush() {
  while (is_up() && store_->health().queued > 0) write();
}

void StoreMachine::look_after() {
  schedule_.after(look_every, [this, life = life_] {
    if (life != life_) return;
    if (!store_->health().writable) {
      reached("store.not_writable");
      poke();
    } else if (schedule_.random().one_in(8)) {
      loops_.checkpoint();
      if (disk_.died() && on_died) return on_died();
    }
    look_after();
  });
}

}  // namespace nova::simulation
