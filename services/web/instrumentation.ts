/** Next calls this once, before the server takes its first request. */
export async function register() {
	if (process.env.NEXT_RUNTIME !== "nodejs") return;
	const { checkStart } = await import("./lib/start");
	checkStart();
}
