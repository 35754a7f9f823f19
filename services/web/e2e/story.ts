import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { Person } from "./person";
import { secretsInLogs, secretsLeftBy } from "./secrets";
import { startBrowser } from "./stack";

/**
 * A browser for one file of tests, and the people in it. When they are done, whatever the story was about, no page may have
 * complained, and neither a page nor a server may have kept or told a secret.
 */
export function story() {
	let browser: Browser;
	const people: Person[] = [];

	beforeAll(async () => {
		browser = await startBrowser();
	});

	// What comes after a failure begins where nobody has been yet: it would only wait, and say little.
	let failed = false;
	beforeEach(({ skip }) => {
		if (failed) skip("the story has failed above");
	});
	afterEach(({ task }) => {
		failed ||= task.result?.state === "fail";
	});

	afterAll(async () => {
		try {
			const left = [];
			for (const person of people) left.push(...(await secretsLeftBy(person)));
			left.push(...(await secretsInLogs(people)));
			expect(left, "what is kept or told of tokens and passwords").toEqual([]);
			const complaints = people.flatMap(({ name, complaints }) =>
				complaints.map((text) => `${name}: ${text}`),
			);
			expect(complaints, "what the pages complain of").toEqual([]);
		} finally {
			await browser?.close();
		}
	});

	const noted = async (person: Promise<Person>) => {
		people.push(await person);
		return person;
	};
	return {
		/** Somebody with an empty browser, at no page. */
		visitor: (name: string, more?: BrowserContextOptions) => noted(Person.arrive(browser, name, more)),
		/** Somebody who has an account and is signed in, at the task page. */
		member: (name: string, more?: BrowserContextOptions) => noted(Person.member(browser, name, more)),
	};
}
