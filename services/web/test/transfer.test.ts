import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bytesWords, countLines, faultsByLine } from "../lib/transfer/faults";
import { expected } from "../scripts/problems.mjs";

describe("what is wrong with a file", () => {
	it("is told by its line and its member", () => {
		const errors = [
			{ pointer: "/17/task/due_date", code: "x", detail: "No date." },
			{ pointer: "/3", code: "x", detail: "No JSON." },
			{ pointer: "", code: "x", detail: "Cut off." },
		] as never;
		expect(faultsByLine(errors)).toEqual([
			{ line: 17, member: "due date", text: "No date." },
			{ line: 3, member: "", text: "No JSON." },
			{ line: null, member: "", text: "Cut off." },
		]);
	});
});

it("counts lines with and without an end to the last one", async () => {
	for (const [text, lines] of [
		["", 0],
		["a\nb\n", 2],
		["a\nb", 2],
		["\n", 1],
	] as const) {
		expect(await countLines(new Blob([text])), JSON.stringify(text)).toBe(lines);
	}
});

it("says sizes in the unit that is read at a glance", () => {
	expect([999, 1_500, 2_340_000].map(bytesWords)).toEqual(["999 bytes", "2 kB", "2.3 MB"]);
});

it("knows of every problem what docs/problems.md says (else run npm run problems)", () => {
	const kept = readFileSync(new URL("../lib/problems.json", import.meta.url), "utf8");
	expect(kept).toBe(expected());
	const problems: { code: string; fix: string }[] = JSON.parse(kept);
	expect(problems.find(({ code }) => code === "token_expired")?.fix).toBeTruthy();
	expect(problems.filter(({ fix }) => fix === "")).toEqual([]);
});
