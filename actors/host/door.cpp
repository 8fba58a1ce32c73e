// Who is at work in an entity: its actor, or a thread that was lent. One at a time, and nobody overtakes.
#include "actors/host/entity.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace nova::host {
namespace {

// An exception ends this actor alone.
caf::behavior entity_actor(caf::event_based_actor* self, const std::shared_ptr<Entity>& entity) {
  self->set_exception_handler([entity](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      entity->fail(error.what());
    } catch (...) {
      entity->fail("unknown exception");
    }
    return caf::sec::runtime_error;
  });
  return {[entity](const MailPtr& mail) { entity->on(mail); }};
}

}  // namespace

void Entity::tell(MailPtr mail) {
  caf::actor actor;
  {
    std::lock_guard lock(door_);
    if (gone_) return;  // what it brings is answered by its end
    if (!actor_) actor_ = slots_->actor_system.spawn<caf::lazy_init>(entity_actor, shared_from_this());
    actor = actor_;
  }
  caf::anon_send(actor, std::move(mail));
}

// The actor holds the entity, so the entity must let go of the actor.
caf::actor Entity::part() {
  std::lock_guard lock(door_);
  gone_ = true;
  return std::exchange(actor_, nullptr);
}

void Entity::end() {
  if (const auto actor = part()) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

// The entity stays busy, so nobody works on it again.
void Entity::fail(const std::string& what) {
  {
    std::lock_guard lock(slot_->error_mutex);
    slot_->last_error = what;
  }
  ++slot_->failures;
  ++slot_->restarts;
  if (parts_.log) parts_.log("entity failed: " + core::to_string(slot_->key) + ": " + core::printable(what));
  slots_->restart(slot_);
  end();
  std::deque<MailPtr> left;
  {
    std::lock_guard lock(door_);
    left.swap(left_);
  }
  // Who still waits is answered by the end of what waits here; of commits that are under way the store tells.
  left.clear();
  in_flight_.clear();
  turn_.reset();
  waiting_.clear();
}

bool Entity::enter() {
  std::lock_guard lock(door_);
  if (busy_ || slot_->mailed.load() != 0) return false;
  return busy_ = true;
}

bool Entity::enter_or_leave(const MailPtr& mail) {
  std::lock_guard lock(door_);
  if (!busy_) return busy_ = true;
  if (!gone_) left_.push_back(mail);
  return false;
}

void Entity::work_off() {
  for (;;) {
    MailPtr next;
    {
      std::lock_guard lock(door_);
      if (left_.empty()) {
        busy_ = false;
        return;
      }
      next = std::move(left_.front());
      left_.pop_front();
    }
    handle(next);
  }
}

void Entity::on(const MailPtr& mail) {
  const bool held_for_it = std::holds_alternative<GoOn>(mail->body);
  if (!held_for_it && !enter_or_leave(mail)) return;
  handle(mail);
  work_off();
}

bool Entity::take_here(std::shared_ptr<Pending>& pending) {
  if (!enter()) return false;
  bool taken = false;
  try {
    if (knows_its_state()) {
      taken = lent_ = true;
      take_off_made();
      receive(std::move(pending));
      lent_ = false;
    }
    leave();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("unknown exception");
  }
  return taken;
}

// Where nothing was ever written nothing has to be read.
bool Entity::knows_its_state() const {
  if (phase_ == Phase::ready) return true;
  return phase_ == Phase::cold && !holds_personal(kind_) &&
         parts_.store->presence(slot_->key) != store::Presence::unknown;
}

bool Entity::put_off(std::shared_ptr<Pending>& pending) {
  if (!lent_) return false;
  waiting_.push_front(std::move(pending));
  return put_off_ = true;
}

// Still busy, the entity waits for its actor; whoever comes meanwhile leaves it what they bring.
void Entity::leave() {
  const bool put_off = std::exchange(put_off_, false);
  {
    std::lock_guard lock(door_);
    if (!put_off && left_.empty()) {
      busy_ = false;
      return;
    }
  }
  tell(mail(GoOn{}));
}

void Entity::handle(const MailPtr& mail) {
  take_off_made();
  std::visit(
      [this](auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, std::shared_ptr<Pending>>) {
          body->arrive();
          receive(std::move(body));
        } else {
          receive(body);
        }
      },
      mail->body);
}

}  // namespace nova::host
