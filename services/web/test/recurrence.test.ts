import { describe, expect, it } from "vitest";
import { formatRule, nthOf, parseRule, ruleFor } from "../lib/recurrence/rule";
import { recurrenceWords } from "../lib/recurrence/words";

describe("a rule in words", () => {
	it("is said as people say it", () => {
		for (const [rule, words] of [
			["FREQ=DAILY", "Every day"],
			["FREQ=DAILY;INTERVAL=3", "Every third day"],
			["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Every second Tuesday"],
			["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"],
			["FREQ=WEEKLY;BYDAY=SA,SU", "Every weekend day"],
			["FREQ=WEEKLY;BYDAY=MO,TH", "Every week on Monday and Thursday"],
			["FREQ=WEEKLY;INTERVAL=12;BYDAY=MO", "Every 12 weeks on Monday"],
			["FREQ=MONTHLY;BYMONTHDAY=31", "Every month on the 31st"],
			["FREQ=MONTHLY;BYMONTHDAY=12", "Every month on the 12th"],
			["FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day"],
			["FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday"],
			["FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR", "Every second month on the last Friday"],
			["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "Every year on 29 February"],
			["FREQ=DAILY;COUNT=10", "Every day, 10 times"],
			["RRULE:FREQ=DAILY;UNTIL=20261224", "Every day, until 24 December 2026"],
		] as const) {
			expect(recurrenceWords(rule), rule).toBe(words);
		}
	});

	it("is told by its text where it says more than the picker knows", () => {
		for (const rule of [
			"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
			"FREQ=WEEKLY;INTERVAL=2;WKST=SU",
			"FREQ=YEARLY;BYMONTH=5",
		]) {
			expect(parseRule(rule)).toBeNull();
			expect(recurrenceWords(rule)).toBe(`By its own rule: ${rule}`);
		}
	});
});

describe("the picker's rule", () => {
	it("is written as it was read", () => {
		for (const rule of [
			"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
			"FREQ=MONTHLY;BYDAY=-1FR;COUNT=5",
			"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
			"FREQ=DAILY;UNTIL=20261224",
		]) {
			const parsed = parseRule(rule);
			expect(parsed && formatRule(parsed)).toBe(rule);
		}
	});

	it("begins with what the due date most likely means", () => {
		const due = new Date(2026, 11, 29, 12);
		expect(formatRule(ruleFor("WEEKLY", due))).toBe("FREQ=WEEKLY;BYDAY=TU");
		expect(formatRule(ruleFor("MONTHLY", due))).toBe("FREQ=MONTHLY;BYMONTHDAY=29");
		expect(formatRule(ruleFor("YEARLY", due))).toBe("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=29");
		expect([nthOf(due), nthOf(new Date(2026, 11, 8))]).toEqual([-1, 2]);
	});

	it("refuses what is no rule", () => {
		for (const rule of [
			"",
			"INTERVAL=2",
			"FREQ=HOURLY",
			"FREQ=DAILY;INTERVAL=0",
			"FREQ=WEEKLY;BYDAY=0MO",
			"FREQ=DAILY;UNTIL=soon",
		]) {
			expect(parseRule(rule), rule).toBeNull();
		}
	});
});
