// An operator's own tests of policies: a YAML file of requests and the answers that are expected.
//
//   policies: clinic.cedar            # files are relative to this one; Cedar text or JSON
//   schema: clinic.cedarschema        # optional: requests must conform to it
//   entities: entities.json           # optional: a file, or the list itself
//   links: links.json                 # optional
//   tests:
//     - name: a doctor reads a chart of her ward
//       principal: User::"amy"
//       action: Action::"read"
//       resource: Chart::"c1"
//       context: { mfa: true }        # optional
//       expect: allow                 # allow, deny, or refused: the schema does not know such a request
//       reason: [policy0]             # optional: exactly these policies decide, by id or by their @id
//       errors: []                    # optional: exactly these policies fail
#pragma once
#include "cli/policy/inputs.hpp"
#include "cli/text/table.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nova::cli::policy {

/// Runs every test of the file, at most a mebibyte of YAML. {"passed", "failed", "items": [{"name","place","ok",
/// "expected","got","message"?}]}. Errors: `policy.bad_test_file` with every wrong field and its place, `yaml.invalid`,
/// and those of reading what the file names.
core::Result<nlohmann::ordered_json> run_expectations(Files& files, const std::string& file);

/// A line for each test that failed (with `all` for each), and the sum.
std::string expectations_text(const nlohmann::ordered_json& results, bool all, const Paint& paint);

}  // namespace nova::cli::policy
