import { parseRule, type Rule, type Weekday } from "./rule";

const DAYS: Record<Weekday, string> = {
	MO: "Monday",
	TU: "Tuesday",
	WE: "Wednesday",
	TH: "Thursday",
	FR: "Friday",
	SA: "Saturday",
	SU: "Sunday",
};
const WORKING: readonly Weekday[] = ["MO", "TU", "WE", "TH", "FR"];
const WEEKEND: readonly Weekday[] = ["SA", "SU"];
const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"];
const UNITS = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" } as const;

/** How a task recurs, as one would say it: "Every second Tuesday". A rule that is beyond that is told by its text. */
export function recurrenceWords(rrule: string): string {
	const rule = parseRule(rrule);
	return rule ? ruleWords(rule) : `By its own rule: ${rrule}`;
}

export function ruleWords(rule: Rule): string {
	return `${cadence(rule)}${ending(rule)}`;
}

function cadence({ frequency, interval, days, monthDay, month }: Rule): string {
	const unit = UNITS[frequency];
	const every = interval === 1 ? `Every ${unit}` : `Every ${ordinal(interval) ?? interval} ${unit}`;
	const spaced = interval > 5 ? `Every ${interval} ${unit}s` : every;
	if (frequency === "WEEKLY" && days.length > 0) {
		const names = days.map(({ day }) => day);
		if (interval === 1 && same(names, WORKING)) return "Every weekday";
		if (interval === 1 && same(names, WEEKEND)) return "Every weekend day";
		const [only] = names;
		if (names.length === 1 && only) {
			return interval === 1
				? `Every ${DAYS[only]}`
				: interval <= 5
					? `Every ${ordinal(interval)} ${DAYS[only]}`
					: `${spaced} on ${DAYS[only]}`;
		}
		return `${spaced} on ${list(names.map((name) => DAYS[name]))}`;
	}
	if (frequency === "MONTHLY") {
		const [only] = days;
		if (only) return `${spaced} on the ${place(only.nth ?? 1)} ${DAYS[only.day]}`;
		if (monthDay === -1) return `${spaced} on the last day`;
		if (monthDay !== null) return `${spaced} on the ${numbered(monthDay)}`;
	}
	if (frequency === "YEARLY" && month !== null && monthDay !== null) {
		const day = monthDay === -1 ? `the last day of ${monthName(month)}` : `${monthDay} ${monthName(month)}`;
		return `${spaced} on ${day}`;
	}
	return spaced;
}

function ending({ ends }: Rule): string {
	switch (ends.kind) {
		case "never":
			return "";
		case "count":
			return ends.count === 1 ? ", once" : `, ${ends.count} times`;
		case "until": {
			const [year, month, day] = ends.date.split("-").map(Number);
			return `, until ${day} ${monthName(month ?? 1)} ${year}`;
		}
	}
}

function ordinal(number: number): string | undefined {
	return ORDINALS[number];
}

function place(nth: number): string {
	if (nth === -1) return "last";
	if (nth < 0) return `${ORDINALS[-nth] ?? `${-nth}th`} to last`;
	return ORDINALS[nth] ?? `${nth}th`;
}

function numbered(day: number): string {
	const teen = day % 100 >= 11 && day % 100 <= 13;
	return `${day}${teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th")}`;
}

function monthName(month: number): string {
	return new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(
		Date.UTC(2000, month - 1, 1),
	);
}

function list(names: string[]): string {
	return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
}

function same(some: readonly string[], others: readonly string[]): boolean {
	return some.length === others.length && others.every((name) => some.includes(name));
}
