import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { sql } from "./stack";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	await Promise.all([
		ann.has(
			{
				title: "Write the will",
				priority: "high",
				tags: [{ name: "Papers" }],
				due_date: "2020-01-01T12:00:00Z",
			},
			{ title: "Sharpen the quill", completed: true },
			{ title: "Press the seal" },
		),
		bob.has({ title: "Bob's secret" }),
	]);
});

describe("statistics", () => {
	it("count one's own tasks, in a picture and in a table that says the same", async () => {
		await ann.open("/statistics");
		for (const [name, value] of [
			["Open", "2"],
			["Overdue", "1"],
			["Done", "1"],
		] as const) {
			const figure = ann.page.locator("dl > div").filter({ has: ann.page.getByText(name, { exact: true }) });
			await eventually(() => figure.getByRole("definition").textContent(), value);
		}
		await ann.page.getByText("3 written, 1 done").waitFor();
		await ann.page.getByText("As a table").click();
		const today = ann.page.getByRole("table").getByRole("row").nth(1);
		expect((await today.getByRole("cell").allTextContents()).slice(0, 1)).toEqual(["3"]);
		await ann.picture("statistics", { fullPage: true });
		await bob.open("/statistics");
		await bob.page.getByText("1 written, 0 done").waitFor();
	});

	it("of nothing say so", async () => {
		const fresh = await member("Fresh");
		await fresh.open("/statistics");
		await fresh.page.getByText("Nothing to count yet").waitFor();
	});
});

