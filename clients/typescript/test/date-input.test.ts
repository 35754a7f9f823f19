import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { fromInputValue, toInputValue } from "../src/index.js";

const ZONES = [
	"UTC",
	"Europe/Berlin",
	"America/New_York",
	"America/St_Johns",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Australia/Lord_Howe",
	"Pacific/Apia",
	"Pacific/Chatham",
	"Africa/Casablanca",
];

describe("a time", () => {
	it.each(ZONES)(
		"goes into an input and comes back the same in %s, on any day and around each change",
		(timeZone) => {
			const DAY = 86_400_000;
			const iso = (at: number) => new Date(at).toISOString().replace(".000Z", "Z");
			const shown = (at: number) => toInputValue(iso(at), { timeZone });
			const first = new Map<string, number>();
			let changes = 0;
			for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2027, 0, 1); day += DAY) {
				const changed = shown(day).slice(11) !== shown(day + DAY).slice(11);
				if (changed) changes += 1;
				for (let at = day; at < day + DAY; at += changed ? DAY / 48 : DAY) {
					const value = shown(at);
					const earlier = first.get(value);
					first.set(value, earlier ?? at);
					const fold = earlier === undefined ? "earlier" : "later";
					expect(fromInputValue(value, { timeZone, fold })).toBe(iso(at));
					if (earlier !== undefined) expect(fromInputValue(value, { timeZone })).toBe(iso(earlier));
				}
			}
			expect(changes).toBe(
				["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia"].includes(timeZone) ? 0 : 2,
			);
		},
	);

	it("is shown as the clock on the wall there shows it", () => {
		const shown = (timeZone: string) => toInputValue("2026-07-01T12:34:56.789+02:00", { timeZone });
		expect(shown("UTC")).toBe("2026-07-01T10:34");
		expect(shown("Europe/Berlin")).toBe("2026-07-01T12:34");
		expect(shown("America/St_Johns")).toBe("2026-07-01T08:04");
		expect(shown("Asia/Kathmandu")).toBe("2026-07-01T16:19");
		expect(shown("Pacific/Apia")).toBe("2026-07-01T23:34");
	});

	it("that the clocks leave out in spring is read as if they had been set forward later", () => {
		const timeZone = "Europe/Berlin";
		expect(fromInputValue("2026-03-29T02:30", { timeZone })).toBe("2026-03-29T01:30:00Z");
		expect(toInputValue("2026-03-29T01:30:00Z", { timeZone })).toBe("2026-03-29T03:30");
		expect(fromInputValue("2026-03-08T02:30", { timeZone: "America/New_York" })).toBe("2026-03-08T07:30:00Z");
	});

	it("that the clocks show twice in autumn is the earlier one, or the later one when asked", () => {
		const timeZone = "Europe/Berlin";
		expect(fromInputValue("2026-10-25T02:30", { timeZone })).toBe("2026-10-25T00:30:00Z");
		expect(fromInputValue("2026-10-25T02:30", { timeZone, fold: "later" })).toBe("2026-10-25T01:30:00Z");
		const there = { timeZone: "Australia/Lord_Howe" };
		expect(fromInputValue("2026-04-05T01:45", there)).toBe("2026-04-04T14:45:00Z");
		expect(fromInputValue("2026-04-05T01:45", { ...there, fold: "later" })).toBe("2026-04-04T15:15:00Z");
	});

	it("of a day that a zone has skipped is read as the next day there", () => {
		// Samoa went from the 29th of December 2011 to the 31st.
		const timeZone = "Pacific/Apia";
		expect(fromInputValue("2011-12-29T23:30", { timeZone })).toBe("2011-12-30T09:30:00Z");
		expect(toInputValue("2011-12-30T10:00:00Z", { timeZone })).toBe("2011-12-31T00:00");
		expect(fromInputValue("2011-12-30T12:00", { timeZone })).toBe("2011-12-30T22:00:00Z");
	});
});

describe("a date", () => {
	it.each(ZONES)("comes back the same in %s, whichever time of it is meant", (timeZone) => {
		for (const date of ["2026-01-01", "2026-02-28", "2028-02-29", "2026-03-29", "2026-10-25", "2026-12-31"]) {
			for (const at of ["00:00", "12:00", "23:59"]) {
				const instant = fromInputValue(date, { kind: "date", timeZone, at });
				expect(toInputValue(instant, { kind: "date", timeZone })).toBe(date);
			}
		}
	});

	it("begins at midnight of its zone unless told", () => {
		const kind = "date";
		expect(fromInputValue("2026-03-01", { kind, timeZone: "Asia/Kolkata" })).toBe("2026-02-28T18:30:00Z");
		expect(fromInputValue("2026-03-01", { kind, timeZone: "America/New_York", at: "17:00" })).toBe(
			"2026-03-01T22:00:00Z",
		);
	});
});

describe("what is no time", () => {
	it("is the empty input when there is none, and no time when the input is empty", () => {
		expect(toInputValue(null)).toBe("");
		expect(toInputValue(undefined)).toBe("");
		expect(fromInputValue("")).toBeNull();
		expect(fromInputValue("", { kind: "date" })).toBeNull();
	});

	it.each([
		"2026-02-30T10:00",
		"2026-13-01T10:00",
		"2026-01-01T24:30",
		"2026-01-01",
		"soon",
		"2026-01-01T10:00Z",
	])("is refused: %s", (value) => {
		expect(() => fromInputValue(value)).toThrow(RangeError);
	});

	it("is refused in the other direction, too, and where there is no such zone", () => {
		expect(() => toInputValue("yesterday")).toThrow(RangeError);
		expect(() => toInputValue("2026-01-01T10:00:00Z", { timeZone: "Europe/Atlantis" })).toThrow(RangeError);
		expect(() => fromInputValue("10:00", { kind: "date" })).toThrow(RangeError);
	});
});

describe("the machine's own zone", () => {
	let program = "";
	beforeAll(async () => {
		const contents = `import { fromInputValue, toInputValue } from "./date-input.ts";
			const instant = fromInputValue("2026-07-01T09:30");
			console.log(JSON.stringify([instant, toInputValue(instant), fromInputValue("2026-07-01", { kind: "date" })]));`;
		const resolveDir = fileURLToPath(new URL("../src", import.meta.url));
		const { outputFiles } = await build({
			stdin: { contents, resolveDir, loader: "ts" },
			bundle: true,
			write: false,
			format: "esm",
		});
		program = outputFiles[0]?.text ?? "";
	});

	it.each([
		["UTC", "2026-07-01T09:30:00Z", "2026-07-01T00:00:00Z"],
		["Europe/Berlin", "2026-07-01T07:30:00Z", "2026-06-30T22:00:00Z"],
		["America/St_Johns", "2026-07-01T12:00:00Z", "2026-07-01T02:30:00Z"],
		["Pacific/Chatham", "2026-06-30T20:45:00Z", "2026-06-30T11:15:00Z"],
	])("is meant where none is named: %s", (TZ, time, date) => {
		const arguments_ = ["--input-type=module", "--eval", program];
		const { stdout, stderr } = spawnSync(process.execPath, arguments_, { env: { TZ }, encoding: "utf8" });
		expect(stderr).toBe("");
		expect(JSON.parse(stdout)).toEqual([time, "2026-07-01T09:30", date]);
	});
});
