// Better Auth as the web app runs it, without Next around it: options, pool and packages are the app's own. What a test needs
// otherwise (short lives, quick rotation) comes as CHANGES and is merged into these options.
//
// It ends when its standard input does, so it cannot outlive the test that started it.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const web = new URL("../../services/web/", import.meta.url);
const packages = createRequire(new URL("package.json", web));
const load = (name) =>
	import(name.startsWith("./") ? new URL(name, web) : pathToFileURL(packages.resolve(name)));

const { betterAuth } = await load("better-auth");
const { toNodeHandler } = await load("better-auth/node");
const { admin, jwt } = await load("better-auth/plugins");
const { getMigrations } = await load("better-auth/db/migration");
const { authOptions } = await load("./lib/auth-options.js");
const { openPool } = await load("./lib/database.js");

process.stdin.on("end", () => process.exit()).resume();

const { DATABASE_URL, BETTER_AUTH_SECRET, PORT, CHANGES, WRITTEN, MIGRATE } = process.env;
const database = openPool(DATABASE_URL);
const options = WRITTEN ? written(WRITTEN) : changed(JSON.parse(CHANGES));

// The app's own way is its script, which knows only the app's own options.
if (MIGRATE === "true") await (await getMigrations(options)).runMigrations();

let handler;
const server = createServer((request, response) => handler(request, response));
server.listen({ host: "127.0.0.1", port: Number(PORT) }, () => {
	const baseURL = `http://127.0.0.1:${server.address().port}`;
	const auth = betterAuth({ ...options, baseURL, secret: BETTER_AUTH_SECRET, trustedOrigins: [baseURL] });
	handler = toNodeHandler(auth);
	console.log(JSON.stringify({ listening: baseURL }));
});

/** The app's options and what is different today. With `admin`, the plugin of that name as well. */
function changed({ jwt: changesToPlugin = {}, admin: ofAdmin, ...changes }) {
	const options = merged(authOptions(database), changes);
	if (ofAdmin) options.plugins.push(admin(ofAdmin));
	// The plugin keeps this object and looks into it each time it signs.
	const { options: ofPlugin } = options.plugins.find(({ id }) => id === "jwt");
	Object.assign(ofPlugin, merged(ofPlugin, changesToPlugin));
	return options;
}

/** The options in `export const auth = betterAuth({ … })`, with what that code leaves to its reader. */
function written(code) {
	const [, expression] = code.split("export const auth =");
	const options = new Function("betterAuth", "jwt", `return ${expression}`)((options) => options, jwt);
	return { ...options, database, emailAndPassword: { enabled: true }, telemetry: { enabled: false } };
}

/** `two` over `one`, object by object. `null` in `two` takes away. */
function merged(one, two) {
	const isRecord = (value) => value?.constructor === Object;
	if (!isRecord(one) || !isRecord(two)) return two ?? undefined;
	const changed = Object.entries(two).map(([key, value]) => [key, merged(one[key], value)]);
	return { ...one, ...Object.fromEntries(changed) };
}
