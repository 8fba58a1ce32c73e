#include "drivers/mail/text.hpp"

namespace nova::mail {
namespace {

struct Words {
  const char *subject, *before, *after;
};

// The token stands behind the `#`: no server on the way logs it, and no page is told of it as the one before.
constexpr std::string_view verify_link = "/signin#verify=";
constexpr std::string_view reset_link = "/signin#reset=";
constexpr std::string_view forgot_link = "/signin#forgot";

constexpr Words email_en = {
    "Confirm your address",
    "Somebody made a WebNova account with this address. If it was you, confirm the address within 24 hours:",
    "If it was not you, do nothing: without this the account stays closed."};
constexpr Words email_ar = {"تأكيد عنوان بريدك",
                            "أنشأ أحدهم حسابًا في WebNova بهذا العنوان. إن كنت أنت، فأكّد العنوان خلال 24 ساعة:",
                            "إن لم تكن أنت، فلا تفعل شيئًا: يبقى الحساب مغلقًا دون هذا التأكيد."};
constexpr Words password_en = {"Set another password",
                               "Somebody asked to set another password for the WebNova account with this address. If "
                               "it was you, set it within one "
                               "hour; every device will have to sign in again:",
                               "If it was not you, do nothing: your password stays as it is."};
constexpr Words password_ar = {"تعيين كلمة مرور جديدة",
                               "طلب أحدهم تعيين كلمة مرور جديدة لحساب WebNova المرتبط بهذا العنوان. إن كنت أنت، فعيّنها "
                               "خلال ساعة واحدة، وسيلزم تسجيل "
                               "الدخول من جديد على كل الأجهزة:",
                               "إن لم تكن أنت، فلا تفعل شيئًا: تبقى كلمة مرورك كما هي."};
constexpr Words notice_en = {"You have an account already",
                             "Somebody tried to make a WebNova account with this address, which has one. If it was "
                             "you, sign in, or ask there for "
                             "another password:",
                             "If it was not you, do nothing: nothing was changed."};
constexpr Words notice_ar = {"لديك حساب بالفعل",
                             "حاول أحدهم إنشاء حساب في WebNova بهذا العنوان، وله حساب بالفعل. إن كنت أنت، فسجّل الدخول "
                             "أو اطلب هناك كلمة مرور جديدة:",
                             "إن لم تكن أنت، فلا تفعل شيئًا: لم يتغيّر شيء."};

constexpr Words new_place_en = {"A sign-in from a new network",
                                "Somebody signed in to your WebNova account from a network that it was never used "
                                "from before. If it was not you, set "
                                "another password there, which ends every session:",
                                "If it was you, do nothing."};
constexpr Words new_place_ar = {"تسجيل دخول من شبكة جديدة",
                                "سجّل أحدهم الدخول إلى حسابك في WebNova من شبكة لم يُستخدم منها من قبل. إن لم تكن أنت، "
                                "فعيّن هناك كلمة مرور جديدة، "
                                "وبها تنتهي كل الجلسات:",
                                "إن كنت أنت، فلا تفعل شيئًا."};

}  // namespace

std::optional<Text> text_of(std::string_view name, std::string_view language, const std::string& place,
                            const std::string& token) {
  const bool arabic = language == "ar";
  const Words* words = nullptr;
  std::string link = place;
  if (name == "email") {
    words = arabic ? &email_ar : &email_en;
    link.append(verify_link).append(token);
  } else if (name == "password") {
    words = arabic ? &password_ar : &password_en;
    link.append(reset_link).append(token);
  } else if (name == "notice") {
    words = arabic ? &notice_ar : &notice_en;
    link.append("/signin");
  } else if (name == "new_place") {
    words = arabic ? &new_place_ar : &new_place_en;
    link.append(forgot_link);
  } else {
    return std::nullopt;
  }
  return Text{words->subject, std::string(words->before) + "\n\n" + link + "\n\n" + words->after + "\n"};
}

}  // namespace nova::mail
