// Arabic: written, not translated. Ids and code stand in `backticks`; plurals have six forms.
import { factWords } from './facts.ar'
import { access } from './access/ar'
import { acting } from './acting.ar'
import { ai, views } from './ai/ar'
import { alone, counted } from './counted'
import type { Words } from './en'

const statusWords: Words['status'] = {
  healthy: 'سليم', running: 'يعمل', active: 'نشط', allowed: 'سُمح', allow: 'سُمح', done: 'تمّ', ready: 'جاهز', approved: 'موافَق عليه', enabled: 'مفعّل', verified: 'موثّق', serving: 'يخدم', ok: 'سليم', green: 'سليم', delivered: 'سُلّم', completed: 'اكتمل', answered: 'أُجيب', accepted: 'قُبل', executed: 'نُفِّذ',
  starting: 'يبدأ', pending: 'ينتظر', building: 'يُبنى', deploying: 'نشر جارٍ', verifying: 'يُفحص', checking: 'يُفحص', rolling_out: 'نشر جارٍ', stopping: 'يتوقف', deleting: 'يُحذف', draining: 'يُفرَّغ', invited: 'مدعوّ', submitted: 'مقدَّم',
  degraded: 'متدهور', unready: 'غير جاهز', backoff: 'يتعافى', healing: 'يتعافى', unknown: 'مجهول', yellow: 'يحتاج إلى نظر', warn: 'يحتاج إلى نظر', suspended: 'موقوف', locked: 'مقفل',
  failed: 'فشل', error: 'فشل', red: 'سيئ', quarantined: 'محجور', parked: 'مركون', denied: 'رُفض', deny: 'رُفض', banned: 'محظور', revoked: 'مُلغى', rejected: 'مرفوض', execution_failed: 'تعذّر',
  held: 'معلّق', hold: 'معلّق', escalated: 'تصعّد', open: 'مفتوح', waiting: 'ينتظر', lapsed: 'سقط',
  stopped: 'متوقف', superseded: 'حلّ غيره محله', draft: 'مسودة', passive: 'خامل', archived: 'مؤرشف', disabled: 'معطّل', ended: 'انتهى', expired: 'انقضى', cancelled: 'أُلغي', deleted: 'محذوف', rolled_back: 'رُجع عنه', info: 'ملاحظة',
}
const kindWords: Record<string, string> = { node: 'عقدة', group: 'مجموعة', tenant: 'مستأجر', platform: 'منصة', deployment: 'نشر', service: 'خدمة', instance: 'نسخة', blueprint: 'مخطط', provider: 'مزوّد', escalation: 'تصعيد', user: 'حساب', session: 'جلسة', secret: 'سرّ', membership: 'عضوية', api_key: 'مفتاح', store: 'مخزن', gate: 'بوابة', gateway: 'واجهة', actor: 'فاعل', driver: 'مشغّل', denial: 'رفض', passkey: 'مفتاح مرور' }

