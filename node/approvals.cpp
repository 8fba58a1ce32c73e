// What a node needs for acts that wait for people: who keeps the approvals.
#include "node/parts.hpp"

namespace nova::node {

approvals::Parts approval_parts(Parts& parts) {
  approvals::Parts made;
  made.host = parts.host.get();
  made.store = parts.store.get();
  made.vault = parts.vault.get();
  made.book = &parts.book;
  made.gates = [&parts] { return parts.gates; };
  made.lookup_key = parts.keys->lookup();
  made.slowly = [&parts](std::function<void()> step) { parts.slow->post(std::move(step)); };
  return made;
}

}  // namespace nova::node
