// The cipher of one subject's personal data. Its key can be taken away under everybody who holds it.
#pragma once
#include "core/describe/codec.hpp"
#include "store/vault/sealing.hpp"

#include <shared_mutex>

namespace nova::store::vault {

/// Sealed text: "p1.<generation>.<base64>". A subject that was forgotten and comes back has a new generation, so that
/// what was sealed before reads as erased and not as damage. What is sealed after forgetting through a cipher that was
/// handed out before reads as erased too.
class SubjectCipher final : public core::FieldCipher {
 public:
  SubjectCipher(std::string subject, std::uint64_t generation, const Key& key)
      : subject_(std::move(subject)), generation_(generation), key_(key) {}

  std::string seal(std::string_view plain) const override;
  std::optional<std::string> open(std::string_view sealed) const override;
  void forget();

 private:
  std::string bound_to() const { return "subject:" + subject_; }

  const std::string subject_;
  const std::uint64_t generation_;
  mutable std::shared_mutex mutex_;
  Key key_;
};

}  // namespace nova::store::vault