export const ar: Words = {
  access,
  ai,
  views,
  ...acting,
  nav: { overview: 'نظرة عامة', tree: 'الشجرة', deployments: 'عمليات النشر', blueprints: 'المخططات', inbox: 'صندوق القرارات', governance: 'الحوكمة', events: 'الأحداث والتدقيق', providers: 'المزوّدون', people: 'الأشخاص والصلاحيات', kinds: 'كل الأنواع', settings: 'الإعدادات' },
  frame: {
    main: 'الرئيسية', place: 'المكان', skip: 'إلى المحتوى', menu: 'القائمة', closeMenu: 'إغلاق القائمة', search: 'ابحث أو نفّذ', light: 'السمة الفاتحة', dark: 'السمة الداكنة', live: 'مباشر', stale: 'متأخر',
    liveSays: 'يظهر كل حدث حال حفظه', caughtUp: (n) => `عاد الاتصال: ${counted(n, ['لم يتأخر أي حدث', 'تأخر حدث واحد', 'تأخر حدثان', 'أحداث تأخرت', 'حدثًا تأخر', 'حدث تأخر'])}، ولم يفت شيء`,
    staleSays: 'لا تجيب العقدة. المعروض كما كان، والأفعال مغلقة حتى تُسمع من جديد.',
    account: (name) => `حساب ${name}`, owner: 'المالك الأصل', yourAccount: 'حسابك', signOut: 'تسجيل الخروج', aiMay: 'الذكاء الاصطناعي يعمل', aiStopped: 'الذكاء الاصطناعي موقوف', switchArmed: (epoch) => `مفتاح الإيقاف جاهز، الحقبة ${epoch}`,
  },
  lost: { title: 'لا صفحة بهذا العنوان', home: 'إلى النظرة العامة' },
  copy: 'نسخ', copied: 'نُسخ',
  state: { loading: 'يُحمَّل', failed: 'لم يتمّ ذلك', denied: 'غير مسموح', notFound: 'لا وجود له، أو ليس لك أن تراه', nothingLost: 'لم يتغير شيء ولم يُفقد شيء.', rule: 'ينقص أو يمنعه', request: 'الطلب', again: 'أعد المحاولة', noData: 'لا أرقام بعد', more: 'المزيد', none: 'لا شيء هنا بعد' },
  errors: {
    'client.unreachable': 'لا تجيب العقدة.',
    'auth.invalid_credentials': 'العنوان أو كلمة المرور خطأ.',
    'auth.mfa_failed': 'الرمز خطأ أو استُعمل من قبل.',
    'auth.flow_expired': 'طال الوقت. ابدأ من جديد.',
    'auth.enrolment_invalid': 'رمز التسجيل هذا غير صالح.',
    'auth.required': 'يلزم تسجيل الدخول.',
    'access.denied': 'ليس لك هذا الحق.',
    'rate.limited': 'طلبات كثيرة. انتظر قليلًا.',
    'vault.sealed': 'الخزنة مختومة: لا يدخل أحد حتى يعود مفتاحها.',
  },
  time: { seconds: (n) => `${n} ث`, minutes: (n) => `${n} د`, hours: (n) => `${n} س`, days: (n) => `${n} ي`, ago: (age) => `قبل ${age}` },
  signIn: {
    title: 'تسجيل الدخول', says: 'إلى لوحة هذه العقدة.', second: 'الخطوة الثانية', secondSays: 'كلمة المرور صحيحة. أثبت أنك أنت.', email: 'البريد الإلكتروني', password: 'كلمة المرور', act: 'دخول', code: 'رمز تطبيق المصادقة',
    recovery: 'رمز الاسترداد', useRecovery: 'استعمال رمز استرداد', useCode: 'استعمال التطبيق', or: 'أو', passkey: 'استعمال مفتاح مرور', enrol: 'عقدة جديدة: تسجيل مالكها', back: 'حساب آخر', tryAgain: 'أعد المحاولة.',
  },
  enrol: {
    title: 'تسجيل المالك', says: 'مرة واحدة، بالرمز الذي كتبته العقدة عند أول تشغيل.', token: 'رمز التسجيل', tokenHint: 'الملف enrolment.token في مجلد حالة العقدة', name: 'الاسم', passwordHint: 'ثمانية أحرف على الأقل.', act: 'تسجيل المالك', toSignIn: 'لدي حساب',
    appTitle: 'إضافة تطبيق مصادقة', appSays: 'عامل ثانٍ: من دونه تكفي كلمة مرور مسروقة.', factorNeeded: 'حسابك يحكم هذا التنصيب، فيحتاج إلى عامل ثانٍ قبل أي شيء آخر.', later: 'لاحقًا، من الإعدادات', scan: 'امسح هذا بتطبيق مصادقة.', orType: 'أو اكتب السر:', qr: 'رمز QR لتطبيق المصادقة', firstCode: 'أول رمز من التطبيق', prove: 'إضافة التطبيق',
    proved: 'أُضيف التطبيق', codesSay: 'عشرة رموز استرداد، كل منها صالح مرة واحدة حين لا يكون التطبيق في اليد. تظهر الآن ولا تظهر ثانية.', copyCodes: 'نسخ الرموز كلها', kept: 'حفظتها',
  },
  overview: {
    title: 'نظرة عامة', pulse: 'النبض',
    sentence: (state, needs) => `${{ well: 'المنصات تعمل.', part: 'بعض المنصات ليس بخير.', empty: 'لم يُنشر شيء بعد.' }[state]} ${counted(needs, ['لا شيء يحتاج إلى شخص.', 'أمر واحد يحتاج إلى شخص.', 'أمران يحتاجان إلى شخص.', 'أمور تحتاج إلى شخص.', 'أمرًا يحتاج إلى شخص.', 'أمر يحتاج إلى شخص.'])}`,
    says: (healthy, all, tenants) => `${healthy} من ${all} عمليات نشر سليمة لدى ${counted(tenants, ['لا مستأجر', 'مستأجر واحد', 'مستأجرَين', 'مستأجرين', 'مستأجرًا', 'مستأجر'])}. وكل استثناء أدناه يذكر سببه.`,
    needs: 'يحتاج إلى شخص الآن', openInbox: 'فتح صندوق القرارات', since: 'على هذه الحال', decide: 'قرار', why: 'لماذا؟',
    need: (kind, name, status) => (kind === 'escalation' ? `سؤال: \`${name}\`` : kind === 'approval' ? `أمر على \`${name}\` ينتظر الموافقة` : `\`${name}\` ${status}`),
    eventsRate: 'أحداث في الثانية', commandsRate: 'أوامر في الثانية', commitsRate: (queued) => `تثبيتات في الثانية · ${queued} منتظرة`, requestsRate: 'طلبات في الثانية',
    tenants: 'المستأجرون والمنصات', tenant: 'المستأجر', platforms: 'المنصات', healthy: 'سليم', reason: 'السبب', worstFirst: (shown, all) => `الأسوأ أولًا · ${shown} من ${all}`,
    noTenants: 'لا مستأجرين بعد', noTenantsSays: 'المستأجر مالك معزول لمنصاته. طبّق مخططًا لتبدأ.', services: 'هذه العقدة', service: 'الخدمة', figures: 'أرقام', health: 'الصحة',
  },
  tree: {
    title: 'شجرة الإشراف', entity: 'الكيان', state: 'الحالة', restarts: 'إعادات', mailbox: 'البريد', age: 'العمر', search: 'اسم أو معرّف أو خطأ', all: 'الكل', below: (n) => `${n} تحته`, changing: (n) => `${n} تتغيّر`,
    entities: (n) => `${n} كيانًا`, move: 'تنقّل', open: 'فتح', next: 'المشكلة التالية', trouble: 'مواضع المشكلات في الشجرة كلها', inspector: 'الفاحص', close: 'إغلاق', part: (word) => `جزء ${word}`,
    filters: { bad: 'فشل', warn: 'متدهور', accent: 'يتغيّر', held: 'معلّق' }, none: 'لا شيء يطابق', pick: 'اختر صفًا لترى لماذا هو على حاله وما يمكنك فعله.', pickTitle: 'لم يُختر شيء',
    tabs: { why: 'لماذا', state: 'الحالة', history: 'التاريخ', logs: 'السجلات' }, since: 'منذ', mayDo: 'ما يمكنك فعله', noActs: 'لا فعل هنا: يُراقَب ولا يُؤمَر.', openPage: 'فتح صفحته',
  },
  why: { allowed: 'سمح به الدستور', denied: 'منعه الدستور', rules: 'القواعد', by: 'بواسطة', position: 'الموضع في السجل', causedBy: 'سببه', command: 'الأمر', nothing: 'لم يحدث له شيء بعد.' },
  acts: {
    leave: 'اتركه', preview: 'معاينة', now: (act) => `${act} الآن`, change: 'ما يتغير', effect: 'ما يحدث', back: 'طريق العودة', decidedBy: 'قرّره', statusBecomes: 'تصبح الحالة', events: 'الأحداث', checking: 'تُسأل العقدة…',
    irreversible: 'لا طريق للعودة.', reversible: 'يمكن الرجوع عنه بفعل آخر.', typeName: (name) => `اكتب ${name} للمتابعة`, stale: 'الصفحة متأخرة: انتظر حتى تُسمع العقدة من جديد.', done: 'تمّ', held: 'لم يتمّ بعد: ينتظر قرارًا.', sameCommand: 'الأمر نفسه في الطرفية',
    impact: (n) => `الأثر ${n} من 10`, noChange: 'لن يتغير شيء.', optional: 'اختياري', value: 'القيمة', add: 'إضافة',
    words: { rollback: 'رجوع', scale: 'توسيع', restart: 'إعادة تشغيل', stop: 'إيقاف', start: 'تشغيل', delete: 'حذف', deploy: 'نشر', cancel: 'إلغاء النشر الجاري', revoke: 'إلغاء', suspend: 'إيقاف', ban: 'حظر', reactivate: 'إعادة تفعيل', activate: 'تفعيل', verify: 'توثيق', answer: 'إجابة', approve: 'موافقة', reject: 'رفض', enable: 'تفعيل', disable: 'تعطيل', remove: 'إزالة', drain: 'تفريغ', archive: 'أرشفة', submit: 'تقديم', apply: 'تطبيق', revise: 'مراجعة', rotate: 'تدوير', create: 'إنشاء', destroy: 'إتلاف', change_role: 'تغيير الدور', invite: 'دعوة', update: 'تحديث', resume: 'استئناف', deactivate: 'إلغاء التفعيل', pause: 'إيقاف مؤقت', unblock: 'رفع الحجب', restore: 'استعادة', finish: 'إنهاء', fail: 'إخفاق', set_power: 'ضبط القوة', finish_step: 'إنهاء الخطوة', kill: 'إيقاف نهائي', unlink: 'فك الربط', investigate: 'تحقيق', resolve: 'حل', dismiss: 'صرف', write_post_mortem: 'كتابة تقرير ما بعد الحادث', submit_post_mortem: 'تقديم التقرير', sign_post_mortem: 'توقيع التقرير', return_post_mortem: 'إعادة التقرير', close_post_mortem: 'إغلاق التقرير', accept: 'قبول', transfer_ownership: 'نقل الملكية', rename: 'تغيير الاسم', destroy_version: 'إتلاف نسخة', complete: 'إتمام', end: 'إنهاء', update_settings: 'تغيير الإعدادات', change_tier: 'تغيير الفئة', set_data_region: 'تحديد منطقة البيانات', set_compliance: 'تحديد الامتثال', set_permissions: 'ضبط الصلاحيات', set_override: 'ضبط استثناء', clear_override: 'رفع الاستثناء', update_profile: 'تغيير الملف', redeliver: 'إعادة التسليم', test: 'اختبار', set: 'ضبط' },
  },
  deployments: {
    title: 'عمليات النشر', says: (healthy, all) => `${healthy} من ${all} تخدم وهي سليمة.`, deployment: 'النشر', tenant: 'المستأجر', environment: 'البيئة', revision: 'المراجعة', instances: 'النسخ', changed: 'تغيّر', anyStatus: 'أي حالة', anyTenant: 'أي مستأجر', find: 'ابحث عن نشر', none: 'لم يُنشر شيء', noneSays: 'النشر منصة في بيئة واحدة. طبّق مخططًا لتنشئ واحدًا.', noMatch: 'لا نشر يطابق', noMatchSays: 'أزل مرشحًا.', clear: 'عرض الكل',
    rollout: 'سير النشر', steps: { gate: 'وافق عليه الدستور', build: 'بناء', start: 'تشغيل', verify: 'التحقق من الصحة', move: 'تحويل الطلبات', drain: 'تفريغ القديم' }, allowedBy: (n) => counted(n, ['لا قاعدة', 'قاعدة واحدة، سماح', 'قاعدتان، سماح', 'قواعد، سماح', 'قاعدة، سماح', 'قاعدة، سماح']), ready: (n, all) => `${n} من ${all}`,
    serving: (revision) => `تخدم \`r${revision}\` كل الطلبات.`, rolling: (from, to) => (from > 0 ? `تخدم \`r${from}\` كل الطلبات حتى تسلم \`r${to}\`.` : `تبدأ \`r${to}\`.`), notServing: 'لا شيء يخدم الآن.', why: 'لماذا هو كذلك',
    logs: 'السجلات', following: 'متابعة', follow: 'تابع', newLines: (n) => counted(n, ['لا سطر جديد', 'سطر جديد', 'سطران جديدان', 'أسطر جديدة', 'سطرًا جديدًا', 'سطر جديد']), allServices: 'كل الخدمات', findLogs: 'ابحث في السجلات', hits: (n) => counted(n, ['لا مطابقة', 'مطابقة واحدة', 'مطابقتان', 'مطابقات', 'مطابقة', 'مطابقة']), lines: (n) => `${n} سطر`, secrets: 'الأسرار لا تُكتب في السجلات', noLines: 'لم يُطبع شيء بعد.', download: 'تنزيل',
    change: (from, to) => `التغيير: ${alone(`r${from}`)} ← ${alone(`r${to}`)}`, first: 'المراجعة الأولى', same: 'المراجعتان متماثلتان.', revisions: 'المراجعات', by: 'من', compare: 'قارن', rollBackTo: (n) => `الرجوع إلى r${n}…`, instance: 'النسخة', restarts: (n) => counted(n, ['لا إعادة', 'إعادة واحدة', 'إعادتان', 'إعادات', 'إعادة', 'إعادة']), service: 'الخدمة',
  },
  events: {
    title: 'الأحداث', find: 'رشّح هذه', time: 'الوقت', type: 'الحدث', subject: 'الموضوع', by: 'بواسطة', decision: 'الحكم', fact: 'واقعة', anyTenant: 'أي مستأجر', anyKind: 'أي نوع', newer: (n) => `${n} جديد`, older: 'الأقدم', none: 'لا حدث يطابق', noneSays: 'ما يحدث من الآن يظهر حال حفظه.', from: 'من الموضع', event: 'الحدث', data: 'البيانات', meta: 'من ولماذا', cloud: 'CloudEvent', cause: 'سببه', correlation: 'الارتباط', command: 'الأمر', principal: 'الفاعل', asOf: (position) => `كما كان عند الموضع ${position}`, backToLive: (behind) => `العودة إلى المباشر، يسبق بـ ${behind}`, look: 'انظر إلى', typePrefix: 'النوع أو أوله', pick: 'اختر حدثًا لتراه كله.', pickTitle: 'لم يُختر حدث', perSecond: 'الأحداث عبر الوقت',
  },
  inbox: { title: 'صندوق القرارات', says: 'أسئلة لم يستطع النظام أن يجيب عنها وحده.', none: 'لا شيء ينتظرك', noneSays: 'تظهر هنا الأسئلة والموافقات لحظة نشوئها.', answer: 'إجابة', asked: 'سُئل', retry: 'محاولة أخرى', rollback: 'رجوع', stop: 'إيقافه', reason: 'السبب', decided: 'تقرّر', question: 'السؤال', approval: 'موافقة', askedBy: 'طلبه', willDo: 'ما سيُفعل بعينه', noFields: 'لا حقول لهذا الأمر.', whyHeld: 'لماذا ينتظر', digest: 'بصمة الفعل', timeLeft: 'الوقت الباقي', lapses: 'يسقط عند', left: (minutes) => counted(minutes, ['أقل من دقيقة', 'بقيت دقيقة', 'بقيت دقيقتان', 'دقائق باقية', 'دقيقة باقية', 'دقيقة باقية']), votes: 'موافقات', agreed: 'وافق', own: 'هذا طلبك أنت: يقرّره غيرك.', voted: 'سبقت موافقتك.', approve: 'موافقة…', reject: 'رفض…', approveTitle: (act) => `الموافقة على: ${alone(act)}`, rejectTitle: (act) => `رفض: ${alone(act)}`, approveNow: (act) => `الموافقة على ${alone(act)}`, rejectNow: (act) => `رفض ${alone(act)}`, approveSays: 'حين يوافق الجميع يُنفَّذ مرة واحدة كما هو معروض.', rejectSays: 'رفض واحد يكفي. لا يُفعل شيء.', choose: 'إجابتك', options: 'ما يفعله كل منها', effects: { retry: 'يُشغَّل مرة أخرى كما هو.', rollback: 'تعود المراجعة التي قبله.', stop: 'يُوقف، وتبقى بياناته وتاريخه.' } },
  kill: { title: 'إيقاف الذكاء الاصطناعي وما يخرج', says: 'فعل واحد، على كل عقدة خلال ثانية. المنصات تبقى عاملة والأشخاص كذلك.', scope: 'ما يتوقف', scopes: { global: 'كل ذكاء اصطناعي وكل ما يخرج', external_only: 'كل ما يخرج', tenant: 'كلاهما لمستأجر واحد', platform: 'منصة', provider: 'مزوّد', layer: 'طبقة', agent: 'وكيل', model: 'نموذج' }, reason: 'السبب بالإنجليزية', reasonAr: 'السبب بالعربية', until: 'ينتهي', byHand: 'يدويًا فقط', bySelf: (minutes) => `تلقائيًا بعد ${minutes} دقيقة`, next: 'عرض ما يتوقف', stops: 'يتوقف', keeps: 'يستمر', keepsSays: 'الخدمات والبيانات والخزنة وأوامر الأشخاص.', works: (n) => counted(n, ['لا نداء ينتظر أو يجري الآن، وكل ما يأتي يُرفض.', 'نداء واحد ينتظر أو يجري الآن.', 'نداءان ينتظران أو يجريان الآن.', 'نداءات تنتظر أو تجري الآن.', 'نداءً ينتظر أو يجري الآن.', 'نداء ينتظر أو يجري الآن.']), now: (n) => (n === '0' ? 'إيقافها الآن' : `إيقاف ${n} من النداءات الآن`), stop: 'إيقاف الذكاء الاصطناعي…', release: 'رفع الإيقاف…', releaseTitle: 'رفع الإيقاف', releaseNow: 'رفعه الآن', releaseSays: 'ما أُوقف يبقى موقوفًا، وما يأتي من الآن يخرج من جديد.', engaged: (scope, target) => `موقوف: ${scope}${target ? ` (${target})` : ''}.`, partly: 'موقوف جزئيًا', epoch: (n) => `المفتاح مفعّل، الحقبة ${n}`, unknown: 'حالة المفتاح مجهولة: كل شيء معلّق', ownerOnly: 'للمالك الأصل وحده أن يوقفه ويرفعه.' },
  governance: { title: 'الدستور', version: (v) => `النسخة ${v}`, says: 'ما يجوز فعله هنا بكلام واضح. يُحكم به في كل أمر.', rule: 'القاعدة', effect: 'الأثر', words: 'بكلام واضح', permit: 'تسمح', forbid: 'تمنع', hold: 'تعلّق', other: 'وبالإنجليزية', source: 'المصدر', permissions: 'ما يجوز لك', right: 'الحق', allowed: 'مسموح', because: 'لأن', find: 'ابحث عن قاعدة' },
  people: {
    title: 'الأشخاص والصلاحيات', tabs: { users: 'الأشخاص', members: 'الأعضاء', keys: 'مفاتيح الواجهة', sessions: 'جلساتك' }, name: 'الاسم', email: 'البريد', role: 'الدور', state: 'الحالة', joined: 'منذ', tenant: 'المستأجر', member: 'العضو', key: 'المفتاح', scopes: 'النطاقات', lastUsed: 'آخر استعمال', never: 'أبدًا', device: 'الجهاز', method: 'الطريقة', started: 'الدخول', here: 'هذه', noKeys: 'لا مفاتيح', noKeysSays: 'المفتاح وصول محدود لبرنامج. أنشئ واحدًا بالأمر.', noUsers: 'لا حسابات', noMembers: 'لا أعضاء', revoke: 'إلغاء…', user: 'الحساب', access: 'الصلاحيات', pick: 'اختر صفًا لتراه كله.',
  },
  providers: { title: 'المزوّدون', says: 'أين يمكن أن تعمل المنصات، لكل مستأجر.', none: 'لا مزوّدين بعد', noneSays: 'المزوّد مكان تعمل فيه المنصات. أضف واحدًا بنموذج أمره.', add: 'إضافة مزوّد…', provider: 'المزوّد', tenant: 'المستأجر', checked: 'فُحص' },
  kinds: { title: 'كل الأنواع', says: 'كل ما تحفظه العقدة، من وصفها هي.', kind: 'النوع', what: 'ما هو', commands: 'الأوامر', events: 'الأحداث', observed: 'مُراقَب', id: 'المعرّف', none: () => 'لا شيء من هذا النوع', create: (kind) => `إنشاء ${kind}…`, tabs: { state: 'الحالة', why: 'لماذا', history: 'التاريخ' }, tenant: 'المستأجر', allTenants: 'كل المستأجرين', raw: 'بصيغة JSON', status: 'الحالة', changed: 'تغيّر', version: 'النسخة' },
  settings: {
    title: 'الإعدادات', tabs: { health: 'الصحة', config: 'الضبط', account: 'حسابك', view: 'العرض' }, setting: 'الإعداد', origin: 'من أين أتى', check: 'الفحص', detail: 'التفصيل', remedy: 'العلاج', node: 'العقدة', version: 'النسخة', started: 'تعمل منذ', position: 'موضع السجل',
    app: 'تطبيق المصادقة', appOn: 'أُضيف تطبيق.', appOff: 'لا شيء بعد: تكفي كلمة مرور مسروقة.', addApp: 'إضافة تطبيق', removeApp: 'إزالة التطبيق', codesLeft: (n) => `${n} رموز استرداد باقية`, passkeys: 'مفاتيح المرور', addPasskey: 'إضافة مفتاح مرور', passkeyName: 'اسمه', noPasskeys: 'لا مفاتيح مرور بعد.', password: 'كلمة المرور', before: 'كلمة المرور الحالية', after: 'كلمة المرور الجديدة', change: 'تغيير كلمة المرور', changed: 'تغيّرت كلمة المرور، وانتهت كل جلسة أخرى.', language: 'اللغة', theme: 'السمة', themes: { auto: 'كما في النظام', light: 'فاتحة', dark: 'داكنة' }, letters: 'اختصارات الحرف الواحد', lettersOn: 'مفعّلة', lettersOff: 'معطّلة', code: 'رمز التطبيق', since: 'منذ',
  },
  palette: { title: 'ابحث أو انتقل', ask: 'اسم شيء أو مكان', hits: 'النتائج', entities: 'أشياء', places: 'أماكن', none: 'لا شيء بهذا الاسم.', move: 'تنقّل', open: 'فتح' },
  keys: { title: 'لوحة المفاتيح', palette: 'ابحث أو انتقل', search: 'ابحث في هذه القائمة', map: 'هذه الخريطة', rows: 'الصف التالي، السابق', twist: 'فتح صف الشجرة، إغلاقه', openAll: 'فتح كل ما تحت سطر في الشجرة', trouble: 'المشكلة التالية', tabs: 'التبويب السابق، التالي', close: 'إغلاق' },
  kindWord: (kind) => kindWords[kind] ?? kind.replaceAll('_', ' '),
  fact: (name) => factWords[name] ?? name.replaceAll('_', ' '),
  status: statusWords,
}
