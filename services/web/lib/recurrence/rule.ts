/** A rule of RFC 5545 as far as the picker can show it. What it cannot is kept as text and never rewritten. */
export interface Rule {
	frequency: Frequency;
	interval: number;
	/** Days of the week; with `nth`, the one of the month (-1 is the last). */
	days: { day: Weekday; nth: number | null }[];
	/** -1 is the last day of the month. */
	monthDay: number | null;
	month: number | null;
	ends: { kind: "never" } | { kind: "count"; count: number } | { kind: "until"; date: string };
}

export type Frequency = "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";
export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const FREQUENCIES: readonly string[] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];

/** The rule that this text means, or null where it says more than the picker knows. */
export function parseRule(text: string): Rule | null {
	const rule: Rule = {
		frequency: "DAILY",
		interval: 1,
		days: [],
		monthDay: null,
		month: null,
		ends: { kind: "never" },
	};
	let frequency = false;
	for (const part of text.replace(/^RRULE:/i, "").split(";")) {
		const [name = "", value = ""] = part.split("=", 2);
		switch (name.toUpperCase()) {
			case "FREQ":
				if (!FREQUENCIES.includes(value.toUpperCase())) return null;
				rule.frequency = value.toUpperCase() as Frequency;
				frequency = true;
				break;
			case "INTERVAL":
				if (!/^[1-9]\d{0,3}$/.test(value)) return null;
				rule.interval = Number(value);
				break;
			case "BYDAY": {
				const days = value.toUpperCase().split(",").map(parseDay);
				if (days.includes(null)) return null;
				rule.days = days.filter((day) => day !== null);
				break;
			}
			case "BYMONTHDAY":
				if (!/^(-1|[1-9]|[12]\d|3[01])$/.test(value)) return null;
				rule.monthDay = Number(value);
				break;
			case "BYMONTH":
				if (!/^([1-9]|1[0-2])$/.test(value)) return null;
				rule.month = Number(value);
				break;
			case "COUNT":
				if (!/^[1-9]\d{0,4}$/.test(value)) return null;
				rule.ends = { kind: "count", count: Number(value) };
				break;
			case "UNTIL": {
				const date = /^(\d{4})(\d\d)(\d\d)(T\d{6}Z?)?$/i.exec(value);
				if (!date) return null;
				rule.ends = { kind: "until", date: `${date[1]}-${date[2]}-${date[3]}` };
				break;
			}
			case "WKST":
				// Which week a day belongs to matters with an interval only; Monday is what a rule means without it.
				if (value.toUpperCase() !== "MO") return null;
				break;
			default:
				return null;
		}
	}
	return frequency && fits(rule) ? rule : null;
}

function parseDay(text: string): Rule["days"][number] | null {
	const found = /^([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text);
	if (!found) return null;
	const nth = found[1] === undefined ? null : Number(found[1]);
	return nth === 0 ? null : { day: found[2] as Weekday, nth };
}

/** Whether each part stands where the picker has a place for it. */
function fits({ frequency, days, monthDay, month }: Rule): boolean {
	const plain = days.every(({ nth }) => nth === null);
	switch (frequency) {
		case "DAILY":
			return days.length === 0 && monthDay === null && month === null;
		case "WEEKLY":
			return plain && monthDay === null && month === null;
		case "MONTHLY":
			return month === null && (days.length === 0 || (days.length === 1 && !plain && monthDay === null));
		case "YEARLY":
			return days.length === 0 && (month === null) === (monthDay === null);
	}
}

export function formatRule({ frequency, interval, days, monthDay, month, ends }: Rule): string {
	const parts = [`FREQ=${frequency}`];
	if (interval !== 1) parts.push(`INTERVAL=${interval}`);
	if (days.length > 0) {
		const sorted = [...days].sort((a, b) => WEEKDAYS.indexOf(a.day) - WEEKDAYS.indexOf(b.day));
		parts.push(`BYDAY=${sorted.map(({ day, nth }) => `${nth ?? ""}${day}`).join(",")}`);
	}
	if (month !== null) parts.push(`BYMONTH=${month}`);
	if (monthDay !== null) parts.push(`BYMONTHDAY=${monthDay}`);
	if (ends.kind === "count") parts.push(`COUNT=${ends.count}`);
	if (ends.kind === "until") parts.push(`UNTIL=${ends.date.replaceAll("-", "")}`);
	return parts.join(";");
}

/** What a new rule of this frequency most likely means for a task that is due then. */
export function ruleFor(frequency: Frequency, due: Date): Rule {
	const day = weekdayOf(due);
	return {
		frequency,
		interval: 1,
		days: frequency === "WEEKLY" ? [{ day, nth: null }] : [],
		monthDay: frequency === "MONTHLY" || frequency === "YEARLY" ? due.getDate() : null,
		month: frequency === "YEARLY" ? due.getMonth() + 1 : null,
		ends: { kind: "never" },
	};
}

export function weekdayOf(date: Date): Weekday {
	return WEEKDAYS[(date.getDay() + 6) % 7] ?? "MO";
}

/** Which weekday of its month: 1 to 4, and -1 for the last one from the fifth on. */
export function nthOf(date: Date): number {
	const nth = Math.ceil(date.getDate() / 7);
	return nth > 4 ? -1 : nth;
}
