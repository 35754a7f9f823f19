import { SignedOutError } from "@drawbridge/client";
import { describeFailure } from "./failure";
import { toasts } from "./toasts";

/** Tells that something on the page did not go through, and offers to try again where that may help. */
export function reportFailure(about: string, error: unknown, again?: () => unknown) {
	// The dialog of the session gate says it already.
	if (error instanceof SignedOutError && error.reason === "cleared") return;
	const { title, advice, remedy } = describeFailure(error);
	toasts.show({
		kind: "failed",
		text: about,
		detail: `${title}. ${advice}`,
		...(again && remedy !== "reload" ? { action: { label: "Try again", run: () => void again() } } : {}),
		...(remedy === "reload"
			? { action: { label: "Load the page again", run: () => window.location.reload() } }
			: {}),
	});
}
