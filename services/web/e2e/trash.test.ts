import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;

beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	await Promise.all([
		ann.has(
			{ title: "Old rope" },
			{ title: "Rusty nail" },
			{ title: "Bent spoon" },
			{ title: "Good hammer" },
		),
		bob.has({ title: "Bob's rubbish" }),
	]);
	for (const [person, titles] of [
		[ann, ["Old rope", "Rusty nail", "Bent spoon"]],
		[bob, ["Bob's rubbish"]],
	] as const) {
		for (const title of titles) {
			const task = await person.stored(title);
			expect((await person.api("DELETE", `me/tasks/${task?.id}`)).status).toBe(204);
		}
	}
});

describe("the trash", () => {
	const deleted = (person: Person) =>
		person.page
			.getByRole("region", { name: "Deleted tasks" })
			.getByRole("listitem")
			.evaluateAll((rows) => rows.map((row) => row.querySelector("p")?.textContent).sort());

	it("holds what was deleted, of each user their own", async () => {
		await Promise.all([ann.open("/trash"), bob.open("/trash")]);
		await eventually(() => deleted(ann), ["Bent spoon", "Old rope", "Rusty nail"]);
		await eventually(() => deleted(bob), ["Bob's rubbish"]);
		await ann.picture("trash");
	});

	it("gives a task back as it was", async () => {
		await ann.page.getByRole("button", { name: "Restore Old rope" }).click();
		await ann.notes.getByText("Restored: Old rope").waitFor();
		await eventually(() => deleted(ann), ["Bent spoon", "Rusty nail"]);
		await ann.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tasks" }).click();
		await ann.box("Old rope").waitFor();
		await ann.page.goBack();
	});

	it("deletes one for good after it has asked, with the focus where the question is", async () => {
		await ann.page.getByRole("button", { name: "Delete for good: Rusty nail" }).click();
		await eventually(() => ann.page.evaluate(() => document.activeElement?.textContent), "Keep it");
		await ann.page.keyboard.press("Escape");
		await eventually(
			() => ann.page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
			"Delete for good: Rusty nail",
		);
		expect(await deleted(ann)).toHaveLength(2);
		await ann.page.keyboard.press("Enter");
		await ann.page.keyboard.press("Shift+Tab");
		await ann.page.keyboard.press("Enter");
		await ann.notes.getByText("Deleted for good: Rusty nail").waitFor();
		await eventually(() => deleted(ann), ["Bent spoon"]);
		await eventually(() => ann.stored("Rusty nail"), null);
	});

	it("is emptied after it has asked, and nobody else's is", async () => {
		await ann.page.getByRole("button", { name: "Empty the trash" }).click();
		await ann.picture("trash-asking");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		await ann.page.getByRole("button", { name: "Empty it" }).click();
		await ann.page.getByText("The trash is empty").waitFor();
		expect(await ann.stored("Bent spoon")).toBeNull();
		expect(await ann.stored("Good hammer")).not.toBeNull();
		expect(await bob.stored("Bob's rubbish")).not.toBeNull();
	});
});
