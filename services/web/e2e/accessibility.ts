import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core finds serious or critical, in both themes, with the place of each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = new Set<string>();
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
		const violations = await page.evaluate(async () => {
			// Colours change gently; they are judged when they have.
			await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
			const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
				resultTypes: ["violations"],
			});
			return violations
				.filter(({ impact }) => impact === "serious" || impact === "critical")
				.flatMap(({ id, nodes }) =>
					nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
				);
		});
		for (const violation of violations) found.add(`${colorScheme}: ${violation}`);
	}
	await page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
	return [...found];
}
