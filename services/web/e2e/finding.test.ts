import { beforeAll, describe, expect, it } from "vitest";
import { eventually, type Person } from "./person";
import { webUrl } from "./stack";
import { story } from "./story";

const { member } = story();
const DAY = 86_400_000;
let ann: Person;
let bob: Person;

beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	const due = (days: number) => new Date(Date.now() + days * DAY).toISOString();
	const [home, work] = [{ name: "Home", color: "#0F6A63" }, { name: "Work" }];
	await Promise.all([
		ann.has(
			{ title: "Paint the fence", priority: "low", tags: [home] },
			{ title: "Write the report", priority: "high", tags: [work], due_date: due(3) },
			{ title: "Pay the mason", priority: "high", tags: [home, work], due_date: due(-2) },
			{ title: "Paint the boat", priority: "none", due_date: due(30) },
			{ title: "Swept the yard", completed: true },
		),
		bob.has({ title: "Paint Bob's door", tags: [{ name: "Home" }], priority: "high" }),
	]);
	await Promise.all([ann.reload(), bob.reload()]);
	await ann.box("Paint the boat").waitFor();
});

const address = () => new URL(ann.page.url()).search;

describe("searching", () => {
	it("answers while one types, by the beginnings of words, and only among one's own", async () => {
		await ann.page.keyboard.press("/");
		await ann.page.keyboard.type("pain", { delay: 30 });
		await eventually(() => ann.titles(), ["Paint the boat", "Paint the fence"]);
		await eventually(address, "?q=pain");
		await ann.page.keyboard.type("t fen");
		await eventually(() => ann.titles(), ["Paint the fence"]);
		await bob.page.getByRole("searchbox", { name: "Search" }).fill("fence");
		await bob.page.getByText("Nothing here").waitFor();
	});

	it("for what there is not says so, and leads back", async () => {
		await ann.page.getByRole("searchbox", { name: "Search" }).fill("drawbridge");
		await ann.page.getByText("Nothing here").waitFor();
		await ann.picture("no-matches");
		await ann.page.getByRole("button", { name: "Show all open tasks" }).click();
		await eventually(async () => (await ann.titles()).length, 4);
		expect(await ann.page.getByRole("searchbox", { name: "Search" }).inputValue()).toBe("");
		expect(address()).toBe("");
	});

	it("sends what was typed as text, whatever it looks like", async () => {
		for (const text of ["%", "' OR 1=1 --", "\\", "a & b | !c", "<script>"]) {
			await ann.page.getByRole("searchbox", { name: "Search" }).fill(text);
			await ann.page.getByText("Nothing here").waitFor();
			expect(await ann.alerts.count()).toBe(0);
			await ann.page.getByRole("button", { name: "Clear the search" }).click();
			await eventually(async () => (await ann.titles()).length, 4);
		}
	});
});

describe("filters", () => {
	it("by priority, tag and day narrow the list, and stand in the address", async () => {
		await ann.page.getByRole("button", { name: "Filters" }).click();
		await ann.page.getByLabel("High priority").click();
		await eventually(() => ann.titles(), ["Pay the mason", "Write the report"]);
		await ann.page.getByRole("search").getByRole("checkbox", { name: "Home" }).click();
		await eventually(() => ann.titles(), ["Pay the mason"]);
		await ann.picture("filters");
		await ann.page.getByLabel("Overdue").click();
		await eventually(() => ann.titles(), ["Pay the mason"]);
		await ann.page.getByLabel("Due in the next 7 days").click();
		await ann.page.getByText("Nothing here").waitFor();
		expect(address()).toMatch(/^\?priority=high&tag=[\da-f-]{36}&due=week$/);
	});

	it("are taken back one by one by the browser's own button", async () => {
		await ann.page.goBack();
		await eventually(() => ann.titles(), ["Pay the mason"]);
		await ann.page.goBack();
		await ann.page.goBack();
		await eventually(() => ann.titles(), ["Pay the mason", "Write the report"]);
	});

	it("come with the address, for whoever may see them: another user sees their own", async () => {
		const link = `/${address()}`;
		await ann.open(link);
		await eventually(() => ann.titles(), ["Pay the mason", "Write the report"]);
		await bob.open(link);
		await eventually(() => bob.titles(), ["Paint Bob's door"]);
	});

	it("go one by one, each by its own button", async () => {
		await ann.page.getByRole("button", { name: "Remove filter High priority" }).click();
		await eventually(async () => (await ann.titles()).length, 4);
		expect(address()).toBe("");
	});

	it("tell open, done and all apart", async () => {
		await ann.page.getByLabel("Done", { exact: true }).click();
		await eventually(() => ann.titles(), ["Swept the yard"]);
		await ann.page.getByLabel("All", { exact: true }).click();
		await eventually(async () => (await ann.titles()).length, 5);
		await ann.page.getByLabel("Open", { exact: true }).click();
		await eventually(async () => (await ann.titles()).length, 4);
	});

	it("that an old or hand-written address has wrong are passed over", async () => {
		await ann.open(
			"/?status=finished&priority=urgent&tag=Home&due=someday&sort=colour&order=sideways&page=NaN",
		);
		await eventually(async () => (await ann.titles()).length, 4);
		expect(await ann.alerts.count()).toBe(0);
		await ann.open();
	});
});

