import type { ai as words, views as viewWords } from './en'

export const ai: typeof words = {
  title: 'طبقات الذكاء الاصطناعي وقدرتها', says: 'أي ذكاء اصطناعي يعمل هنا، وكم، ولمن، وما طُلب منه. كل طلب يُحكم فيه بهذا قبل أي استدعاء.',
  tabs: { layers: 'الطبقات', power: 'القدرة', agents: 'الوكلاء', external: 'المزوّدون الخارجيون', limits: 'حدود المشتركين', executions: 'الطلبات' },
  layer: 'الطبقة', type: 'النوع', level: 'القدرة', priority: 'الأولوية', spent: 'المصروف هذا الشهر', tokens: 'رموز الطلب', perMinute: 'طلبات في الدقيقة', perDay: 'طلبات في اليوم', together: 'معًا', cost: 'كلفة الطلب', budget: 'ميزانية الشهر', noBudget: 'غير محددة', subscribers: 'المشتركون', yes: 'مسموح', no: 'ممنوع',
  agent: 'الوكيل', model: 'النموذج', provider: 'المزوّد', endpoint: 'العنوان', approved: 'الموافقة', waits: 'ينتظر المالك', tier: 'الفئة', external: 'ذكاء خارجي', sees: 'يرى الطبقات', breach: 'عند التجاوز', request: 'الطلب', asked: 'الطالب', action: 'ماذا', impact: 'الأثر', violations: 'المخالفات', none: { layers: 'لا طبقات بعد', power: 'لا طبقة حُددت قدرتها', agents: 'لا وكلاء بعد', external: 'لا مزوّد خارجيًا مربوط', limits: 'لا حدود لأي فئة: لا يستخدم مشتركوها الذكاء الاصطناعي', executions: 'لم يُطلب شيء بعد' },
  noneSays: 'بلا طبقة لا يعمل أي ذكاء اصطناعي. ينشئ المالك أولاها.', ownerOnly: 'المالك الأصلي وحده ينشئها.', make: { layers: 'طبقة جديدة…', agents: 'وكيل جديد…', external: 'ربط مزوّد…', limits: 'حدود فئة…' }, unlimited: 'بلا حد', of: (spent, budget) => `${spent} من ${budget}`,
  levels: (n) => `${n} من 10`, unset: 'غير محددة: لا يعمل شيء', impacts: { low: 'منخفض', medium: 'متوسط', high: 'عالٍ', critical: 'حرج' },
  actions: { generate: 'كتابة', analyze: 'تحليل', decide: 'قرار', execute: 'تنفيذ', suggest: 'اقتراح' },
  enforcement: { block: 'يُرفض', log: 'يُسجَّل', auto_suspend: 'يُوقف الاستخدام' },
  types: { INTERNAL_SOVEREIGN: 'داخلية سيادية', EXTERNAL_MANAGED: 'خارجية مُدارة', HYBRID: 'مختلطة', SUBSCRIBER_RESTRICTED: 'للمشتركين' },
}
export const views: typeof viewWords = { title: 'عروض محفوظة', save: 'حفظ هذا العرض…', name: 'اسم العرض', keep: 'حفظ', remove: (name) => `نسيان ${name}`, says: 'اسم لهذا العنوان بكل مرشحاته، يبقى في هذا المتصفح وحده.', where: 'العنوان', cancel: 'تركه' }
