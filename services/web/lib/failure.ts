import { ProblemError, SignedOutError, UnavailableError } from "@drawbridge/client";

/** What went wrong, in words for the person in front of the screen. */
export interface Failure {
	title: string;
	advice: string;
	/** What helps: trying again (it may pass by itself), signing in, loading the page anew, or nothing that we know of. */
	remedy: "retry" | "sign-in" | "reload" | "none";
	/** In how many seconds trying again makes sense, where the server said so. */
	retryAfter: number | null;
}

export function describeFailure(error: unknown): Failure {
	if (error instanceof SignedOutError) {
		if (error.reason === "user_changed") {
			return failure("Somebody else is signed in now", "This page was made for another account.", "reload");
		}
		return failure("Your session has ended", "Sign in again to go on where you were.", "sign-in");
	}
	if (error instanceof UnavailableError) {
		const title =
			error.service === "api" ? "The task service cannot be reached" : "The sign-in service gives no answer";
		return failure(title, "Your tasks are safe.", "retry", error.retryAfter);
	}
	if (error instanceof ProblemError) {
		if (error.status === 422) {
			const details = error.errors.map(({ pointer, detail }) => sentence(`${fieldName(pointer)}${detail}`));
			return failure("That was not accepted", details.join(" ") || sentence(error.detail), "none");
		}
		if (isTaskGone(error)) {
			return failure("That task is gone", "It was deleted elsewhere, in another tab perhaps.", "reload");
		}
		// Not the API (`http_404`), or not where it begins: tasks are safe, and trying again does not help.
		if (error.code === "path_not_found" || error.code === "http_404") {
			return failure(
				"There is no task service at the address that this app has for it",
				"Whoever runs this app has to correct NEXT_PUBLIC_API_URL: the API's address, without /api/v1.",
				"none",
			);
		}
		const advice = sentence(error.detail) + (error.requestId ? ` Request ${error.requestId}.` : "");
		if (error.status === 429 || error.status >= 500) {
			return failure("The task service cannot do this now", advice, "retry", error.retryAfter);
		}
		if (error.status === 401) {
			return failure("The task service does not accept your sign-in", advice, "sign-in");
		}
		return failure(error.title, advice, "none");
	}
	return failure(
		"Something unexpected happened",
		"Load the page again; the browser's console says more.",
		"reload",
	);
}

/** Whether the API says that there is no such task; a 404 alone may come from anybody. */
export function isTaskGone(error: unknown): boolean {
	return error instanceof ProblemError && error.code === "task_not_found";
}

function failure(
	title: string,
	advice: string,
	remedy: Failure["remedy"],
	retryAfter: number | null = null,
): Failure {
	return { title, advice, remedy, retryAfter };
}

/** `/reminder_at` as "Reminder at: "; nothing for the body as a whole. */
function fieldName(pointer: string): string {
	const [, name = ""] = pointer.split("/");
	return name === "" ? "" : `${name.replaceAll("_", " ")}: `;
}

function sentence(text: string): string {
	const trimmed = text.trim();
	if (trimmed === "") return "";
	const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
	return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** How long to wait before the next attempt to load, in seconds: longer each time, never longer than half a minute. */
export function pauseBefore(attempt: number, retryAfter: number | null): number {
	return Math.min(30, Math.max(retryAfter ?? 0, 2 ** Math.min(attempt, 5)));
}
