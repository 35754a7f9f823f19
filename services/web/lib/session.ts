import { headers } from "next/headers";
import { cache } from "react";
import { auth } from "./auth";

/** Who is signed in, for a page on the server; null for nobody. Asked once for each request, by layout and page together. */
export const currentSession = cache(async () => {
	// First of all: it tells `next build` that the page is made for each request, before the settings are asked for.
	const requestHeaders = await headers();
	return auth().api.getSession({ headers: requestHeaders });
});
