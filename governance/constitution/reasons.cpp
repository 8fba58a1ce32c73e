#include "governance/constitution/reasons.hpp"

namespace nova::constitution {
namespace {

struct Known {
  std::string_view begin;  ///< of the rule; what follows stands for `%`
  std::string_view en, ar;
};

// The longest first where one begins as another does.
constexpr Known known[] = {
    {"access.root_owner", "The root owner may do this.", "يجوز هذا للمالك الأصلي."},
    {"access.own", "It is the caller's own.", "هذا ملك صاحب الطلب."},
    {"access.override.allow", "An exception allows it to the caller.", "استثناءٌ يسمح به لصاحب الطلب."},
    {"access.override.deny", "An exception denies it to the caller.", "استثناءٌ يمنعه عن صاحب الطلب."},
    {"access.permission", "The caller was given the permission.", "مُنح صاحب الطلب هذا الإذن."},
    {"access.role.", "The platform role `%` allows it.", "يسمح به دور المنصة `%`."},
    {"access.tenant_role.", "The role `%` in the tenant allows it.", "يسمح به الدور `%` لدى المستأجر."},
    {"access.key.scope+", "The key's scopes and its creator's rights allow it.", "تسمح به نطاقات المفتاح وحقوق منشئه."},
    {"access.key.scope", "The key lacks a scope.", "ينقص المفتاحَ نطاق."},
    {"access.key.", "The key may not: `%`.", "لا يجوز ذلك للمفتاح: `%`."},
    {"access.anyone", "It is open to anyone.", "هذا متاح للجميع."},
    {"access.default_deny", "No role of the caller allows it.", "لا يسمح به أي دور لصاحب الطلب."},
    {"access.missing:", "The caller lacks `%`.", "ينقص صاحبَ الطلب `%`."},
    {"access.foreign_tenant", "It is another tenant's.", "هذا لمستأجر آخر."},
    {"access.root_owner", "What is the root owner's is nobody else's to change.",
     "ما يخص المالك الأصلي لا يغيره أحد سواه."},
    {"access.owner_only", "Only the owner of the installation may do this.", "لا يجوز هذا إلا لمالك التنصيب."},
    {"service.other_environment", "The service was given other environments.", "عُهد إلى الخدمة ببيئات أخرى."},
    {"service.other_tenant", "The service was given other tenants.", "عُهد إلى الخدمة بمستأجرين آخرين."},
    {"service.", "The node's service `%` may run what it is given.", "يجوز لخدمة العقدة `%` تشغيل ما عُهد به إليها."},
    {"builtin.runtime_outcomes", "It is a fact: what came of something, or a time that has come.",
     "هذه واقعة: ما آل إليه أمر، أو وقتٌ حان."},
    {"builtin.runtime", "The runtime carries out what was decided.", "ينفّذ النظام ما تقرّر."},
    {"builtin.tenant_suspended", "The tenant is suspended.", "المستأجر موقوف."},
    {"builtin.tenant_not_active", "The tenant is not active: it still waits, or was put away.",
     "المستأجر غير نشط: ما زال ينتظر التفعيل أو أُرشف."},
    {"builtin.internal_command", "Only the runtime itself may say this.", "لا يقول هذا إلا النظام نفسه."},
    {"builtin.system_tenant", "Nobody makes entities of the runtime.", "لا أحد ينشئ كيانات النظام."},
    {"builtin.owner_amends", "Whatever a text forbids, the owner may bring another.",
     "مهما منع النص، للمالك أن يأتي بغيره."},
    {"gate.no_permit", "No rule of the constitution permits it.", "لا تسمح به أي قاعدة في الدستور."},
    {"gate.no_constitution", "No constitution is in force.", "لا دستور نافذ."},
    {"gate.no_rules", "No rules are loaded.", "لم تُحمَّل أي قواعد."},
    {"gate.unknown_principal", "The constitution has no word for this sort of caller.",
     "ليس في الدستور لفظ لهذا النوع من أصحاب الطلبات."},
    {"gate.rule_failed:", "The rule `%` could not be judged, and so denies.", "تعذّر الحكم بالقاعدة `%` فمنعت."},
    {"approval:", "People agreed to this very act: approval `%`.", "وافق الناس على هذا العمل بعينه: الموافقة `%`."},
    {"read.", "It may not be read: `%`.", "لا تجوز قراءته: `%`."},
};

std::string filled(std::string_view pattern, std::string_view rest) {
  std::string out(pattern);
  if (const auto at = out.find('%'); at != std::string::npos) out.replace(at, 1, rest);
  return out;
}

}  // namespace

Sentence sentence_of(std::string_view rule) {
  for (const auto& one : known)
    if (rule.starts_with(one.begin)) {
      const auto rest = rule.substr(one.begin.size());
      return {filled(one.en, rest), filled(one.ar, rest)};
    }
  return {"The rule `" + std::string(rule) + "`.", "القاعدة `" + std::string(rule) + "`."};
}

}  // namespace nova::constitution
