import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { daysUntil, dayWords, fromFields, toFields } from "../lib/dates";

const zone = process.env.TZ;
beforeEach(() => {
	process.env.TZ = "Europe/Berlin";
});
afterEach(() => {
	process.env.TZ = zone;
});

describe("a due date in two fields", () => {
	it("comes back as the same instant, in every zone and over changes of the clock", () => {
		const instants = ["2026-01-15T08:30:00.000Z", "2026-03-29T00:59:00.000Z", "2026-07-01T21:15:00.000Z"];
		for (const tz of ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham"]) {
			process.env.TZ = tz;
			for (const instant of instants)
				expect(fromFields(toFields(instant)), `${instant} in ${tz}`).toBe(instant);
		}
	});

	it("is the day's last minute without a time, and shows none then", () => {
		expect(fromFields({ date: "2026-05-04", time: "" })).toBe("2026-05-04T21:59:00.000Z");
		expect(toFields("2026-05-04T21:59:00Z")).toEqual({ date: "2026-05-04", time: "" });
	});

	it("is null without a date, or with one that there is not", () => {
		for (const date of ["", "tomorrow", "2026-13-01"]) expect(fromFields({ date, time: "10:00" })).toBeNull();
		expect(toFields(null)).toEqual({ date: "", time: "" });
	});
});

describe("a day in words", () => {
	const now = new Date("2026-05-04T10:00:00Z");

	it("is as near as one would say it", () => {
		for (const [iso, words] of [
			["2026-05-04T15:00:00Z", "Today 17:00"],
			["2026-05-05T21:59:00Z", "Tomorrow"],
			["2026-05-03T07:05:00Z", "Yesterday 09:05"],
			["2026-05-08T07:30:00Z", "Friday 09:30"],
			["2026-05-11T07:30:00Z", "11 May 09:30"],
			["2031-05-04T21:59:00Z", "4 May 2031"],
		] as const) {
			expect(dayWords(iso, now)).toBe(words);
		}
	});

	it("counts midnights of the own zone, and not hours", () => {
		expect(daysUntil(new Date("2026-05-04T22:01:00Z"), new Date("2026-05-04T21:59:00Z"))).toBe(1);
		expect(daysUntil(new Date("2026-03-30T10:00:00Z"), new Date("2026-03-28T10:00:00Z"))).toBe(2);
	});
});
