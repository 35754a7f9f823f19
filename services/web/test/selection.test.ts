import { afterEach, describe, expect, it } from "vitest";
import {
	everything,
	filterCount,
	isPlain,
	readSelection,
	type Selection,
	toQuery,
	writeSelection,
} from "../lib/selection";

const TAG = "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49";
const OTHER = "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a50";
const zone = process.env.TZ;
afterEach(() => {
	process.env.TZ = zone;
});

describe("the selection in the address", () => {
	it("comes back as it was written", () => {
		const selections: Partial<Selection>[] = [
			{},
			{ search: "passport & seeds", status: "done" },
			{ priorities: ["high", "none"], due: "today", sort: "due_date", direction: "desc" },
			{ tagIds: [TAG, OTHER], tagMatch: "all", status: "all", sort: "position", direction: "asc" },
		];
		for (const part of selections) {
			const selection = { ...everything, ...part };
			expect(readSelection(writeSelection(selection))).toEqual(selection);
		}
	});

	it("is silent about what goes without saying", () => {
		expect(writeSelection(everything).toString()).toBe("");
		expect(writeSelection({ ...everything, sort: "title", direction: "asc" }).toString()).toBe("sort=title");
	});

	it("passes over what means nothing", () => {
		const address = new URLSearchParams(
			"status=open&priority=urgent&priority=low&tag=x&due=never&sort=__proto__&order=up",
		);
		expect(readSelection(address)).toEqual({ ...everything, priorities: ["low"] });
	});
});

describe("the query for a selection", () => {
	it("asks for open ones, newest first, unless told otherwise", () => {
		expect(toQuery(everything, new Date())).toEqual({
			sort_by: "created_at",
			order: "desc",
			status: "incomplete",
		});
	});

	it("means by today the day of the browser's own zone", () => {
		for (const [tz, first, end] of [
			["Pacific/Auckland", "2026-05-03T11:59:59.999Z", "2026-05-04T12:00:00.000Z"],
			["America/Los_Angeles", "2026-05-03T06:59:59.999Z", "2026-05-04T07:00:00.000Z"],
		] as const) {
			process.env.TZ = tz;
			const query = toQuery({ ...everything, due: "today" }, new Date("2026-05-03T22:30:00Z"));
			expect([query.due_after, query.due_before]).toEqual([first, end]);
		}
	});

	it("has seven days in a week, also when the clock is changed in it", () => {
		process.env.TZ = "Europe/Berlin";
		const query = toQuery({ ...everything, due: "week" }, new Date("2026-03-27T12:00:00Z"));
		expect([query.due_after, query.due_before]).toEqual([
			"2026-03-26T22:59:59.999Z",
			"2026-04-02T22:00:00.000Z",
		]);
	});

	it("asks for all or any of the tags", () => {
		const query = toQuery(
			{ ...everything, tagIds: [TAG, OTHER], tagMatch: "all", status: "all" },
			new Date(),
		);
		expect(query).toMatchObject({ tag_id: [TAG, OTHER], tag_match: "all" });
		expect(query.status).toBeUndefined();
	});
});

it("is plain without search and filters, which are counted", () => {
	expect(isPlain({ ...everything, status: "done", sort: "title" })).toBe(true);
	expect(isPlain({ ...everything, search: "x" })).toBe(false);
	expect(filterCount({ ...everything, priorities: ["low", "high"], tagIds: [TAG], due: "today" })).toBe(4);
});
