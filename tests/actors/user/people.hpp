// People for the tests of users.
#pragma once
#include "actors/user/user.hpp"
#include "tests/testkit/spec.hpp"

namespace nova::user::people {

inline const std::string self_id = "00000000-0000-7000-8000-00000000000a";
inline const core::Timestamp noon = testkit::story_start;
inline const core::KeyedHash amy_key{std::string(64, 'a')};
inline const core::KeyedHash other_key{std::string(64, 'b')};
inline const core::Secret first_password{"", "secret://system/user/" + self_id + "/password@1"};
inline const core::Secret second_password{"", "secret://system/user/" + self_id + "/password@2"};

inline Account account() {
  Account made;
  made.email.value = "amy@clinic.example";
  made.email_key = amy_key;
  made.username.value = "amy";
  made.full_name.value = "Amy Lee";
  return made;
}

inline Register registration() { return {account(), first_password, false}; }

inline const Event registered = Registered{account(), "free", first_password, "anonymous", noon};
inline const Event verified = Verified{"anonymous", noon};
inline const Event suspended = Suspended{Status::active, "abuse", "olivia", noon};
inline const Event banned = Banned{Status::active, "abuse", "olivia", noon};
inline const Event deactivated = Deactivated{Status::active, "", self_id, noon};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "user", self_id}); }
};

inline Spec active() {
  Spec spec;
  spec.given({registered, verified});
  return spec;
}

}  // namespace nova::user::people
