// Arabic, of what people decide: the constitution and its amendment, who may do what, acts that wait, blueprints, a deployment's acts.
import type { Acting } from './acting.en'
import { alone, counted } from './counted'

const rulesOf = (n: number) => counted(n, ['لا قاعدة', 'قاعدة واحدة', 'قاعدتين', 'قواعد', 'قاعدة', 'قاعدة'])
const placesOf = (n: number) => counted(n, ['لا موضع', 'موضع واحد', 'موضعان', 'مواضع', 'موضعًا', 'موضع'])

export const acting: Acting = {
  waits: {
    will: 'لا يُفعل فورًا: يجب أن يوافق أشخاص أولًا.', ask: (act) => `طلب: ${act}`, held: 'لم يُفعل بعد. ينتظر أشخاصًا.', until: 'يسقط عند', needs: 'من يجب أن يوافق', of: (group, missing) => `${missing} من ${alone(group)}`, follow: 'متابعته', back: 'سحبه', takenBack: 'سُحب. لا يُفعل شيء.', close: 'إغلاق',
    outcome: { approved: 'وُوفق عليه. يُنفَّذ الآن.', executed: 'وُوفق عليه ونُفِّذ.', rejected: 'رُفض. لا يُفعل شيء.', expired: 'لم يقرّر أحد في الوقت. لا يُفعل شيء.', cancelled: 'سُحب. لا يُفعل شيء.', execution_failed: 'وُوفق عليه، لكن تعذّر تنفيذه.' },
    by: 'من', reason: 'السبب', factors: { none: 'بلا عامل ثانٍ', totp: 'رمز تطبيق', recovery: 'رمز استرداد', passkey: 'مفتاح مرور' },
  },
  law: {
    sentence: (n) => counted(n, ['لا قاعدة فوق الأوامر', 'قاعدة واحدة فوق كل أمر', 'قاعدتان فوق كل أمر', 'قواعد فوق كل أمر', 'قاعدة فوق كل أمر', 'قاعدة فوق كل أمر']), inForce: (version) => `النسخة \`${version}\` سارية`, changed: 'منذ', by: 'من', past: (version) => `هذه النسخة \`${version}\` كما كانت. لم تعد سارية.`, backToNow: (version) => `إلى النسخة ${version} السارية`, ownerOnly: 'المالك الأعلى وحده يعدّل الدستور.', pastShut: 'هذه نسخة ماضية: يُعدَّل ما هو سارٍ.',
    tabs: { rules: 'القواعد', source: 'المصدر', versions: 'النسخ' }, amend: 'تعديل…', permissions: 'من يجوز له ماذا', version: 'النسخة', state: 'الحالة', step: 'الخطوة', read: 'قراءتها', digest: 'البصمة', when: 'متى',
    steps: { genesis: 'الأولى', tightening: 'تمنع أكثر', loosening: 'قد تسمح بأكثر', recovery: 'أُصلحت' }, unloadable: 'النص المحفوظ لا يصحّ. لا يمرّ إلا تعديل المالك.',
    draft: 'مسودة تنتظر التأكيد', draftSays: 'قد تسمح بأكثر مما هو سارٍ، فلا تسري إلا حين يؤكدها المالك برمز آخر.', from: 'يمكن تأكيدها عند', confirm: 'تأكيد…', tooEarly: 'يجب أن تمرّ دقيقة بعد إعداد المسودة.', confirmTitle: 'إنفاذ المسودة', confirmNow: 'إنفاذها',
    ruleCounts: (permits, forbids, holds) => `${permits} تسمح، ${forbids} تمنع، ${holds} تعلّق`,
  },
  amend: {
    title: 'تعديل الدستور', before: (tight, loose) => (tight + loose === 0 ? 'لا يغيّر هذا النص أي قاعدة' : loose === 0 ? `هذا التعديل يشدّد ${rulesOf(tight)}` : tight === 0 ? `هذا التعديل يرخي ${rulesOf(loose)}` : `هذا التعديل يشدّد ${rulesOf(tight)} ويرخي ${rulesOf(loose)}`),
    says: (from) => `يُقارَن بالنسخة \`${from}\`. لا شيء يسري قبل أن يُؤكَّد برمز.`, text: 'النص بلغة Cedar', steps: ['كتابة', 'فحص وتحليل', 'إعادة القرارات', 'تأكيد', 'يسري'], plan: 'عرض ما يتغير', again: 'تغيّر النص بعدها: يُعرض ما يتغير مجددًا.', first: 'يُعرض ما يتغير أولًا.', wrong: 'النص لا يصحّ', places: placesOf,
    planTitle: 'الخطة', ofRules: (n, all) => `${n} من ${counted(all, ['لا قاعدة', 'قاعدة', 'قاعدتين', 'قواعد', 'قاعدة', 'قاعدة'])}`, tighter: 'أشدّ', looser: 'أرخى', gone: 'حُذفت', added: 'أُضيفت', none: 'لا قاعدة تأتي أو تذهب.', tightening: 'يمنع أكثر فقط: يسري فورًا.', loosening: 'قد يسمح بأكثر: يصبح مسودة تُؤكَّد بعد دقيقة.',
    analysis: 'التحليل', over: { all: 'على كل الطلبات الممكنة', some: (n) => `جُرّب ${n} من الطلبات` }, changes: { equivalent: 'يُحكم في كل طلب كما كان.', 'less permissive': 'لا يُسمح بشيء لم يكن مسموحًا.', 'more permissive': 'لا يُمنع شيء لم يكن ممنوعًا.', incomparable: 'يُسمح ببعض ما لم يكن مسموحًا، ويُمنع بعض ما كان.' }, nowDenied: 'بعض الطلبات تُمنع الآن', nowAllowed: 'بعض الطلبات تُسمح الآن', example: 'مثال', notProved: 'وُجد بالتجربة: قد يوجد مثال لم يُجرَّب.',
    replay: 'إعادة آخر القرارات', asBefore: 'كما كانت', denied: (n) => `${n} كانت ستُمنع`, held: (n) => `${n} كانت ستُعلَّق`, allowed: (n) => `${n} كانت ستُسمح`, lacking: (n) => `${n} لا تُعاد: ما قرأته لم يُحفظ`, different: 'ما الذي كان سيختلف', nothing: 'لا قرار مضى كان سيتغير.', act: 'الفعل', by: 'من', verdict: 'القرار', diff: 'تغيير النص',
    go: 'تعديل…', dialog: 'تعديل الدستور', now: 'تعديله الآن', draftNow: 'إعداد المسودة', code: 'رمز التطبيق أو رمز استرداد', codeHint: 'لا يلزم لمن دخل بمفتاح مرور خلال خمس دقائق.', reason: 'السبب', effect: 'ما يحدث', back: 'طريق العودة', backSays: 'تعديل آخر. ما يسمح بأكثر ينتظر دقيقة.', at: 'السطر والعمود',
  },
  matrix: {
    title: 'من يجوز له ماذا', says: 'الأدوار تقول ما يجوز، والدستور لا يملك إلا أن يضيّقه.', tabs: { tenant: 'أدوار المستأجر', platform: 'أدوار المنصة', yours: 'شخص واحد' }, capability: 'القدرة', permission: 'الصلاحية', may: 'يجوز', mayNot: 'لا يجوز', person: 'الشخص', you: 'أنت', tenant: 'المستأجر', noTenant: 'بلا مستأجر', find: 'ابحث عن حق', right: 'الحق', allowed: 'مسموح', because: 'لأن', rank: 'الرتبة', all: (n, of) => `${n} من ${of}`, constitution: 'الدستور',
  },
  decided: { title: 'القرار', who: 'من', act: 'الفعل', resource: 'على', constitution: 'الدستور', read: 'ما قرأته القواعد', nothingRead: 'لم تقرأ القواعد أي صفة.', rules: 'القواعد التي قرّرت', none: 'لا قرار مسجّل هنا: هذه واقعة.' },
  blue: {
    title: 'المخططات', says: (n) => `${n} تصف ما يجب أن تكونه المنصات.`, blueprint: 'المخطط', none: 'لا مخططات بعد', noneSays: 'المخطط هو المصدر الوحيد لما يجب أن تكونه المنصة. يُكتب هنا أو يُطبَّق من ملف.', write: 'مخطط جديد', services: 'الخدمات', version: 'النسخة', environment: 'البيئة', changed: 'تغيّر', tenant: 'المستأجر', find: 'ابحث عن مخطط', noMatch: 'لا مخطط يطابق',
    editor: 'المخطط بصيغة YAML', form: 'هو نفسه كنموذج', say: (name) => `ما يجب أن يكونه \`${name}\`. لا شيء يتغير قبل التطبيق.`, newSays: 'ما يجب أن تكونه منصة. لا شيء يتغير قبل التطبيق.', plan: 'عرض ما يتغير', planAgain: 'تغيّر بعدها: يُعرض ما يتغير مجددًا.', planFirst: 'يُعرض ما يتغير أولًا.', apply: 'تطبيق…', applyNow: 'تطبيقه الآن', asks: 'طلبه', applied: 'طُبّق', problems: (n) => counted(n, ['لا خطأ', 'موضع خاطئ', 'موضعان خاطئان', 'مواضع خاطئة', 'موضعًا خاطئًا', 'موضع خاطئ']), fits: 'يوافق وصفه', line: (n) => `السطر ${n}`,
    planTitle: 'ما الذي يغيّره', nothing: 'لا شيء يتغير: هو كذلك بالفعل.', verdict: 'القرار', allow: 'يسمح به الدستور.', hold: 'ينتظر أشخاصًا قبل أن يُفعل.', deny: 'يمنعه الدستور.', create: 'يُنشأ', change: 'يُغيَّر', same: 'يبقى كما هو', from: 'قبل', to: 'بعد', path: 'الموضع', approvals: 'الموافقات اللازمة', noApprovals: 'لا يلزم أن يوافق أحد غيرك.', deploys: (name) => `يتبعه النشر \`${name}\`.`, openDeployment: 'فتح النشر', reset: 'من جديد', source: 'المصادر',
    versions: 'النسخ', report: 'ما لاحظته العقدة', newName: 'اسمه', section: { general: 'ما هو', services: 'ما يعمل' }, service: 'الخدمة', port: 'المنفذ', scale: 'النسخ العاملة', memory: 'الذاكرة، MiB', run: 'البرنامج ووسائطه', addService: 'إضافة خدمة', serviceName: 'اسم الخدمة', removeService: 'إزالة', broken: 'النص ليس YAML الآن، وينتظر النموذج حتى يصير كذلك.', keyboard: 'مفتاح Escape ثم Tab للخروج من المحرر. Control مع المسافة للإكمال.',
  },
  dep: { acts: 'الأفعال', delete: 'حذف', noData: 'لا بيانات', servicesNow: 'ما يعمل الآن', scaleFrom: (from) => counted(from, ['لا نسخة تعمل الآن', 'نسخة واحدة تعمل الآن', 'نسختان تعملان الآن', 'نسخ تعمل الآن', 'نسخة تعمل الآن', 'نسخة تعمل الآن']), decision: 'لماذا سُمح به', stopped: 'هو متوقف.', compareWith: 'قارن مع', endsAll: 'لا شيء يخدم حتى يبدأ من جديد.' },
}