describe("the order", () => {
	it("is by what one wants, either way round, and tasks without a date come last", async () => {
		const sort = ann.page.getByLabel("Sort by");
		await sort.selectOption("Title");
		const byTitle = ["Paint the boat", "Paint the fence", "Pay the mason", "Write the report"];
		await eventually(() => ann.titles(), byTitle);
		await ann.page.getByRole("button", { name: "Ascending. Turn around" }).click();
		await eventually(() => ann.titles(), byTitle.toReversed());
		await sort.selectOption("Due date");
		await eventually(
			() => ann.titles(),
			["Pay the mason", "Write the report", "Paint the boat", "Paint the fence"],
		);
		await sort.selectOption("Priority");
		await eventually(async () => (await ann.titles()).slice(2), ["Paint the fence", "Paint the boat"]);
		expect(address()).toBe("?sort=priority");
		await ann.reload();
		await eventually(async () => (await ann.titles()).slice(2), ["Paint the fence", "Paint the boat"]);
	});
});

describe("one's own order", () => {
	it("begins as the tasks came", async () => {
		await ann.open("/?sort=position");
		await eventually(
			() => ann.titles(),
			["Paint the fence", "Write the report", "Pay the mason", "Paint the boat"],
		);
	});

	it("is made by the keyboard, and told to who does not see it", async () => {
		await ann.page.keyboard.press("j");
		await ann.page.keyboard.press("Alt+ArrowDown");
		const moved = ["Write the report", "Paint the fence", "Pay the mason", "Paint the boat"];
		await eventually(() => ann.titles(), moved);
		await ann.page.getByText("Moved Paint the fence after Write the report").waitFor({ state: "attached" });
		await ann.reload();
		await eventually(() => ann.titles(), moved);
	});

	it("is made by dragging", async () => {
		const grip = ann.page.getByRole("button", { name: "Drag Paint the boat" });
		const from = await grip.boundingBox();
		const to = await ann.row("Write the report").boundingBox();
		if (!from || !to) throw new Error("no place to drag from, or to");
		const { mouse } = ann.page;
		await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
		await mouse.down();
		await mouse.move(to.x + 80, to.y + to.height, { steps: 4 });
		await mouse.move(to.x + 80, to.y + 2, { steps: 4 });
		await ann.picture("dragging");
		await mouse.up();
		const moved = ["Paint the boat", "Write the report", "Paint the fence", "Pay the mason"];
		await eventually(() => ann.titles(), moved);
		await ann.reload();
		await eventually(() => ann.titles(), moved);
	});

	it("stays as it was where Escape ends the dragging", async () => {
		const before = await ann.titles();
		const grip = await ann.page.getByRole("button", { name: "Drag Paint the boat" }).boundingBox();
		if (!grip) throw new Error("nothing to drag by");
		await ann.page.mouse.move(grip.x + 5, grip.y + 10);
		await ann.page.mouse.down();
		await ann.page.mouse.move(grip.x + 80, grip.y + 150, { steps: 4 });
		await ann.page.keyboard.press("Escape");
		await ann.page.mouse.up();
		expect(await ann.titles()).toEqual(before);
	});
});

describe("a long list", () => {
	it("comes in parts as one scrolls, each task once, without the page holding them all", async () => {
		await ann.has(...Array.from({ length: 400 }, (_, number) => ({ title: `Stone ${number + 1}` })));
		await ann.page.goto(`${webUrl}/`);
		await ann.box("Stone 400").waitFor();
		const seen = new Set<string>();
		await eventually(async () => {
			for (const title of await ann.titles()) seen.add(title);
			await ann.page.mouse.wheel(0, 600);
			return seen.has("Paint the fence");
		}, true);
		expect(seen.size).toBe(404);
		expect(await ann.list.getByRole("listitem").count()).toBeLessThan(60);
		const pages = ann.urls.filter((url) => url.includes("cursor="));
		expect(new Set(pages).size).toBe(4);
	});
});
