import { authClient } from "./auth-client";
import { forgetDrafts } from "./draft";
import type { Workspace } from "./workspace";

/** Ends the session, and with it all that this page knows. False where the sign-in service gave no answer. */
export async function signOut({ drawbridge, user }: Workspace): Promise<boolean> {
	const { error } = await authClient.signOut().catch((cause: unknown) => ({ error: cause }));
	if (error) return false;
	leave(drawbridge, user.id);
	return true;
}

export function leave({ tokens }: Workspace["drawbridge"], userId: string) {
	tokens.clear();
	forgetDrafts(userId);
	// Not the router: with the document goes all that it has in memory.
	window.location.assign("/");
}
