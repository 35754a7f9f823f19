/** What an `<input>` for a time holds: `2026-03-01T09:30` (`datetime-local`) or `2026-03-01` (`date`). */
export type InputKind = "datetime-local" | "date";

export interface InputOptions {
	/** `datetime-local` unless told. */
	kind?: InputKind;
	/** The IANA name of the zone whose clock the user reads. This machine's unless told. */
	timeZone?: string;
}

export interface FromInputOptions extends InputOptions {
	/** Of a `date`, which has no time: which one is meant, as `HH:MM`. `00:00` unless told. */
	at?: string;
	/**
	 * Of a time that the clocks show twice, when they are set back: the earlier one, unless told. A time that they leave out is
	 * read as if they had been set forward later: 02:30 as 03:30.
	 */
	fold?: "earlier" | "later";
}

/** An instant of the API (RFC 3339) as the value of an input; null is the empty input. Seconds are left out. */
export function toInputValue(instant: string | null | undefined, options: InputOptions = {}): string {
	if (!instant) return "";
	const time = Date.parse(instant);
	if (Number.isNaN(time)) throw new RangeError("this is no time of the API");
	const text = new Date(asIfUtc(time, options.timeZone)).toISOString();
	return options.kind === "date" ? text.slice(0, -14) : text.slice(0, -8);
}

/** The value of an input as an instant for the API, in UTC; the empty input is null. */
export function fromInputValue(value: string, options: FromInputOptions = {}): string | null {
	if (value === "") return null;
	const whole = options.kind === "date" ? `${value}T${options.at ?? "00:00"}` : value;
	const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?$/.exec(whole);
	const numbers = parts?.slice(1).map((part) => Number(part ?? 0)) ?? [];
	const shown = utc(numbers);
	// What Date makes of the 31st of February is a day in March.
	const same = new Date(shown).toISOString().startsWith(whole.slice(0, 16));
	if (!parts || !same) throw new RangeError("this is no value of such an input");
	return new Date(instantOf(shown, options)).toISOString().replace(".000Z", "Z");
}

/** What the zone's clock shows at an instant, as the instant at which UTC's shows it. */
function asIfUtc(instant: number, timeZone: string | undefined): number {
	const format = formatOf(timeZone);
	const parts = Object.fromEntries(
		format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
	);
	const { year, month, day, hour, minute, second } = parts as Record<string, number>;
	return utc([year, month, day, hour, minute, second].map((part) => part ?? 0));
}

function utc([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: number[]): number {
	// Date.UTC takes the years 0 to 99 for the 20th century.
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, day);
	date.setUTCHours(hour, minute, second);
	return date.getTime();
}

/** When the zone's clock shows this. */
function instantOf(shown: number, { timeZone, fold }: FromInputOptions): number {
	const day = 86_400_000;
	// The clock's distance from UTC on either side: clocks are not set twice within two days.
	const before = asIfUtc(shown - day, timeZone) - (shown - day);
	const after = asIfUtc(shown + day, timeZone) - (shown + day);
	const candidates = [shown - before, shown - after].filter((time) => asIfUtc(time, timeZone) === shown);
	if (candidates.length === 0) return shown - before;
	return fold === "later" ? Math.max(...candidates) : Math.min(...candidates);
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
	let format = formats.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
			timeZone,
			hourCycle: "h23",
			year: "numeric",
			month: "numeric",
			day: "numeric",
			hour: "numeric",
			minute: "numeric",
			second: "numeric",
		});
		formats.set(timeZone, format);
	}
	return format;
}