describe("export and import", () => {
	let file: string;

	it("gives a file of all that is one's own, and of nobody else's", async () => {
		await ann.open("/settings");
		await ann.picture("settings", { fullPage: true });
		const [download] = await Promise.all([
			ann.page.waitForEvent("download"),
			ann.page.getByRole("button", { name: "Export" }).click(),
		]);
		await ann.notes.getByText("Exported:").waitFor();
		file = await readFile(await download.path(), "utf8");
		expect(download.suggestedFilename()).toMatch(/\.ndjson$/);
		for (const title of ["Write the will", "Sharpen the quill", "Press the seal"])
			expect(file).toContain(title);
		expect(file).not.toContain("Bob's secret");
	});

	it("tries a file without keeping anything of it", async () => {
		await bob.open("/settings");
		await bob.page
			.getByLabel("File", { exact: true })
			.setInputFiles({ name: "mine.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(file) });
		await bob.page.getByRole("button", { name: "Check the file" }).click();
		await bob.page.getByText("The file is good: 3 tasks and 1 tag. Nothing was changed yet.").waitFor();
		expect(await bob.stored("Write the will")).toBeNull();
	});

	it("brings it in, beside what is there and for whoever imports it", async () => {
		await bob.page.getByRole("button", { name: "Import", exact: true }).click();
		await bob.page.getByText("Imported 3 tasks and 1 tag.").waitFor();
		expect(await bob.stored("Write the will")).toMatchObject({
			priority: "high",
			tags: [{ name: "Papers" }],
		});
		expect(await bob.stored("Bob's secret")).not.toBeNull();
		const [mine, theirs] = [await ann.stored("Write the will"), await bob.stored("Write the will")];
		const gone = await bob.api("DELETE", `me/tasks/${theirs?.id}`);
		expect(gone.status).toBe(204);
		expect((await ann.stored("Write the will"))?.deleted_at).toBeNull();
		expect(mine?.version).toBe((await ann.stored("Write the will"))?.version);
	});

	it("of a big file shows how far it is", async () => {
		const max = await member("Max");
		await max.has(...Array.from({ length: 800 }, (_, number) => ({ title: `Page ${number + 1}` })));
		const exported = await (await max.api("GET", "me/export")).text();
		await max.open("/settings");
		await max.page.getByLabel("File", { exact: true }).setInputFiles({
			name: "pages.ndjson",
			mimeType: "application/x-ndjson",
			buffer: Buffer.from(exported),
		});
		await max.page.getByLabel("Replace what is here").check();
		await max.page.getByRole("button", { name: "Import…" }).click();
		await max.page.getByText("Replace all that is here?").waitFor();
		const [bar] = await Promise.all([
			max.page.getByRole("progressbar", { name: "Importing" }).elementHandle(),
			max.page.getByRole("button", { name: "Replace it" }).click(),
		]);
		expect(bar).not.toBeNull();
		await max.page.getByText("Imported 800 tasks and 0 tags.").waitFor();
		await max.open();
		await max.page.getByText("800 open").waitFor();
	});

	it("of a file with faults keeps nothing, and names each by its line", async () => {
		const lines = file.trim().split("\n");
		// Below the header, and above the line that ends it.
		const will = lines.findIndex((line) => line.includes("Write the will"));
		const broken = lines
			.with(will, lines[will]?.replace("Write the will", "  ") ?? "")
			.toSpliced(1, 0, "not json");
		await ann.page.getByLabel("File", { exact: true }).setInputFiles({
			name: "broken.ndjson",
			mimeType: "application/x-ndjson",
			buffer: Buffer.from(broken.join("\n")),
		});
		await ann.page.getByRole("button", { name: "Import", exact: true }).click();
		const faults = ann.page.getByRole("alert").filter({ hasText: "Nothing was imported" });
		await faults.getByRole("cell", { name: "2", exact: true }).waitFor();
		await faults.getByRole("cell", { name: String(will + 2), exact: true }).waitFor();
		await ann.picture("import-faults", { fullPage: true });
		expect(await accessibilityFaults(ann.page)).toEqual([]);
	});
});

describe("the colours", () => {
	it("are what one has chosen, on the next page from its first moment", async () => {
		await ann.page.getByLabel("Dark", { exact: true }).check();
		await eventually(() => ann.page.evaluate(() => document.documentElement.dataset.theme), "dark");
		const html = await (await ann.context.request.get(ann.page.url())).text();
		expect(html).toMatch(/<html[^>]*data-theme="dark"/);
		await ann.page.getByLabel("As the system").check();
		await eventually(() => ann.page.evaluate(() => document.documentElement.dataset.theme ?? null), null);
	});
});

describe("deleting one's account", () => {
	const start = async () => {
		await ann.page.getByRole("button", { name: "Delete my account…" }).click();
		await ann.page.getByLabel(/^To confirm, type/).fill(ann.email);
	};

	it("wants the right password, and has deleted nothing until then", async () => {
		await ann.open("/settings");
		await ann.page.getByRole("button", { name: "Delete my account…" }).click();
		const sure = ann.page.getByRole("button", { name: "Delete everything" });
		await ann.page.getByLabel("Password").fill("not my password");
		expect(await sure.isDisabled()).toBe(true);
		await ann.page.getByRole("button", { name: "Keep my account" }).click();
		await start();
		await ann.page.getByLabel("Password").fill("not my password");
		await sure.click();
		await ann.page.getByText("This is not your password.").waitFor();
		await ann.picture("delete-account", { fullPage: true });
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		expect(await ann.stored("Press the seal")).not.toBeNull();
	});

	it("takes the user, all that was theirs, and nothing of anybody else", async () => {
		const { uuid } = ann.claims;
		const left = async () =>
			Promise.all(
				[
					`SELECT count(*)::int AS n FROM auth."user" WHERE email = '${ann.email}'`,
					`SELECT count(*)::int AS n FROM app.tasks WHERE user_id = '${uuid}'`,
					`SELECT count(*)::int AS n FROM app.tags WHERE user_id = '${uuid}'`,
				].map(async (statement) => (await sql(statement))[0].n),
			);
		expect(await left()).toEqual([1, 3, 1]);
		await ann.page.getByLabel("Password").fill(ann.password);
		await ann.page.getByRole("button", { name: "Delete everything" }).click();
		await ann.page.getByRole("heading", { name: "How you get across" }).waitFor();
		expect(await left()).toEqual([0, 0, 0]);
		expect(await bob.stored("Bob's secret")).not.toBeNull();
		await ann.open("/sign-in");
		await ann.fillCredentials();
		await ann.page.getByRole("button", { name: "Sign in" }).click();
		await ann.page.getByText("No account has this e-mail address and password.").waitFor();
	});
});
