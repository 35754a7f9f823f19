/** The browser's time zone: due dates are read and written in it, and rules are meant in it. */
export function ownZone(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** A due date without a time is kept as the last minute of its day. */
const END_OF_DAY = "23:59";

/** An instant as the two fields of a form show it, on the wall clock of this browser. */
export function toFields(iso: string | null): { date: string; time: string } {
	if (iso === null) return { date: "", time: "" };
	const at = new Date(iso);
	const date = `${padded(at.getFullYear(), 4)}-${padded(at.getMonth() + 1)}-${padded(at.getDate())}`;
	const time = `${padded(at.getHours())}:${padded(at.getMinutes())}`;
	return { date, time: time === END_OF_DAY ? "" : time };
}

/** The other way around; null where there is no date. Without a time, the day's last minute. */
export function fromFields({ date, time }: { date: string; time: string }): string | null {
	if (!/^\d{4}-\d\d-\d\d$/.test(date)) return null;
	const at = new Date(`${date}T${time || END_OF_DAY}`);
	return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** The first instant of the day that is `days` after that of `now`. */
export function startOfDay(now: Date, days = 0): Date {
	return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

/** How many midnights lie between: 0 is today, 1 tomorrow, -1 yesterday. */
export function daysUntil(at: Date, now: Date): number {
	const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
	return Math.round((midnight(at) - midnight(now)) / 86_400_000);
}

/** A date as near as one would say it: "Today 17:00", "Tomorrow", "Friday 09:30", "4 May", "4 May 2031". */
export function dayWords(iso: string, now: Date): string {
	const at = new Date(iso);
	const days = daysUntil(at, now);
	const { time } = toFields(iso);
	return time === "" ? dayName(at, days, now) : `${dayName(at, days, now)} ${time}`;
}

function dayName(at: Date, days: number, now: Date): string {
	if (days === 0) return "Today";
	if (days === 1) return "Tomorrow";
	if (days === -1) return "Yesterday";
	if (days > 1 && days < 7) return new Intl.DateTimeFormat("en-GB", { weekday: "long" }).format(at);
	const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
	return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...year }).format(at);
}

/** In full, for those who want to be sure. */
export function fullDate(iso: string): string {
	return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" }).format(new Date(iso));
}

function padded(number: number, width = 2): string {
	return String(number).padStart(width, "0");
}
