#include "supervisors/tree/snapshot.hpp"

namespace nova::supervision {

const core::Record& describe(const TreeNode*) {
  using core::field;
  static const auto record = core::record<TreeNode>(
      "tree_node", "One supervised thing and what is below it.",
      {field("name", &TreeNode::name, "unique below its supervisor"), field("kind", &TreeNode::kind),
       field("state", &TreeNode::state,
             "down, waiting, starting, running, stopping, killing, done, quarantined or stuck"),
       field("answers", &TreeNode::answers, "false: it did not answer in time"),
       field("lifetime", &TreeNode::lifetime, "permanent, transient or temporary"),
       field("strategy", &TreeNode::strategy, "whom a supervisor restarts"),
       field("restarts", &TreeNode::restarts, "automatic restarts so far"),
       field("last_error", &TreeNode::last_error, "why it last ended or could not start"),
       field("age", &TreeNode::age, "since the state began"),
       field("mailbox", &TreeNode::mailbox, "messages that wait, where known"),
       field("children_count", &TreeNode::children_count, "all children, shown or not"),
       field("children", &TreeNode::children)});
  return record;
}

}  // namespace nova::supervision
