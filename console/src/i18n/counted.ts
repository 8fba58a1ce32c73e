const rules = new Intl.PluralRules('ar')
/** The counted thing in Arabic: none, one, two, few (3-10), many (11-99), other (100). */
export const counted = (n: number, forms: [zero: string, one: string, two: string, few: string, many: string, other: string]) =>
  ({ zero: forms[0], one: forms[1], two: forms[2], few: `${n} ${forms[3]}`, many: `${n} ${forms[4]}`, other: `${n} ${forms[5]}` })[rules.select(n)]

/** Keeps its own direction, and what stands around it its own (UAX 9, first strong isolate). */
export const alone = (text: string) => `\u2068${text}\u2069`
