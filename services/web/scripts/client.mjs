// Makes sure that `@drawbridge/client`, a link into clients/typescript, can be imported: its own dependencies are installed and
// its `dist` is newer than its sources. npm follows the link but installs nothing behind it. Costs nothing when all is there.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const client = fileURLToPath(new URL("../../../clients/typescript/", import.meta.url));
const changed = (name) => statSync(path.join(client, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changed("node_modules/.package-lock.json") < changed("package-lock.json")) npm("ci");

const sources = readdirSync(path.join(client, "src"), { recursive: true }).map((name) => `src/${name}`);
const newest = Math.max(...["package.json", "tsconfig.json", "tsconfig.build.json", ...sources].map(changed));
// The last file that the build writes, and always written: an interrupted build is not taken for a finished one.
if (changed("dist/schema.d.ts") < newest) npm("run", "build");

function npm(...args) {
	const cli = process.env.npm_execpath;
	const [command, shell] = cli ? [process.execPath, false] : ["npm", process.platform === "win32"];
	const { status } = spawnSync(command, [...(cli ? [cli] : []), ...args], {
		cwd: client,
		stdio: "inherit",
		shell,
	});
	if (status !== 0) process.exit(status ?? 1);
}
